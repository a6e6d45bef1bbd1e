//! How a replication group leaves. AWS takes the final snapshot in the same call, and deletes only
//! after it: no crash comes between the two. Source: ElastiCache API reference,
//! `DeleteReplicationGroup`.

use std::time::Duration;

use super::{Change, Observed, plan::being_read};
use crate::{Owner, Step, ids::CacheSnapshotName, ownership};

/// Deletion, with a snapshot of a few gigabytes.
const USUAL_DELETION: Duration = Duration::from_mins(10);

/// Deletes the group, if it is this owner's, after `final_snapshot` where one is wanted. Settled
/// once it is gone.
pub fn remove(
    observed: Option<&Observed>,
    final_snapshot: Option<&CacheSnapshotName>,
    owner: &Owner,
) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::Settled;
    };
    let Some(tags) = &seen.tags else {
        return being_read(seen);
    };
    if ownership::claim(tags, owner) != ownership::Claim::Ours {
        return Step::Settled;
    }
    let delete = |final_snapshot| {
        Step::change(Change::Delete {
            id: seen.id.clone(),
            final_snapshot,
        })
    };
    match seen.status.as_str() {
        "available" => delete(final_snapshot.cloned()),
        // Nothing is in it, so there is nothing to take a snapshot of.
        "create-failed" => delete(None),
        other => Step::wait_usually(
            "DeletingCache",
            format!("replication group {} is {other}", seen.id),
            USUAL_DELETION,
        ),
    }
}
