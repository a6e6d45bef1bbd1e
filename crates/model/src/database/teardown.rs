//! How a database leaves (safety.md 3).
//!
//! `Snapshot`: final snapshot complete, the other half of its set complete, protection off,
//! members, cluster (automated backups kept), then what stood around it. `Retain`: nothing is
//! touched. `Delete`: as `Snapshot` without the copies, and the secret goes in 30 days.

use emr_api::policy::DeletionPolicy;
use emr_resource::{
    Change, Step,
    db_cluster::{self, Removal},
    db_instance, ownership, parameter_group, secret, security_group,
};

use super::{AuroraStack, DatabaseSeen, plan::final_snapshot};

/// What else decides over a deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// What to keep.
    pub policy: DeletionPolicy,
    /// Whether the files that belong to the same set have their copy; `Some(why)` while not.
    pub other_half_incomplete: Option<String>,
    /// Clusters that still use the parameter group, this one not counted.
    pub parameter_group_users: usize,
}

/// The next step towards nothing being left but what the policy keeps.
pub(super) fn teardown(
    stack: &AuroraStack,
    circumstances: &Circumstances,
    seen: &DatabaseSeen,
) -> Step<Change> {
    match circumstances.policy {
        DeletionPolicy::Retain => Step::Settled,
        DeletionPolicy::Snapshot => copy(stack, circumstances, seen)
            .then(|| cluster(stack, Removal::KeepBackups, seen))
            .then(|| surroundings(stack, circumstances, seen)),
        DeletionPolicy::Delete => cluster(stack, Removal::DropBackups, seen)
            .then(|| surroundings(stack, circumstances, seen))
            .then(|| secret::remove(seen.master_secret.as_ref(), &stack.owner).into_step()),
    }
}

/// Nothing is deleted before both halves of the set are seen complete. A cluster that is gone
/// already, or is not ours, has nothing to copy.
fn copy(stack: &AuroraStack, circumstances: &Circumstances, seen: &DatabaseSeen) -> Step<Change> {
    let Some(cluster) = &seen.cluster else {
        return Step::Settled;
    };
    if ownership::claim(&cluster.tags, &stack.owner) != ownership::Claim::Ours
        || cluster.status == "deleting"
    {
        return Step::Settled;
    }
    if seen.final_snapshot.is_none() && !cluster.is_available() {
        return Step::wait(
            "TakingFinalSnapshot",
            format!(
                "DB cluster {} is {}; its snapshot is next",
                cluster.id, cluster.status
            ),
        );
    }
    final_snapshot(stack, seen).then(|| match &circumstances.other_half_incomplete {
        Some(why) => Step::wait("WaitingForSet", why.clone()),
        None => Step::Settled,
    })
}

fn cluster(stack: &AuroraStack, removal: Removal, seen: &DatabaseSeen) -> Step<Change> {
    db_cluster::remove(seen.cluster.as_ref(), &stack.owner, removal, || {
        Step::all(
            seen.instances
                .values()
                .map(|instance| db_instance::remove(Some(instance), &stack.owner).into_step()),
        )
    })
}

fn surroundings(
    stack: &AuroraStack,
    circumstances: &Circumstances,
    seen: &DatabaseSeen,
) -> Step<Change> {
    Step::all([
        security_group::remove(seen.security_group.as_ref(), &stack.owner).into_step(),
        parameter_group::remove_unused(
            seen.parameter_group.as_ref(),
            &stack.owner.cluster,
            circumstances.parameter_group_users,
        )
        .into_step(),
    ])
}
