//! The answer of every plan: nothing to do, wait, change something, or refuse.
//!
//! Steps compose: [`Step::beside`] joins what is independent, [`Step::then`] what comes after.
//! So the order in which a stack is built reads like a sentence.

use std::time::Duration;

/// What to do next. Never empty handed: `Change` holds at least one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<C> {
    /// Everything is as it should be.
    Settled,
    /// AWS is working on it.
    Wait(Wait),
    /// Mutually independent calls, to be made side by side. Not empty.
    Change(Vec<C>),
    /// It must not be done; a person decides.
    Refuse(Refusal),
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Camel-case reason for the condition: `CreatingDatabase`.
    pub reason: &'static str,
    /// One sentence for people.
    pub message: String,
    /// How long this usually takes, where that is known.
    pub usual: Option<Duration>,
}

/// Why something is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Camel-case reason for the condition: `DataResourceMissing`.
    pub reason: &'static str,
    /// What was found and what to do about it.
    pub message: String,
}

impl Refusal {
    /// A data-bearing resource that was ready once is gone (safety.md 1).
    pub const DATA_RESOURCE_MISSING: &str = "DataResourceMissing";
    /// Something of that name exists and is not ours (invariant 3).
    pub const FOREIGN_RESOURCE: &str = "ForeignResource";
    /// Ours by name, but of an object with another UID.
    pub const ORPHAN_FOUND: &str = "OrphanFound";
    /// The change would replace a resource that holds data.
    pub const REPLACEMENT_REFUSED: &str = "ReplacementRefused";
    /// The resource is in a state that only a person can mend.
    pub const RESOURCE_FAILED: &str = "ResourceFailed";
    /// What data is to be made from is not there.
    pub const SOURCE_MISSING: &str = "SourceMissing";
    /// What data is to be made from is another namespace's.
    pub const SOURCE_NOT_SHARED: &str = "SourceNotShared";
    /// A KMS key that protects data is disabled or about to be deleted (safety.md 5).
    pub const KEY_UNUSABLE: &str = "KeyUnusable";
}

impl<C> Step<C> {
    /// One change.
    pub fn change(change: C) -> Self {
        Self::Change(vec![change])
    }

    /// These changes side by side, or `Settled` when there are none.
    pub fn changes(changes: Vec<C>) -> Self {
        if changes.is_empty() {
            Self::Settled
        } else {
            Self::Change(changes)
        }
    }

    /// Wait, with a reason and a sentence.
    pub fn wait(reason: &'static str, message: impl Into<String>) -> Self {
        Self::Wait(Wait {
            reason,
            message: message.into(),
            usual: None,
        })
    }

    /// Wait, and say how long it usually takes.
    pub fn wait_usually(reason: &'static str, message: impl Into<String>, usual: Duration) -> Self {
        Self::Wait(Wait {
            reason,
            message: message.into(),
            usual: Some(usual),
        })
    }

    /// Refuse, with a reason and what to do about it.
    pub fn refuse(reason: &'static str, message: impl Into<String>) -> Self {
        Self::Refuse(Refusal {
            reason,
            message: message.into(),
        })
    }

    /// True for [`Step::Settled`].
    pub const fn is_settled(&self) -> bool {
        matches!(self, Self::Settled)
    }

    /// What comes after: `next` is asked only once `self` is settled.
    #[must_use]
    pub fn then(self, next: impl FnOnce() -> Self) -> Self {
        if self.is_settled() { next() } else { self }
    }

    /// What can be done at the same time. A refusal outweighs everything, so that nothing is
    /// changed beside it; changes outweigh waiting.
    #[must_use]
    pub fn beside(self, other: Self) -> Self {
        match (self, other) {
            (Self::Refuse(r), _) | (_, Self::Refuse(r)) => Self::Refuse(r),
            (Self::Change(mut a), Self::Change(b)) => {
                a.extend(b);
                Self::Change(a)
            }
            (Self::Change(c), _) | (_, Self::Change(c)) => Self::Change(c),
            (Self::Wait(w), _) | (_, Self::Wait(w)) => Self::Wait(w),
            (Self::Settled, Self::Settled) => Self::Settled,
        }
    }

    /// [`beside`](Self::beside) over many.
    pub fn all(steps: impl IntoIterator<Item = Self>) -> Self {
        steps.into_iter().fold(Self::Settled, Self::beside)
    }

    /// The same step over a wider type of change.
    pub fn into_step<D: From<C>>(self) -> Step<D> {
        match self {
            Self::Settled => Step::Settled,
            Self::Wait(wait) => Step::Wait(wait),
            Self::Change(changes) => Step::Change(changes.into_iter().map(D::from).collect()),
            Self::Refuse(refusal) => Step::Refuse(refusal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type S = Step<u8>;

    #[test]
    fn a_refusal_outweighs_every_change_beside_it() {
        let refuse = || S::refuse("No", "no");
        assert_eq!(S::change(1).beside(refuse()), refuse());
        assert_eq!(refuse().beside(S::change(1)), refuse());
        assert_eq!(S::all([S::Settled, S::change(1), refuse()]), refuse());
    }

    #[test]
    fn changes_join_and_outweigh_waiting() {
        assert_eq!(S::change(1).beside(S::change(2)), S::Change(vec![1, 2]));
        assert_eq!(S::wait("W", "w").beside(S::change(2)), S::change(2));
    }

    #[test]
    fn what_comes_after_waits_for_what_is_before() {
        assert_eq!(S::Settled.then(|| S::change(2)), S::change(2));
        assert_eq!(S::wait("W", "w").then(|| S::change(2)), S::wait("W", "w"));
        assert_eq!(S::change(1).then(|| S::change(2)), S::change(1));
    }
}
