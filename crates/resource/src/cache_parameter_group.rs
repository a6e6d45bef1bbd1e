//! Cache parameter groups, shared by content as those of databases are: an account and region holds
//! 150. The name carries the hash of the content; other parameters mean another group, and the old
//! one goes when nobody uses it any more.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    Listing, Mutation, Refusal, ResourceType, Service, Step, Tags,
    ids::{Arn, CacheParameterGroupName},
    ownership,
};

/// `ModifyCacheParameterGroup` takes at most so many parameters. Source: ElastiCache API reference.
const PARAMETERS_A_CALL: usize = 20;

/// The resource type.
#[derive(Debug)]
pub struct CacheParameterGroup;

/// A group as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its name, derived from the rest.
    pub name: CacheParameterGroupName,
    /// `valkey8`.
    pub family: String,
    /// What people read in the console.
    pub description: String,
    /// Every parameter that is not left to the engine.
    pub parameters: BTreeMap<String, String>,
    /// Its tags: the cluster's, not an owner's.
    pub tags: Tags,
}

/// A group as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its name.
    pub name: CacheParameterGroupName,
    /// Its ARN.
    pub arn: Arn,
    /// Its family.
    pub family: String,
    /// The parameters that were set, and its tags; no list call returns them.
    pub details: Option<Details>,
}

/// What only single reads tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// The parameters that were set (source `user`).
    pub parameters: BTreeMap<String, String>,
    /// Its tags.
    pub tags: Tags,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateCacheParameterGroup`.
    Create(Desired),
    /// `ModifyCacheParameterGroup`, at most 20 parameters.
    Set {
        /// Its name.
        name: CacheParameterGroupName,
        /// The parameters to set.
        parameters: BTreeMap<String, String>,
    },
    /// `DeleteCacheParameterGroup`. AWS refuses while a cache uses it.
    Delete(CacheParameterGroupName),
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateCacheParameterGroup",
            Self::Set { .. } => "ModifyCacheParameterGroup",
            Self::Delete(_) => "DeleteCacheParameterGroup",
        }
    }

    fn target(&self) -> String {
        CacheParameterGroup::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!("create cache parameter group {}", desired.name),
            Self::Set { name, parameters } => {
                let list: Vec<_> = parameters.iter().map(|(k, v)| format!("{k}={v}")).collect();
                format!("set {} in cache parameter group {name}", list.join(", "))
            }
            Self::Delete(name) => format!("delete cache parameter group {name}"),
        }
    }
}

impl ResourceType for CacheParameterGroup {
    const NAME: &'static str = "cache-parameter-group";
    const SERVICE: Service = Service::ElastiCache;
    const LISTING: Listing = Listing::Pages;
    const DRIFT_WINDOW: Duration = Duration::from_mins(5);
    type Id = CacheParameterGroupName;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.name.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match change {
            Change::Create(desired) => desired.name.clone(),
            Change::Set { name, .. } | Change::Delete(name) => name.clone(),
        }
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        observed.details.as_ref().map(|details| &details.tags)
    }

    fn in_transition(_: &Observed) -> bool {
        false
    }

    fn lacks_details(observed: &Observed) -> bool {
        observed.details.is_none()
    }

    fn absorb(listed: &mut Observed, known: &Observed) {
        listed.details = listed.details.take().or_else(|| known.details.clone());
    }

    fn after(change: &Change, before: &Observed) -> Option<Observed> {
        let Change::Set { parameters, .. } = change else {
            return None;
        };
        let mut seen = before.clone();
        let set = &mut seen.details.as_mut()?.parameters;
        set.extend(parameters.clone());
        Some(seen)
    }
}

/// Creates the group and sets its parameters; repairs what somebody changed by hand.
pub fn plan(desired: &Desired, observed: Option<&Observed>, cluster: &str) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::change(Change::Create(desired.clone()));
    };
    let Some(details) = &seen.details else {
        return Step::wait(
            "ReadingParameters",
            format!(
                "the parameters of cache parameter group {} are being read",
                seen.name
            ),
        );
    };
    if ownership::claim_shared(&details.tags, cluster) != ownership::Claim::Ours {
        return Step::refuse(
            Refusal::FOREIGN_RESOURCE,
            format!(
                "cache parameter group {} exists and was not made by this cluster's operator. \
                 It is left alone: remove it in AWS.",
                seen.name
            ),
        );
    }
    let missing: BTreeMap<_, _> = desired
        .parameters
        .iter()
        .filter(|(name, value)| details.parameters.get(*name) != Some(value))
        .take(PARAMETERS_A_CALL)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if missing.is_empty() {
        Step::Settled
    } else {
        Step::change(Change::Set {
            name: seen.name.clone(),
            parameters: missing,
        })
    }
}

/// Deletes the group when `users`, the caches that use it, is zero.
pub fn remove_unused(observed: Option<&Observed>, cluster: &str, users: usize) -> Step<Change> {
    let ours = |details: &Details| {
        ownership::claim_shared(&details.tags, cluster) == ownership::Claim::Ours
    };
    match observed {
        Some(seen) if users == 0 && seen.details.as_ref().is_some_and(ours) => {
            Step::change(Change::Delete(seen.name.clone()))
        }
        _ => Step::Settled,
    }
}
