//! Cache subnet groups: where the nodes of a replication group stand. One each.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    Difference, Listing, Mutation, Owner, ResourceType, Service, Step, Tags,
    ids::{Arn, CacheSubnetGroupName, SubnetId},
    ownership,
};

/// The resource type.
#[derive(Debug)]
pub struct CacheSubnetGroup;

/// A subnet group as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its name.
    pub name: CacheSubnetGroupName,
    /// What people read in the console.
    pub description: String,
    /// Its subnets.
    pub subnet_ids: BTreeSet<SubnetId>,
    /// Its tags.
    pub tags: Tags,
}

/// A subnet group as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its name.
    pub name: CacheSubnetGroupName,
    /// Its ARN.
    pub arn: Arn,
    /// Its subnets.
    pub subnet_ids: BTreeSet<SubnetId>,
    /// Its tags, which no list call returns.
    pub tags: Option<Tags>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateCacheSubnetGroup`.
    Create(Desired),
    /// `ModifyCacheSubnetGroup`.
    Modify {
        /// Its name.
        name: CacheSubnetGroupName,
        /// All of its subnets.
        subnet_ids: BTreeSet<SubnetId>,
        /// What differs.
        differences: Vec<Difference>,
    },
    /// `DeleteCacheSubnetGroup`.
    Delete(CacheSubnetGroupName),
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateCacheSubnetGroup",
            Self::Modify { .. } => "ModifyCacheSubnetGroup",
            Self::Delete(_) => "DeleteCacheSubnetGroup",
        }
    }

    fn target(&self) -> String {
        CacheSubnetGroup::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!("create cache subnet group {}", desired.name),
            Self::Modify {
                name, differences, ..
            } => {
                format!(
                    "change cache subnet group {name}: {}",
                    Difference::list(differences)
                )
            }
            Self::Delete(name) => format!("delete cache subnet group {name}"),
        }
    }
}

impl ResourceType for CacheSubnetGroup {
    const NAME: &'static str = "cache-subnet-group";
    const SERVICE: Service = Service::ElastiCache;
    const LISTING: Listing = Listing::Pages;
    const DRIFT_WINDOW: Duration = Duration::from_mins(5);
    type Id = CacheSubnetGroupName;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.name.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match change {
            Change::Create(desired) => desired.name.clone(),
            Change::Modify { name, .. } | Change::Delete(name) => name.clone(),
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

    fn after(change: &Change, before: &Observed) -> Option<Observed> {
        let Change::Modify { subnet_ids, .. } = change else {
            return None;
        };
        Some(Observed {
            subnet_ids: subnet_ids.clone(),
            ..before.clone()
        })
    }
}

/// Creates the group, or brings its subnets to the wanted ones.
pub fn plan(desired: &Desired, observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::change(Change::Create(desired.clone()));
    };
    let Some(tags) = &seen.tags else {
        return Step::wait(
            "ReadingSubnetGroup",
            format!(
                "the tags of cache subnet group {} are being read",
                seen.name
            ),
        );
    };
    ownership::guard(&format!("cache subnet group {}", seen.name), tags, owner).then(|| {
        Difference::between("subnets", &seen.subnet_ids, &desired.subnet_ids).map_or(
            Step::Settled,
            |difference| {
                Step::change(Change::Modify {
                    name: seen.name.clone(),
                    subnet_ids: desired.subnet_ids.clone(),
                    differences: vec![difference],
                })
            },
        )
    })
}

/// Deletes the group, if it is this owner's.
pub fn remove(observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    match observed {
        Some(seen)
            if seen
                .tags
                .as_ref()
                .is_some_and(|tags| ownership::claim(tags, owner) == ownership::Claim::Ours) =>
        {
            Step::change(Change::Delete(seen.name.clone()))
        }
        _ => Step::Settled,
    }
}
