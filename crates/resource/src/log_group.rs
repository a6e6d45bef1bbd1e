//! CloudWatch log groups, made before the service that writes them, so that they are encrypted
//! and expire (safety.md 18). They are never deleted here: an audit log outlives what it audits.

use std::time::Duration;

use crate::{
    Difference, Listing, Mutation, ResourceType, Service, Step, Tags,
    ids::{Arn, LogGroupName},
};

/// The resource type.
#[derive(Debug)]
pub struct LogGroup;

/// A log group as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its name, which the writing service fixes.
    pub name: LogGroupName,
    /// The key that encrypts it.
    pub kms_key_arn: Arn,
    /// Days that entries are kept.
    pub retention_days: u32,
    /// Its tags.
    pub tags: Tags,
}

/// A log group as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its name.
    pub name: LogGroupName,
    /// Its ARN.
    pub arn: Arn,
    /// The key that encrypts it.
    pub kms_key_arn: Option<Arn>,
    /// Days that entries are kept; for ever when absent.
    pub retention_days: Option<u32>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateLogGroup`, with key and tags.
    Create(Desired),
    /// `PutRetentionPolicy`.
    SetRetention {
        /// Its name.
        name: LogGroupName,
        /// Days that entries are kept.
        days: u32,
        /// What differs.
        difference: Difference,
    },
    /// `AssociateKmsKey`.
    SetKey {
        /// Its name.
        name: LogGroupName,
        /// The key for what is written from now on.
        kms_key_arn: Arn,
    },
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateLogGroup",
            Self::SetRetention { .. } => "PutRetentionPolicy",
            Self::SetKey { .. } => "AssociateKmsKey",
        }
    }

    fn target(&self) -> String {
        LogGroup::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!("create log group {}", desired.name),
            Self::SetRetention {
                name, difference, ..
            } => {
                format!("change log group {name}: {difference}")
            }
            Self::SetKey { name, .. } => format!("encrypt log group {name}"),
        }
    }
}

impl ResourceType for LogGroup {
    const NAME: &'static str = "log-group";
    const SERVICE: Service = Service::Logs;
    const LISTING: Listing = Listing::Pages;
    const DRIFT_WINDOW: Duration = Duration::from_mins(10);
    type Id = LogGroupName;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.name.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match change {
            Change::Create(desired) => desired.name.clone(),
            Change::SetRetention { name, .. } | Change::SetKey { name, .. } => name.clone(),
        }
    }

    fn tags(_: &Observed) -> Option<&Tags> {
        None
    }

    fn in_transition(_: &Observed) -> bool {
        false
    }

    fn after(change: &Change, before: &Observed) -> Option<Observed> {
        let mut seen = before.clone();
        match change {
            Change::Create(_) => return None,
            Change::SetRetention { days, .. } => seen.retention_days = Some(*days),
            Change::SetKey { kms_key_arn, .. } => seen.kms_key_arn = Some(kms_key_arn.clone()),
        }
        Some(seen)
    }
}

/// Creates the group; brings key and retention to the wanted ones. The name alone says whose it
/// is: it holds our cluster's identifier, and an earlier object's logs are simply continued. A
/// longer retention that somebody chose is left: logs are never shortened by us.
pub fn plan(desired: &Desired, observed: Option<&Observed>) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::change(Change::Create(desired.clone()));
    };
    let retention = seen
        .retention_days
        .is_none_or(|days| days < desired.retention_days)
        .then(|| {
            Difference::between(
                "retention",
                &seen.retention_days,
                &Some(desired.retention_days),
            )
            .map(|difference| Change::SetRetention {
                name: seen.name.clone(),
                days: desired.retention_days,
                difference,
            })
        });
    let key = (seen.kms_key_arn.as_ref() != Some(&desired.kms_key_arn)).then(|| Change::SetKey {
        name: seen.name.clone(),
        kms_key_arn: desired.kms_key_arn.clone(),
    });
    Step::changes(retention.flatten().into_iter().chain(key).collect())
}
