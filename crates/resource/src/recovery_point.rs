//! Recovery points: what a backup job leaves in a vault, the files' half of a set (safety.md 2).
//!
//! They come about by jobs. One is deleted only when its own tags say that it was made for the object
//! that deletes it: those of recurring plans and of deletions expire by themselves, or never.

use jiff::Timestamp;

use crate::{
    Listing, Mutation, Owner, ResourceType, Service, Step, Tags,
    ids::{Arn, VaultName},
    ownership,
};

/// The resource type.
#[derive(Debug)]
pub struct RecoveryPoint;

/// What identifies one: AWS asks for both.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    /// The vault that it lies in.
    pub vault: VaultName,
    /// Its ARN.
    pub arn: Arn,
}

/// `vault/arn`: no vault's name has a slash.
impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.vault, self.arn)
    }
}

impl From<&str> for Id {
    fn from(text: &str) -> Self {
        let (vault, arn) = text.split_once('/').unwrap_or(("", text));
        Self {
            vault: VaultName::new(vault),
            arn: Arn::new(arn),
        }
    }
}

/// A recovery point as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// What identifies it.
    pub id: Id,
    /// What it was taken of.
    pub resource_arn: Arn,
    /// `CREATING`, `COMPLETED`, `PARTIAL`, `DELETING`, `EXPIRED`, `STOPPED`.
    pub status: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was complete.
    pub completed_at: Option<Timestamp>,
    /// Its size in bytes.
    pub bytes: Option<i64>,
    /// Its tags.
    pub tags: Tags,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `DeleteRecoveryPoint`. Refused by AWS while a lock of the vault holds it.
    Delete(Id),
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        "DeleteRecoveryPoint"
    }

    fn target(&self) -> String {
        RecoveryPoint::changed(self).to_string()
    }

    fn describe(&self) -> String {
        let Id { vault, arn } = RecoveryPoint::changed(self);
        format!("delete recovery point {arn} from vault {vault}")
    }
}

impl ResourceType for RecoveryPoint {
    const NAME: &'static str = "recovery-point";
    const SERVICE: Service = Service::Backup;
    const LISTING: Listing = Listing::Single;
    type Id = Id;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Id> {
        Some(observed.id.clone())
    }

    fn changed(change: &Change) -> Id {
        let Change::Delete(id) = change;
        id.clone()
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        Some(&observed.tags)
    }

    fn in_transition(observed: &Observed) -> bool {
        matches!(observed.status.as_str(), "CREATING" | "DELETING")
    }
}

/// Deletes a recovery point of this owner, and waits until it is gone.
pub fn remove(observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::Settled;
    };
    if ownership::claim(&seen.tags, owner) != ownership::Claim::Ours {
        return Step::Settled;
    }
    if seen.status == "DELETING" {
        return Step::wait(
            "RemovingRecoveryPoint",
            format!("AWS is removing recovery point {}", seen.id.arn),
        );
    }
    Step::change(Change::Delete(seen.id.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_goes_and_is_waited_for() {
        let owner = Owner {
            cluster: "c".into(),
            kind: "EmrBackup".into(),
            namespace: "a".into(),
            name: "b".into(),
            uid: "1".into(),
        };
        let seen = |status: &str, tags: Tags| Observed {
            id: Id {
                vault: "v".into(),
                arn: "arn".into(),
            },
            resource_arn: "arn:fs".into(),
            status: status.into(),
            created_at: Timestamp::UNIX_EPOCH,
            completed_at: None,
            bytes: None,
            tags,
        };
        let ours = owner.tags(&Tags::new());
        assert!(remove(None, &owner).is_settled());
        assert!(remove(Some(&seen("COMPLETED", Tags::new())), &owner).is_settled());
        let step = remove(Some(&seen("COMPLETED", ours.clone())), &owner);
        assert!(matches!(step, Step::Change(_)));
        assert!(matches!(
            remove(Some(&seen("DELETING", ours)), &owner),
            Step::Wait(_)
        ));
    }
}
