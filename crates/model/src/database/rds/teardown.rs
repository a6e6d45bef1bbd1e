//! How a database of RDS leaves (safety.md 3): as one of Aurora does, with replicas in the place of members.
//! They go before the primary, since AWS would promote those that are left.

use emr_api::policy::DeletionPolicy;
use emr_resource::{
    Change, Step, db_cluster::Removal, db_parameter_group, ownership, rds_instance, secret,
    security_group,
};

use super::{RdsStack, plan::final_snapshot};
use crate::database::{Circumstances, DatabaseSeen};

/// The next step towards nothing being left but what the policy keeps.
pub(in crate::database) fn teardown(
    stack: &RdsStack,
    circumstances: &Circumstances,
    seen: &DatabaseSeen,
) -> Step<Change> {
    match circumstances.policy {
        DeletionPolicy::Retain => Step::Settled,
        DeletionPolicy::Snapshot => copy(stack, circumstances, seen)
            .then(|| instances(stack, Removal::KeepBackups, seen))
            .then(|| surroundings(stack, circumstances, seen)),
        DeletionPolicy::Delete => instances(stack, Removal::DropBackups, seen)
            .then(|| surroundings(stack, circumstances, seen))
            .then(|| secret::remove(seen.master_secret.as_ref(), &stack.owner).into_step()),
    }
}

/// Nothing is deleted before both halves of the set are seen complete. An instance that is gone already, or is
/// not ours, has nothing to copy.
fn copy(stack: &RdsStack, circumstances: &Circumstances, seen: &DatabaseSeen) -> Step<Change> {
    let Some(instance) = &seen.rds.instance else {
        return Step::Settled;
    };
    if ownership::claim(&instance.tags, &stack.owner) != ownership::Claim::Ours
        || instance.status == "deleting"
    {
        return Step::Settled;
    }
    if seen.rds.final_snapshot.is_none() && !instance.is_available() {
        return Step::wait(
            "TakingFinalSnapshot",
            format!(
                "DB instance {} is {}; its snapshot is next",
                instance.id, instance.status
            ),
        );
    }
    final_snapshot(stack, seen).then(|| match &circumstances.other_half_incomplete {
        Some(why) => Step::wait("WaitingForSet", why.clone()),
        None => Step::Settled,
    })
}

fn instances(stack: &RdsStack, removal: Removal, seen: &DatabaseSeen) -> Step<Change> {
    let replicas = || {
        let all = seen.rds.replicas.values();
        Step::all(all.map(|of| rds_instance::remove_replica(Some(of), &stack.owner)))
    };
    let primary = seen.rds.instance.as_ref();
    let gone = rds_instance::remove(primary, &stack.owner, removal, replicas);
    // What is left of one whose primary is gone already.
    gone.then(replicas).into_step()
}

fn surroundings(
    stack: &RdsStack,
    circumstances: &Circumstances,
    seen: &DatabaseSeen,
) -> Step<Change> {
    Step::all([
        security_group::remove(seen.security_group.as_ref(), &stack.owner).into_step(),
        db_parameter_group::remove_unused(
            seen.rds.parameter_group.as_ref(),
            &stack.owner.cluster,
            circumstances.parameter_group_users,
        )
        .into_step(),
    ])
}
