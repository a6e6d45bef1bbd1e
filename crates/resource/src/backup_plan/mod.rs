//! Backup plans: when AWS Backup takes recovery points, where they go, and for how long.
//!
//! Plans are few and shared: AWS allows 300 in an account and region and 100 selections in each, fewer
//! than there are clinics. A plan therefore selects by one tag, which every resource that it is to
//! cover carries from its creation on.
//!
//! Names of plans are not unique; the creator's request id is, and AWS answers a repeated request with
//! the plan that it made first. That id is ours, and is the identity. Source: AWS Backup API
//! reference, `CreateBackupPlan`.

mod plan;
pub mod schedule;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use plan::{plan, remove};
pub use schedule::{Schedule, TimeOfDay};

use crate::{
    Listing, Mutation, ResourceType, Service, Tags,
    ids::{Arn, BackupPlanId, BackupPlanName, BackupSelectionId, VaultName},
};

/// The resource type.
#[derive(Debug)]
pub struct BackupPlan;

/// When a recovery point is taken, and how long it is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// Its name: letters, digits, `-`, `_` and `.`, 50 at most.
    pub name: String,
    /// AWS's cron expression, in UTC: [`Schedule`].
    pub schedule: String,
    /// Where recovery points go.
    pub vault: VaultName,
    /// When they move to cold storage. AWS ignores it for what can't be kept there, as Aurora.
    pub cold_after_days: Option<i64>,
    /// When they are deleted; 90 days after they moved to cold storage, at the earliest.
    pub delete_after_days: Option<i64>,
}

/// What a plan covers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selection {
    /// The role that AWS Backup works under.
    pub role_arn: Arn,
    /// Everything that carries one of these tags with this value.
    pub tags: Vec<(String, String)>,
    /// What is named beside it; ours name nothing.
    pub resources: Vec<Arn>,
}

/// A plan as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its name, which is the creator's request id too.
    pub name: BackupPlanName,
    /// Its rules.
    pub rules: Vec<Rule>,
    /// What it covers.
    pub selection: Selection,
    /// Its tags.
    pub tags: Tags,
}

/// A plan as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The request id that it was made with.
    pub name: BackupPlanName,
    /// AWS's id.
    pub id: BackupPlanId,
    /// Its ARN.
    pub arn: Arn,
    /// Of another version, its rules are others.
    pub version: String,
    /// What no list call returns.
    pub details: Option<Details>,
}

/// What no list call returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Its rules.
    pub rules: Vec<Rule>,
    /// What it covers, with AWS's ids.
    pub selections: Vec<(BackupSelectionId, Selection)>,
    /// Its tags.
    pub tags: Tags,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateBackupPlan`.
    Create(Box<Desired>),
    /// `UpdateBackupPlan`: these rules take the place of the former.
    Update {
        /// The plan.
        name: BackupPlanName,
        /// AWS's id of it.
        id: BackupPlanId,
        /// Its rules.
        rules: Vec<Rule>,
    },
    /// `CreateBackupSelection`.
    Select {
        /// The plan as it was when this was decided: with the reply, it tells what there is then.
        seen: Box<Observed>,
        /// Tells this selection from every other of the plan: a retry finds the first.
        token: String,
        /// What it is to cover.
        selection: Selection,
    },
    /// `DeleteBackupSelection`.
    Unselect {
        /// The plan.
        name: BackupPlanName,
        /// AWS's id of it.
        id: BackupPlanId,
        /// What it is to cover no longer.
        selection: BackupSelectionId,
    },
    /// `DeleteBackupPlan`: recovery points stay. AWS wants its selections gone first.
    Delete {
        /// The plan.
        name: BackupPlanName,
        /// AWS's id of it.
        id: BackupPlanId,
    },
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateBackupPlan",
            Self::Update { .. } => "UpdateBackupPlan",
            Self::Select { .. } => "CreateBackupSelection",
            Self::Unselect { .. } => "DeleteBackupSelection",
            Self::Delete { .. } => "DeleteBackupPlan",
        }
    }

    fn target(&self) -> String {
        BackupPlan::changed(self).to_string()
    }

    fn describe(&self) -> String {
        let name = self.target();
        match self {
            Self::Create(_) => format!("create backup plan {name}"),
            Self::Update { rules, .. } => {
                let rules: Vec<_> = rules.iter().map(|rule| rule.name.as_str()).collect();
                format!(
                    "set the rules of backup plan {name} to {}",
                    rules.join(", ")
                )
            }
            Self::Select { selection, .. } => format!(
                "have backup plan {name} cover what is tagged {}",
                selection.in_words()
            ),
            Self::Unselect { selection, .. } => {
                format!("remove selection {selection} from backup plan {name}")
            }
            Self::Delete { .. } => format!("delete backup plan {name}"),
        }
    }
}

impl Desired {
    /// The plan as it is once AWS has made it under this id: nothing is selected yet.
    pub fn made(&self, id: BackupPlanId, arn: Arn, version: String) -> Observed {
        Observed {
            name: self.name.clone(),
            id,
            arn,
            version,
            details: Some(Details {
                rules: self.rules.clone(),
                selections: Vec::new(),
                tags: self.tags.clone(),
            }),
        }
    }
}

impl Observed {
    /// The same with one more selection; `None` where its details are not known.
    #[must_use]
    pub fn selecting(&self, id: BackupSelectionId, selection: &Selection) -> Option<Self> {
        let mut then = self.clone();
        let selections = &mut then.details.as_mut()?.selections;
        if !selections.iter().any(|(known, _)| *known == id) {
            selections.push((id, selection.clone()));
            selections.sort();
        }
        Some(then)
    }
}

impl Selection {
    fn in_words(&self) -> String {
        let tags = self
            .tags
            .iter()
            .map(|(key, value)| format!("{key}={value}"));
        tags.collect::<Vec<_>>().join(" or ")
    }
}

impl ResourceType for BackupPlan {
    const NAME: &'static str = "backup-plan";
    const SERVICE: Service = Service::Backup;
    const LISTING: Listing = Listing::Pages;
    const DRIFT_WINDOW: Duration = Duration::from_mins(10);
    type Id = BackupPlanName;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.name.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match change {
            Change::Create(desired) => desired.name.clone(),
            Change::Update { name, .. }
            | Change::Unselect { name, .. }
            | Change::Delete { name, .. } => name.clone(),
            Change::Select { seen, .. } => seen.name.clone(),
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

    /// Another version hints at other rules; selections are looked at in their turn.
    fn absorb(listed: &mut Observed, known: &Observed) {
        if listed.details.is_none() && listed.version == known.version {
            listed.details.clone_from(&known.details);
        }
    }
}
