//! Members of an Aurora cluster. They hold no data of their own: one that is lost is made again.

mod plan;
#[cfg(test)]
mod tests;

pub use plan::{plan, remove};

use crate::{
    Difference, Listing, Mutation, ResourceType, Service, Tags,
    db_cluster::Engine,
    ids::{Arn, DbClusterId, DbInstanceId, Zone},
};

/// The resource type.
#[derive(Debug)]
pub struct DbInstance;

/// A member as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its identifier.
    pub id: DbInstanceId,
    /// Its cluster.
    pub cluster_id: DbClusterId,
    /// The cluster's engine.
    pub engine: Engine,
    /// `db.serverless` for Serverless v2.
    pub class: String,
    /// Where to create it; AWS picks when absent. Never a reason to replace a member.
    pub zone: Option<Zone>,
    /// Who becomes the writer first, 0 to 15. With 0 or 1 a Serverless v2 reader scales with the
    /// writer. Source: Aurora user guide, "Choosing the promotion tier".
    pub promotion_tier: u8,
    /// The key that encrypts Performance Insights; `None` switches it off.
    pub performance_insights_key: Option<Arn>,
    /// Its tags.
    pub tags: Tags,
}

/// A member as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its identifier.
    pub id: DbInstanceId,
    /// Its ARN.
    pub arn: Arn,
    /// Its cluster.
    pub cluster_id: Option<DbClusterId>,
    /// `creating`, `available`, …
    pub status: String,
    /// Where it runs.
    pub zone: Option<Zone>,
    /// Who becomes the writer first.
    pub promotion_tier: u8,
    /// Whether Performance Insights is on.
    pub performance_insights: bool,
    /// Its tags.
    pub tags: Tags,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateDBInstance`.
    Create(Box<Desired>),
    /// `ModifyDBInstance`, at once.
    Modify {
        /// Its identifier.
        id: DbInstanceId,
        /// The wanted promotion tier.
        promotion_tier: u8,
        /// The wanted key of Performance Insights, or off.
        performance_insights_key: Option<Arn>,
        /// What differs.
        differences: Vec<Difference>,
    },
    /// `DeleteDBInstance`. A member of a cluster has no snapshot of its own.
    Delete(DbInstanceId),
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateDBInstance",
            Self::Modify { .. } => "ModifyDBInstance",
            Self::Delete(_) => "DeleteDBInstance",
        }
    }

    fn target(&self) -> String {
        DbInstance::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!("create DB instance {}", desired.id),
            Self::Modify {
                id, differences, ..
            } => {
                format!("change DB instance {id}: {}", Difference::list(differences))
            }
            Self::Delete(id) => format!("delete DB instance {id}"),
        }
    }
}

impl ResourceType for DbInstance {
    const NAME: &'static str = "db-instance";
    const SERVICE: Service = Service::Rds;
    const LISTING: Listing = Listing::Pages;
    type Id = DbInstanceId;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.id.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match change {
            Change::Create(desired) => desired.id.clone(),
            Change::Modify { id, .. } | Change::Delete(id) => id.clone(),
        }
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        Some(&observed.tags)
    }

    fn in_transition(observed: &Observed) -> bool {
        !matches!(observed.status.as_str(), "available" | "stopped" | "failed")
    }

    fn after(change: &Change, before: &Observed) -> Option<Observed> {
        let mut seen = before.clone();
        match change {
            Change::Create(_) => return None,
            Change::Modify {
                promotion_tier,
                performance_insights_key,
                ..
            } => {
                seen.promotion_tier = *promotion_tier;
                seen.performance_insights = performance_insights_key.is_some();
                seen.status = "modifying".into();
            }
            Change::Delete(_) => seen.status = "deleting".into(),
        }
        Some(seen)
    }
}
