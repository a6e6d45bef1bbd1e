//! How an application is upgraded, as data.

use jiff::SignedDuration;

use super::{
    catalogue::Catalogue,
    state::{Pods, Upgrade, UpgradePhase},
};

/// How an application is upgraded.
#[derive(Clone, Debug)]
pub struct Procedure {
    /// Its releases.
    pub catalogue: Catalogue,
    /// The phases of a step.
    pub order: &'static [UpgradePhase],
    /// What proves that a step is done.
    pub evidence: Evidence,
}

/// What proves that a step is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Every pod reports the step's version.
    PodVersions,
    /// The level of the data has risen to that of the image.
    Level,
}

impl Procedure {
    /// Medplum: the server migrates quick things when it starts and the rest by itself, while it serves.
    pub fn medplum() -> Self {
        Self {
            catalogue: Catalogue::medplum(),
            order: &[
                UpgradePhase::Securing,
                UpgradePhase::Rolling,
                UpgradePhase::Verifying,
                UpgradePhase::Migrating,
            ],
            evidence: Evidence::PodVersions,
        }
    }

    /// OpenEMR: one Job migrates everything while no pod runs.
    pub fn openemr() -> Self {
        Self {
            catalogue: Catalogue::openemr(),
            order: &[
                UpgradePhase::Stopping,
                UpgradePhase::Securing,
                UpgradePhase::Migrating,
                UpgradePhase::Verifying,
                UpgradePhase::Rolling,
            ],
            evidence: Evidence::Level,
        }
    }

    /// The first phase of a step.
    pub(super) fn first(&self) -> UpgradePhase {
        self.order
            .first()
            .copied()
            .unwrap_or(UpgradePhase::Securing)
    }

    /// The phase after one; `None` after the last.
    pub(super) fn after(&self, phase: UpgradePhase) -> Option<UpgradePhase> {
        let at = self.order.iter().position(|of| *of == phase)?;
        self.order.get(at + 1).copied()
    }

    /// Whether a phase comes before the step has touched anything: up to the set.
    pub(super) fn is_before_the_step(&self, phase: UpgradePhase) -> bool {
        let at = |wanted| self.order.iter().position(|of| *of == wanted);
        at(phase).is_some() && at(phase) <= at(UpgradePhase::Securing)
    }

    /// How the pods are to be. Where the application is stopped for its step, from the first phase until
    /// the last, in which they come back with the new image. One that failed before it touched anything
    /// runs on as it was; any other stays as it failed, for a person to look at.
    pub fn pods(&self, upgrade: &Upgrade) -> Pods {
        self.pods_at(upgrade.phase, upgrade.failed_in)
    }

    pub(super) fn pods_at(&self, phase: UpgradePhase, failed_in: Option<UpgradePhase>) -> Pods {
        match (phase, failed_in) {
            (UpgradePhase::Failed, Some(failed)) if self.is_before_the_step(failed) => Pods::Old,
            (UpgradePhase::Failed, Some(failed)) => self.pods_in(failed),
            (phase, _) => self.pods_in(phase),
        }
    }

    pub(super) fn pods_in(&self, phase: UpgradePhase) -> Pods {
        let at = |of| self.order.iter().position(|one| *one == of);
        if at(phase) >= at(UpgradePhase::Rolling) {
            Pods::New
        } else if self.order.contains(&UpgradePhase::Stopping) {
            Pods::Stopped
        } else {
            Pods::Old
        }
    }
}

/// How long a phase may take before the walk stops and asks for a person; `None`: as long as it does.
pub(super) const fn limit(phase: UpgradePhase) -> Option<SignedDuration> {
    match phase {
        UpgradePhase::Stopping => Some(SignedDuration::from_mins(30)),
        UpgradePhase::Rolling => Some(SignedDuration::from_hours(2)),
        UpgradePhase::Verifying => Some(SignedDuration::from_hours(1)),
        // Sets have a limit of their own, and so has a Job. Medplum's migrations take hours to days.
        UpgradePhase::Securing | UpgradePhase::Migrating | UpgradePhase::Failed => None,
    }
}
