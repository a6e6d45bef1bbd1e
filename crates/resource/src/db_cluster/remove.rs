//! How a cluster leaves: protection off, members gone, then the cluster. Whether it may leave at
//! all, and whether its snapshot is complete, is decided before (the model's teardown).

use super::{Change, Observed};
use crate::{Owner, Step, ownership};

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// Automated backups stay for the rest of their retention.
    KeepBackups,
    /// Nothing stays.
    DropBackups,
}

/// Switches deletion protection off; the last step before members and cluster go.
fn unprotect(seen: &Observed) -> Step<Change> {
    if !seen.settings.deletion_protection {
        return Step::Settled;
    }
    if !seen.is_available() {
        return Step::wait(
            "ModifyingDatabase",
            format!("DB cluster {} is {}", seen.id, seen.status),
        );
    }
    let mut settings = seen.settings.clone();
    settings.deletion_protection = false;
    let differences = seen.settings.differences(&settings);
    Step::change(Change::Modify {
        id: seen.id.clone(),
        settings: Box::new(settings),
        differences,
    })
}

/// Removes the cluster, given a step that removes its members. Settled once it is gone; what is
/// not this owner's is left alone.
pub fn remove(
    observed: Option<&Observed>,
    owner: &Owner,
    removal: Removal,
    members: impl FnOnce() -> Step<crate::Change>,
) -> Step<crate::Change> {
    let Some(seen) = observed else {
        return Step::Settled;
    };
    if ownership::claim(&seen.tags, owner) != ownership::Claim::Ours {
        return Step::Settled;
    }
    if seen.status == "deleting" {
        return Step::wait(
            "DeletingDatabase",
            format!("AWS is deleting DB cluster {}", seen.id),
        );
    }
    unprotect(seen).into_step().then(members).then(|| {
        if seen.members.is_empty() {
            Step::change(
                Change::Delete {
                    id: seen.id.clone(),
                    retain_automated_backups: removal == Removal::KeepBackups,
                }
                .into(),
            )
        } else {
            Step::wait(
                "DeletingDatabase",
                format!("the members of DB cluster {} are being deleted", seen.id),
            )
        }
    })
}
