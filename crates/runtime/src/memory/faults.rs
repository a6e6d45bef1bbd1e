//! Requests that are counted, and what can go wrong with them.

use std::sync::Arc;

use http::Method;

/// A mutating request that arrived, dry runs aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutation {
    /// The how-manieth since the server started, from 1.
    pub nth: usize,
    /// The process that sent it: see [`MemoryServer::process`](super::MemoryServer::process).
    pub process: Arc<str>,
    /// The HTTP method.
    pub method: Method,
    /// The plural name of the kind.
    pub plural: String,
    /// The namespace, if any.
    pub namespace: Option<String>,
    /// The name; `None` for a POST.
    pub name: Option<String>,
    /// `status`, if it is that.
    pub subresource: Option<String>,
}

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is refused with this code and does nothing.
    Refuse(u16),
    /// It is done, and answered with this code all the same.
    DoneButAnswered(u16),
    /// The connection breaks before it is done.
    LostBefore,
    /// It is done, and the connection breaks before the answer.
    LostAfter,
    /// It never arrives, and our process ends.
    CrashBefore,
    /// It is done, and our process ends before the answer.
    CrashAfter,
}
