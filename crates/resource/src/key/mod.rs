//! Customer-managed KMS keys. They outlive everything: what a key protects, snapshots included,
//! is lost with it, so no change here disables or deletes one (safety.md 3 and 5).
//!
//! KMS has no unique names: a key is created with a tag that holds its alias, and a retry looks
//! for that tag before it creates another.

use std::time::Duration;

use crate::{
    Listing, Mutation, Owner, Refusal, ResourceType, Service, Step, Tags,
    ids::{Arn, KeyAlias, KeyId},
    ownership,
};

mod policy;

pub use policy::key_policy;

/// The tag that holds a key's alias, so that a key whose alias was not made yet is found.
pub const ALIAS_TAG: &str = "emrstack.dev/alias";

/// The resource type.
#[derive(Debug)]
pub struct Key;

/// A key as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its alias, which is its identity.
    pub alias: KeyAlias,
    /// What people read in the console.
    pub description: String,
    /// The key policy, as JSON.
    pub policy: String,
    /// Its tags, [`ALIAS_TAG`] among them.
    pub tags: Tags,
}

/// A key as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its alias, from the alias itself or from [`ALIAS_TAG`].
    pub alias: KeyAlias,
    /// Whether the alias exists.
    pub has_alias: bool,
    /// Its id.
    pub id: KeyId,
    /// What only single reads tell.
    pub details: Option<Details>,
}

/// What only single reads tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Its ARN.
    pub arn: Arn,
    /// `Enabled`, `Disabled`, `PendingDeletion`, …
    pub state: String,
    /// Whether AWS rotates it every year.
    pub rotation: bool,
    /// Its tags.
    pub tags: Tags,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateKey`.
    Create(Box<Desired>),
    /// `CreateAlias`.
    CreateAlias {
        /// The alias.
        alias: KeyAlias,
        /// The key.
        id: KeyId,
    },
    /// `EnableKeyRotation`.
    EnableRotation {
        /// The alias.
        alias: KeyAlias,
        /// The key.
        id: KeyId,
    },
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateKey",
            Self::CreateAlias { .. } => "CreateAlias",
            Self::EnableRotation { .. } => "EnableKeyRotation",
        }
    }

    fn target(&self) -> String {
        Key::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!("create KMS key {}", desired.alias),
            Self::CreateAlias { alias, id } => format!("name KMS key {id} {alias}"),
            Self::EnableRotation { alias, .. } => format!("rotate KMS key {alias} every year"),
        }
    }
}

impl ResourceType for Key {
    const NAME: &'static str = "kms-key";
    const SERVICE: Service = Service::Kms;
    const LISTING: Listing = Listing::Pages;
    const DRIFT_WINDOW: Duration = Duration::from_mins(5);
    type Id = KeyAlias;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.alias.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match change {
            Change::Create(desired) => desired.alias.clone(),
            Change::CreateAlias { alias, .. } | Change::EnableRotation { alias, .. } => {
                alias.clone()
            }
        }
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        observed.details.as_ref().map(|details| &details.tags)
    }

    fn in_transition(observed: &Observed) -> bool {
        observed
            .details
            .as_ref()
            .is_some_and(|details| details.state == "Creating")
    }

    fn lacks_details(observed: &Observed) -> bool {
        observed.details.is_none()
    }

    fn absorb(listed: &mut Observed, known: &Observed) {
        if listed.id == known.id {
            listed.details = listed.details.take().or_else(|| known.details.clone());
        }
    }

    fn after(change: &Change, before: &Observed) -> Option<Observed> {
        let mut seen = before.clone();
        match change {
            Change::CreateAlias { id, .. } if *id == seen.id => seen.has_alias = true,
            Change::EnableRotation { id, .. } if *id == seen.id => {
                seen.details.as_mut()?.rotation = true;
            }
            _ => return None,
        }
        Some(seen)
    }
}

/// Creates the key, names it and has it rotated. `recorded` is the ARN that status remembers.
pub fn plan(
    desired: &Desired,
    recorded: Option<&Arn>,
    observed: Option<&Observed>,
    owner: &Owner,
) -> Step<Change> {
    let Some(seen) = observed else {
        return match recorded {
            None => Step::change(Change::Create(Box::new(desired.clone()))),
            Some(arn) => Step::refuse(
                Refusal::KEY_UNUSABLE,
                format!(
                    "KMS key {arn} protects this object's data and its alias {} is gone. Point the \
                     alias at the key again; another key would not open the data.",
                    desired.alias
                ),
            ),
        };
    };
    let Some(details) = &seen.details else {
        return Step::wait("ReadingKey", format!("KMS key {} is being read", seen.id));
    };
    ownership::guard(&format!("KMS key {}", seen.id), &details.tags, owner)
        .then(|| match recorded {
            Some(arn) if *arn != details.arn => Step::refuse(
                Refusal::KEY_UNUSABLE,
                format!(
                    "{} leads to {} but the data is protected by {arn}. Point the alias at that \
                     key again.",
                    seen.alias, details.arn
                ),
            ),
            _ => Step::Settled,
        })
        .then(|| match details.state.as_str() {
            "Enabled" => Step::Settled,
            "Creating" => Step::wait("CreatingKey", format!("KMS key {} is being made", seen.id)),
            state => Step::refuse(
                Refusal::KEY_UNUSABLE,
                format!(
                    "KMS key {} is {state}: what it protects can't be opened. Cancel its deletion \
                     or enable it in KMS now.",
                    details.arn
                ),
            ),
        })
        .then(|| {
            let alias = (!seen.has_alias).then(|| Change::CreateAlias {
                alias: desired.alias.clone(),
                id: seen.id.clone(),
            });
            let rotation = (!details.rotation).then(|| Change::EnableRotation {
                alias: desired.alias.clone(),
                id: seen.id.clone(),
            });
            Step::changes(alias.into_iter().chain(rotation).collect())
        })
}

#[cfg(test)]
mod tests;
