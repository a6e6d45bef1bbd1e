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
    /// How recovery points in it are locked; a lock that is there and not wanted stays.
    pub lock: Option<Lock>,
    /// Its tags.
    pub tags: Tags,
}

/// Until when nobody can delete a recovery point of a vault, or keep it for less or more than so long.
/// Source: AWS Backup developer guide, "AWS Backup Vault Lock".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Least days that a recovery point is kept; jobs that ask for fewer fail.
    pub min_retention_days: Option<i64>,
    /// Most days.
    pub max_retention_days: Option<i64>,
    /// Days until nobody, AWS included, can take the lock away; never when absent. What is seen
    /// says 0, since AWS tells the date and not the days.
    pub final_after_days: Option<i64>,
}

impl Lock {
    /// Whether another lock says the same, whenever it is final.
    fn is_met_by(self, seen: Self) -> bool {
        let bounds = |lock: Self| (lock.min_retention_days, lock.max_retention_days);
        bounds(self) == bounds(seen)
            && self.final_after_days.is_some() == seen.final_after_days.is_some()
    }
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
    /// How it is locked.
    pub lock: Option<Lock>,
    /// Its tags, which no list call returns.
    pub tags: Option<Tags>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateBackupVault`.
    Create(Desired),
    /// `PutBackupVaultLockConfiguration`.
    Lock {
        /// The vault.
        name: VaultName,
        /// How it is locked from now on.
        lock: Lock,
    },
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateBackupVault",
            Self::Lock { .. } => "PutBackupVaultLockConfiguration",
        }
    }

    fn target(&self) -> String {
        BackupVault::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!("create backup vault {}", desired.name),
            Self::Lock { name, lock } => match lock.final_after_days {
                Some(days) => format!("lock backup vault {name}, for ever after {days} days"),
                None => format!("lock backup vault {name}"),
            },
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
            Change::Lock { name, .. } => name.clone(),
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
            return locked(desired, seen);
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

fn locked(desired: &Desired, seen: &Observed) -> Step<Change> {
    match (desired.lock, seen.lock) {
        (None, _) => Step::Settled,
        (Some(wanted), Some(seen)) if wanted.is_met_by(seen) => Step::Settled,
        (Some(lock), _) => Step::change(Change::Lock {
            name: desired.name.clone(),
            lock,
        }),
    }
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
            lock: None,
            tags: owner().tags(&Tags::new()),
        };
        let seen = |key: Option<&str>, tags: Option<Tags>| Observed {
            name: "emr-default".into(),
            arn: "arn".into(),
            kms_key_arn: key.map(Arn::from),
            lock: None,
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

    #[test]
    fn locked_once_and_never_unlocked() {
        let lock = |min: i64, final_after_days| Lock {
            min_retention_days: Some(min),
            max_retention_days: None,
            final_after_days,
        };
        let locks = |wanted: Option<Lock>, seen: Option<Lock>| {
            let desired = Desired {
                name: "emr-default".into(),
                kms_key_arn: "arn:key".into(),
                lock: wanted,
                tags: owner().tags(&Tags::new()),
            };
            let observed = Observed {
                name: "emr-default".into(),
                arn: "arn".into(),
                kms_key_arn: Some("arn:key".into()),
                lock: seen,
                tags: Some(desired.tags.clone()),
            };
            !plan(&desired, Some(&observed), &owner()).is_settled()
        };
        assert!(locks(Some(lock(7, None)), None));
        assert!(!locks(Some(lock(7, None)), Some(lock(7, None))));
        assert!(locks(Some(lock(7, Some(3))), Some(lock(7, None))));
        assert!(!locks(Some(lock(7, Some(3))), Some(lock(7, Some(0)))));
        assert!(locks(Some(lock(8, Some(3))), Some(lock(7, Some(0)))));
        assert!(
            !locks(None, Some(lock(7, None))),
            "taking it away is a person's act"
        );
    }
}
