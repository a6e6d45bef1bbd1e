//! From the database that is seen to the one that is wanted.
//!
//! The primary is judged first: while it is lost, foreign or can't be kept, nothing around it is touched.
//! Then what it leans on, side by side; then the primary, which is taken over if it was restored; then its
//! replicas. Where the primary gets a larger class, replicas get it before: one that allows fewer connections
//! than its primary stops following. Source: PostgreSQL documentation, "Hot Standby", parameter overview.

use emr_resource::{
    Change, Step, db_cluster::Recorded, db_parameter_group, db_snapshot, ids::SecurityGroupId,
    log_group, ownership, rds_instance, secret, security_group,
};

use super::{RdsStack, connections::class_memory_gib};
use crate::database::DatabaseSeen;

/// The next step. `recorded` is what status remembers of the primary.
pub(in crate::database) fn plan(
    stack: &RdsStack,
    recorded: Option<&Recorded>,
    seen: &DatabaseSeen,
) -> Step<Change> {
    judged(stack, recorded, seen)
        .then(|| source(stack, seen))
        .then(|| foundation(stack, seen))
        .then(|| {
            let Some(group) = &seen.security_group else {
                return Step::wait("CreatingSecurityGroup", "AWS is making the security group");
            };
            if grows(stack, seen) {
                replicas(stack, &group.id, seen).then(|| primary(stack, &group.id, recorded, seen))
            } else {
                primary(stack, &group.id, recorded, seen).then(|| replicas(stack, &group.id, seen))
            }
        })
}

/// A refusal of the primary's own plan, before anything else is done.
fn judged(stack: &RdsStack, recorded: Option<&Recorded>, seen: &DatabaseSeen) -> Step<Change> {
    let of = seen.rds.instance.as_ref();
    match rds_instance::plan(&stack.instance, recorded, of, &stack.owner) {
        Step::Refuse(refusal) => Step::Refuse(refusal),
        _ => Step::Settled,
    }
}

/// What it is made from is there, is this namespace's, and can be kept as it is restored.
fn source(stack: &RdsStack, seen: &DatabaseSeen) -> Step<Change> {
    if seen.rds.instance.is_some() {
        return Step::Settled;
    }
    rds_instance::usable_source(&stack.instance, seen.rds.source.as_ref(), &stack.owner)
}

fn foundation(stack: &RdsStack, seen: &DatabaseSeen) -> Step<Change> {
    let owner = &stack.owner;
    let needed_for = seen.rds.instance.as_ref();
    let needed_for = needed_for.map(|instance| format!("DB instance {}", instance.id));
    let groups = stack.log_groups.iter();
    Step::all([
        security_group::plan(&stack.security_group, seen.security_group.as_ref(), owner)
            .into_step(),
        secret::plan(
            &stack.master_secret,
            seen.master_secret.as_ref(),
            needed_for.as_deref(),
            owner,
        )
        .into_step(),
        db_parameter_group::plan(
            &stack.parameter_group,
            seen.rds.parameter_group.as_ref(),
            &owner.cluster,
        )
        .into_step(),
        Step::all(
            groups
                .map(|group| log_group::plan(group, seen.log_groups.get(&group.name)).into_step()),
        ),
    ])
}

/// Whether the primary is about to get more memory than it has.
fn grows(stack: &RdsStack, seen: &DatabaseSeen) -> bool {
    let has = seen.rds.instance.as_ref();
    let has = has.and_then(|instance| class_memory_gib(&instance.settings.class));
    let wanted = class_memory_gib(&stack.instance.settings.class);
    matches!((has, wanted), (Some(has), Some(wanted)) if wanted > has)
}

/// With the security group that AWS made.
fn within(of: &rds_instance::Desired, group: &SecurityGroupId) -> rds_instance::Desired {
    let mut desired = of.clone();
    desired.settings.security_groups = [group.clone()].into();
    desired
}

fn primary(
    stack: &RdsStack,
    group: &SecurityGroupId,
    recorded: Option<&Recorded>,
    seen: &DatabaseSeen,
) -> Step<Change> {
    let of = seen.rds.instance.as_ref();
    let desired = within(&stack.instance, group);
    rds_instance::plan(&desired, recorded, of, &stack.owner)
        .then(|| rds_instance::take_over(&desired, of))
        .into_step()
}

/// Wanted replicas come; those of ours that are no longer wanted go.
fn replicas(stack: &RdsStack, group: &SecurityGroupId, seen: &DatabaseSeen) -> Step<Change> {
    let wanted = stack.replicas.iter().map(|replica| {
        let of = seen.rds.replicas.get(&replica.id);
        rds_instance::plan(&within(replica, group), None, of, &stack.owner)
    });
    let wanted = Step::all(wanted);
    let former = || {
        let others = seen.rds.replicas.values();
        let others = others.filter(|of| stack.replicas.iter().all(|replica| replica.id != of.id));
        Step::all(others.map(|of| rds_instance::remove_replica(Some(of), &stack.owner)))
    };
    wanted.then(former).into_step()
}

/// The final snapshot, once it is asked for. It is of this owner's instance alone.
pub(super) fn final_snapshot(stack: &RdsStack, seen: &DatabaseSeen) -> Step<Change> {
    let ours = |of: &rds_instance::Observed| {
        ownership::claim(&of.tags, &stack.owner) == ownership::Claim::Ours
    };
    if !seen.rds.instance.as_ref().is_some_and(ours) {
        return Step::Settled;
    }
    let taken = seen.rds.final_snapshot.as_ref();
    db_snapshot::plan(&stack.final_snapshot, taken, &stack.owner).into_step()
}
