//! When AWS Backup last completed a recovery point of something: whether recurring backups work.
//!
//! One list call tells it for everything in the account, so a thousand clinics cost a few pages.
//! Nothing here can be changed: [`Change`] has no value.

use std::time::Duration;

use jiff::Timestamp;

use crate::{Listing, Mutation, ResourceType, Service, Tags, ids::Arn};

/// The resource type.
#[derive(Debug)]
pub struct ProtectedResource;

/// What was backed up, and when. Recovery points of another vault count as well: any may be restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// What was backed up.
    pub arn: Arn,
    /// When its newest recovery point was complete.
    pub last_backup: Option<Timestamp>,
    /// That recovery point.
    pub recovery_point_arn: Option<Arn>,
}

/// No call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match *self {}
    }

    fn target(&self) -> String {
        match *self {}
    }

    fn describe(&self) -> String {
        match *self {}
    }
}

impl ResourceType for ProtectedResource {
    const NAME: &'static str = "protected-resource";
    const SERVICE: Service = Service::Backup;
    const LISTING: Listing = Listing::Pages;
    const DRIFT_WINDOW: Duration = Duration::from_mins(10);
    type Id = Arn;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.arn.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match *change {}
    }

    fn tags(_: &Observed) -> Option<&Tags> {
        None
    }

    fn in_transition(_: &Observed) -> bool {
        false
    }
}
