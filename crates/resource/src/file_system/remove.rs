//! How a file system leaves: mount targets first, then itself. Its access points go before, and
//! whether it may leave at all, and its recovery point is complete, is decided before that.

use super::{Change, Observed};
use crate::{Owner, Step, ownership};

/// Removes the file system, if it is this owner's. Settled once it is gone.
pub fn remove(observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::Settled;
    };
    if ownership::claim(&seen.tags, owner) != ownership::Claim::Ours || seen.state == "deleted" {
        return Step::Settled;
    }
    let wait = |what: String| Step::wait("DeletingFileSystem", what);
    if !matches!(seen.state.as_str(), "available" | "error") {
        return wait(format!("file system {} is {}", seen.id, seen.state));
    }
    if seen.number_of_mount_targets == 0 {
        return Step::change(Change::Delete {
            token: seen.token.clone(),
            id: seen.id.clone(),
        });
    }
    let Some(details) = &seen.details else {
        return wait(format!(
            "the mount targets of file system {} are being read",
            seen.id
        ));
    };
    Step::changes(
        details
            .mount_targets
            .iter()
            .filter(|target| matches!(target.state.as_str(), "available" | "error"))
            .map(|target| Change::DeleteMountTarget {
                token: seen.token.clone(),
                mount_target_id: target.id.clone(),
                zone: target.zone.clone(),
            })
            .collect(),
    )
    .then(|| {
        wait(format!(
            "the mount targets of file system {} are being deleted",
            seen.id
        ))
    })
}
