//! Secrets in Secrets Manager that hold a user name and a password, or a key and its passphrase.
//!
//! The value never passes through a plan, a log or a status: it is generated and read in `cloud`.
//! 32 alphanumeric characters, because OpenEMR's installer breaks on others (safety.md 7).

use std::time::Duration;

use crate::{
    Listing, Mutation, Owner, Refusal, ResourceType, Service, Step, Tags,
    ids::{Arn, SecretName, SecretVersion},
    ownership,
};

/// The resource type.
#[derive(Debug)]
pub struct Secret;

/// A secret as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its name, never reused.
    pub name: SecretName,
    /// What people read in the console.
    pub description: String,
    /// The key that encrypts it.
    pub kms_key_arn: Arn,
    /// The user name it holds, or the name of its key.
    pub username: String,
    /// What is made when it is created.
    pub content: Content,
    /// Its tags.
    pub tags: Tags,
}

/// What is made when a secret is created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// A password.
    #[default]
    Password,
    /// An RSA key of 2048 bits, sealed with a passphrase that stands where others have the password.
    SigningKey,
}

/// A secret as AWS has it, without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its name.
    pub name: SecretName,
    /// Its ARN.
    pub arn: Arn,
    /// Its current version; a new one means new copies.
    pub version: Option<SecretVersion>,
    /// True while it waits for its deletion.
    pub deletion_scheduled: bool,
    /// Its tags.
    pub tags: Tags,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateSecret`, with what it is to hold, made anew.
    Create(Desired),
    /// `PutSecretValue`: another password, under a version that is named here. A second call finds what the
    /// first made.
    Renew(Desired, SecretVersion),
    /// `RestoreSecret`: takes back a deletion that somebody scheduled.
    Restore(SecretName),
    /// `DeleteSecret`, with a window of 30 days.
    Delete(SecretName),
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateSecret",
            Self::Renew(..) => "PutSecretValue",
            Self::Restore(_) => "RestoreSecret",
            Self::Delete(_) => "DeleteSecret",
        }
    }

    fn target(&self) -> String {
        Secret::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!("create secret {}", desired.name),
            Self::Renew(desired, _) => format!("renew the password in secret {}", desired.name),
            Self::Restore(name) => format!("take back the deletion of secret {name}"),
            Self::Delete(name) => format!("delete secret {name} in 30 days"),
        }
    }
}

impl ResourceType for Secret {
    const NAME: &'static str = "secret";
    const SERVICE: Service = Service::SecretsManager;
    const LISTING: Listing = Listing::Pages;
    const DRIFT_WINDOW: Duration = Duration::from_mins(5);
    type Id = SecretName;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.name.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match change {
            Change::Create(desired) | Change::Renew(desired, _) => desired.name.clone(),
            Change::Restore(name) | Change::Delete(name) => name.clone(),
        }
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        Some(&observed.tags)
    }

    fn in_transition(_: &Observed) -> bool {
        false
    }
}

/// Creates the secret, or takes back its deletion. `needed_for` is set once something was made
/// with its value: a lost password is then reported, never replaced by another.
pub fn plan(
    desired: &Desired,
    observed: Option<&Observed>,
    needed_for: Option<&str>,
    owner: &Owner,
) -> Step<Change> {
    match (observed, needed_for) {
        (None, None) => Step::change(Change::Create(desired.clone())),
        (None, Some(needed_for)) => Step::refuse(
            Refusal::DATA_RESOURCE_MISSING,
            format!(
                "secret {} holds the password of {needed_for} and is gone from Secrets Manager. \
                 Create it again with the keys username and password, or set a new password on \
                 {needed_for} and store it there.",
                desired.name
            ),
        ),
        (Some(seen), _) => ownership::guard(&format!("secret {}", seen.name), &seen.tags, owner)
            .then(|| {
                if seen.deletion_scheduled {
                    Step::change(Change::Restore(seen.name.clone()))
                } else {
                    Step::Settled
                }
            }),
    }
}

/// Gives a secret that is there and this owner's another password, unless it has this version already.
pub fn renew(
    desired: &Desired,
    version: &SecretVersion,
    observed: Option<&Observed>,
    owner: &Owner,
) -> Step<Change> {
    match observed {
        Some(seen)
            if !seen.deletion_scheduled
                && seen.version.as_ref() != Some(version)
                && ownership::claim(&seen.tags, owner) == ownership::Claim::Ours =>
        {
            Step::change(Change::Renew(desired.clone(), version.clone()))
        }
        _ => Step::Settled,
    }
}

/// Schedules the deletion of the secret, if it is this owner's.
pub fn remove(observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    match observed {
        Some(seen)
            if !seen.deletion_scheduled
                && ownership::claim(&seen.tags, owner) == ownership::Claim::Ours =>
        {
            Step::change(Change::Delete(seen.name.clone()))
        }
        _ => Step::Settled,
    }
}
