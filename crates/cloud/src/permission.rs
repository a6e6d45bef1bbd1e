//! Least privilege (invariant 8): every AWS action that the operator may cause is a row here, with
//! the resources and tags that bound it. The IAM policy is generated from the table.
//!
//! What is not here: `kms:DisableKey` and `kms:ScheduleKeyDeletion` (safety.md 5), anything that
//! changes trust or, but for the inline policy of roles that pods take, policies, and anything on resources that do not carry our tags, where AWS can
//! check that.

mod action;
mod evaluate;
mod policy;
mod rows;
#[cfg(test)]
mod tests;

pub use action::action;
pub use evaluate::{Request, allows};
pub use policy::{Scope, policies, policy};
pub use rows::rows;

/// One or more actions on the same resources under the same conditions.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The service's prefix: `rds`.
    pub service: &'static str,
    /// The actions, without the prefix.
    pub actions: &'static [&'static str],
    /// Resource ARNs, with `${partition}`, `${region}`, `${account}` and `${cluster}`.
    pub resources: &'static [&'static str],
    /// All of these must hold.
    pub conditions: &'static [Condition],
    /// What needs it: a call of ours, or the action that depends on it and where AWS says so.
    pub because: &'static str,
}

/// A condition on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The request tags what it makes as ours.
    RequestTag,
    /// The resource is tagged as ours.
    ResourceTag,
    /// A string of the request's context has one of these values, in which `*` is a wildcard.
    Like(&'static str, &'static [&'static str]),
    /// A flag of the request's context is set.
    True(&'static str),
    /// A role is made with the permissions boundary of the scope, where that has one.
    Boundary,
}
