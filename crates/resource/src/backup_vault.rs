//! Backup vaults: where recovery points of files lie. One a platform.
//!
//! A vault is never deleted by the operator: the recovery points in it outlive what they were taken
//! from, and AWS deletes an empty vault only. How many it holds changes by itself and is not
//! observed.

use std::time::Duration;

use crate::{
    Listing, Mutation, Owner, Refusal, ResourceType, Service, Step, Tags,
    ids::{Arn, VaultName},
    ownership,
};

/// The resource type.
#[derive(Debug)]
pub struct BackupVault;

/// A vault as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its name.
    pub name: VaultName,
    /// The key that encrypts what is in it; can't be changed later (safety.md 5).
    pub kms_key_arn: Arn,
    /// Its tags.
    pub tags: Tags,
}

/// A vault as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its name.
    pub name: VaultName,
    /// Its ARN.
    pub arn: Arn,
    /// The key that encrypts what is in it.
    pub kms_key_arn: Option<Arn>,
    /// Its tags, which no list call returns.
    pub tags: Option<Tags>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateBackupVault`.
    Create(Desired),
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateBackupVault",
        }
    }

    fn target(&self) -> String {
        BackupVault::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!("create backup vault {}", desired.name),
        }
    }
}

impl ResourceType for BackupVault {
    const NAME: &'static str = "backup-vault";
    const SERVICE: Service = Service::Backup;
    const LISTING: Listing = Listing::Pages;
    const DRIFT_WINDOW: Duration = Duration::from_mins(10);
    type Id = VaultName;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.name.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match change {
            Change::Create(desired) => desired.name.clone(),
        }
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        observed.tags.as_ref()
    }

    fn in_transition(_: &Observed) -> bool {
        false
    }

    fn lacks_details(observed: &Observed) -> bool {
        observed.tags.is_none()
    }

    fn absorb(listed: &mut Observed, known: &Observed) {
        listed.tags = listed.tags.take().or_else(|| known.tags.clone());
    }
}

/// Creates the vault.
pub fn plan(desired: &Desired, observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::change(Change::Create(desired.clone()));
    };
    let Some(tags) = &seen.tags else {
        return Step::wait(
            "ReadingBackupVault",
            format!("the tags of backup vault {} are being read", seen.name),
        );
    };
    ownership::guard(&format!("backup vault {}", seen.name), tags, owner).then(|| {
        if seen.kms_key_arn.as_ref() == Some(&desired.kms_key_arn) {
            return Step::Settled;
        }
        Step::refuse(
            Refusal::REPLACEMENT_REFUSED,
            format!(
                "the encryption key of backup vault {} is {} and can't become {}: the recovery \
                 points in it are under that key. Set it back, or name another vault.",
                seen.name,
                seen.kms_key_arn.as_ref().map_or("none", Arn::as_str),
                desired.kms_key_arn
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner() -> Owner {
        Owner {
            cluster: "clinics".into(),
            kind: "EmrPlatform".into(),
            namespace: String::new(),
            name: "default".into(),
            uid: "1".into(),
        }
    }

    #[test]
    fn created_once_and_never_replaced() {
        let desired = Desired {
            name: "emr-default".into(),
            kms_key_arn: "arn:key".into(),
            tags: owner().tags(&Tags::new()),
        };
        let seen = |key: Option<&str>, tags: Option<Tags>| Observed {
            name: "emr-default".into(),
            arn: "arn".into(),
            kms_key_arn: key.map(Arn::from),
            tags,
        };
        let ours = || Some(owner().tags(&Tags::new()));
        let step = |observed: Observed| match plan(&desired, Some(&observed), &owner()) {
            Step::Settled => "settled",
            Step::Wait(wait) => wait.reason,
            Step::Refuse(refusal) => refusal.reason,
            Step::Change(_) => "change",
        };
        assert!(matches!(plan(&desired, None, &owner()), Step::Change(_)));
        assert_eq!(step(seen(Some("arn:key"), ours())), "settled");
        assert_eq!(step(seen(Some("arn:key"), None)), "ReadingBackupVault");
        assert_eq!(
            step(seen(Some("arn:other"), ours())),
            Refusal::REPLACEMENT_REFUSED
        );
        assert_eq!(step(seen(None, ours())), Refusal::REPLACEMENT_REFUSED);
        assert_eq!(
            step(seen(Some("arn:key"), Some(Tags::new()))),
            Refusal::FOREIGN_RESOURCE
        );
    }
}
