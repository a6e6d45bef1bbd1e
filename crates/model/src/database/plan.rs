//! From the database that is seen to the one that is wanted.
//!
//! The cluster is judged first: while it is lost, foreign or can't be kept, nothing around it is
//! touched. Then what it leans on, side by side; then the cluster; then its members; and one that was
//! restored is taken over.

use emr_resource::{
    Change, Step, cluster_snapshot, db_cluster, db_instance, log_group, ownership, parameter_group,
    secret, security_group,
};

use super::{AuroraStack, DatabaseSeen};

/// The next step. `recorded` is what status remembers of the cluster.
pub(super) fn plan(
    stack: &AuroraStack,
    recorded: Option<&db_cluster::Recorded>,
    seen: &DatabaseSeen,
) -> Step<Change> {
    judged(stack, recorded, seen)
        .then(|| source(stack, seen))
        .then(|| foundation(stack, seen))
        .then(|| cluster(stack, recorded, seen))
        .then(|| members(stack, seen))
        .then(|| db_cluster::take_over(&stack.cluster, seen.cluster.as_ref()).into_step())
}

/// A refusal of the cluster's own plan, before anything else is done.
fn judged(
    stack: &AuroraStack,
    recorded: Option<&db_cluster::Recorded>,
    seen: &DatabaseSeen,
) -> Step<Change> {
    match db_cluster::plan(
        &stack.cluster,
        recorded,
        seen.cluster.as_ref(),
        &stack.owner,
    ) {
        Step::Refuse(refusal) => Step::Refuse(refusal),
        _ => Step::Settled,
    }
}

/// What it is made from is this namespace's. Of a deleted cluster's retained backups AWS shows no tags;
/// their id is known to nobody but who saw the cluster.
fn source(stack: &AuroraStack, seen: &DatabaseSeen) -> Step<Change> {
    match (&seen.cluster, &stack.cluster.source) {
        (None, Some(from)) if !from.is_retained() => {
            ownership::source(&from.to_string(), seen.source.as_ref(), &stack.owner)
        }
        _ => Step::Settled,
    }
}

fn foundation(stack: &AuroraStack, seen: &DatabaseSeen) -> Step<Change> {
    let owner = &stack.owner;
    let needed_for = seen
        .cluster
        .as_ref()
        .map(|cluster| format!("DB cluster {}", cluster.id));
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
        parameter_group::plan(
            &stack.parameter_group,
            seen.parameter_group.as_ref(),
            &owner.cluster,
        )
        .into_step(),
        Step::all(
            stack
                .log_groups
                .iter()
                .map(|group| log_group::plan(group, seen.log_groups.get(&group.name)).into_step()),
        ),
    ])
}

fn cluster(
    stack: &AuroraStack,
    recorded: Option<&db_cluster::Recorded>,
    seen: &DatabaseSeen,
) -> Step<Change> {
    let Some(group) = &seen.security_group else {
        return Step::wait("CreatingSecurityGroup", "AWS is making the security group");
    };
    let mut desired = stack.cluster.clone();
    desired.settings.security_groups = [group.id.clone()].into();
    db_cluster::plan(&desired, recorded, seen.cluster.as_ref(), &stack.owner).into_step()
}

/// Wanted members come; those of ours that are no longer wanted go, but never the writer.
fn members(stack: &AuroraStack, seen: &DatabaseSeen) -> Step<Change> {
    let writer = seen.cluster.as_ref().and_then(db_cluster::Observed::writer);
    let wanted = Step::all(stack.instances.iter().map(|instance| {
        db_instance::plan(instance, seen.instances.get(&instance.id), &stack.owner).into_step()
    }));
    wanted.then(|| {
        Step::all(
            seen.instances
                .values()
                .filter(|instance| {
                    stack
                        .instances
                        .iter()
                        .all(|wanted| wanted.id != instance.id)
                        && writer != Some(&instance.id)
                        && ownership::claim(&instance.tags, &stack.owner) == ownership::Claim::Ours
                })
                .map(|instance| db_instance::remove(Some(instance), &stack.owner).into_step()),
        )
    })
}

/// The final snapshot, once it is asked for.
pub(super) fn final_snapshot(stack: &AuroraStack, seen: &DatabaseSeen) -> Step<Change> {
    let step: Step<cluster_snapshot::Change> = cluster_snapshot::plan(
        &stack.final_snapshot,
        seen.final_snapshot.as_ref(),
        &stack.owner,
    );
    step.into_step()
}
