//! Calls that are counted, and what can go wrong with them.

use emr_resource::{
    Service,
    ids::{AccountId, Region},
};

use crate::ErrorKind;

/// A mutating call that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The how-manieth since the beginning, from 1.
    pub nth: usize,
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The service.
    pub service: Service,
    /// The API operation: `CreateDBCluster`.
    pub operation: &'static str,
    /// What it is done to: our name.
    pub target: String,
    /// What it does, for people.
    pub describe: String,
}

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is refused like this and does nothing.
    Refuse(ErrorKind),
    /// The connection breaks before it is done.
    LostBefore,
    /// It is done, and the connection breaks before the answer.
    LostAfter,
    /// It never arrives, and our process ends.
    CrashBefore,
    /// It is done, and our process ends before the answer.
    CrashAfter,
}
