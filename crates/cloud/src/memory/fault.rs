//! Calls that are counted, and what can go wrong with them.

use std::sync::Arc;

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
    /// The process that made it: see [`Memory::process`](super::Memory::process).
    pub process: Arc<str>,
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The service.
    pub service: Service,
    /// The resource type: `db-cluster`.
    pub resource_type: &'static str,
    /// The API operation: `CreateDBCluster`.
    pub operation: &'static str,
    /// What it is done to: our name.
    pub target: String,
    /// What it does, for people.
    pub describe: String,
}

/// A read that arrived.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Read {
    /// `List` or `Describe`, or the API operation where it is neither.
    pub operation: &'static str,
    /// The resource type; empty where it is none of ours.
    pub resource_type: &'static str,
    /// What is read singly.
    pub target: String,
}

/// What goes wrong with a call. A read has no effect, so before and after are the same to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is refused like this and does nothing.
    Refuse(ErrorKind),
    /// The connection breaks before it is done.
    LostBefore,
    /// It is done, and the connection breaks before the answer.
    LostAfter,
    /// It is not done, and no answer comes within the time that an attempt may take.
    TimedOutBefore,
    /// It is done, and no answer comes within the time that an attempt may take.
    TimedOutAfter,
    /// It never arrives, and our process ends.
    CrashBefore,
    /// It is done, and our process ends before the answer.
    CrashAfter,
    /// A list answers as it did the last time; with nothing if it never did. Other calls pass.
    Stale,
}

impl Fault {
    /// True when the call has its effect all the same.
    pub(super) const fn is_done(self) -> bool {
        match self {
            Self::LostAfter | Self::TimedOutAfter | Self::CrashAfter | Self::Stale => true,
            Self::Refuse(_) | Self::LostBefore | Self::TimedOutBefore | Self::CrashBefore => false,
        }
    }
}
