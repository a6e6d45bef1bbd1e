//! The pods' database user, and the other one that takes its place when somebody asks: does what the phase that
//! status has asks for, and tells what it is to have next. Nothing is read while nobody asks.

use std::time::Duration;

use emr_api::{
    EmrInstance,
    conditions::{Beside, DATABASE_USER_ROTATED, Verdict},
    emr_instance::{DatabaseUser, DatabaseUsers},
    labels,
};
use emr_model::{
    instance::{InstanceSeen, users},
    openemr::{
        Object, SecretName, Workload,
        names::{Part, label_value, object},
        progress::{self, Finding, Next},
        rotation::{self, Seen, Step, Turn, password_version},
    },
    progress::Held,
};
use emr_runtime::{Error, ReconcileError};
use k8s_openapi::api::{apps::v1::Deployment, batch::v1::Job, core::v1::Pod};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams},
};

use super::{
    super::{BroughtUp, Known, Users, apply, read, said},
    install::retry,
};
use crate::{Context, connect};

/// Nothing tells of the last pod that ends.
const WHILE_ROTATING: Duration = Duration::from_secs(10);

/// Does what is to be done now, and puts what was found into `up`.
pub(super) async fn keep(
    context: &Context,
    object: &EmrInstance,
    workload: &Workload,
    known: &Known<'_>,
    hold: Option<Held>,
    up: &mut BroughtUp,
) -> Result<(), ReconcileError> {
    let status = object.status.as_ref();
    let remembered = status.and_then(|status| status.database_users.clone());
    let wanted = object.annotations().get(labels::ROTATE_DATABASE_USER);
    let wanted = wanted.map(String::as_str);
    let before = remembered.unwrap_or_default();
    let asked = wanted.is_some() && wanted != before.answered.as_deref();
    if hold.is_some() || (before.rotation.is_none() && !asked) {
        return Ok(());
    }
    let mut seen = Seen {
        wanted,
        ..Seen::default()
    };
    let serves = up.parts.serving.fact && !workload.is_fenced();
    let mut found = None;
    match rotation::step(&before) {
        Step::Rest => seen.may_begin = serves && rolled(context, workload).await?,
        Step::Renew(user) => seen.renewed = is_renewed(workload, &before, known.own, user),
        Step::Roll => seen.rolled = serves && rolled(context, workload).await?,
        step @ (Step::Switch(user) | Step::Retire(user)) => {
            let secret = SecretName::new(connect::secret_name(object, users::purpose(user)));
            let job = job(workload, &before, step, &secret);
            if let Some(job) = job {
                let (finding, in_use) = work(context, workload, &job, up).await?;
                seen.switched = finding.met;
                seen.retired = finding.met;
                seen.in_use = in_use;
                found = Some(finding);
            }
        }
    }
    let after = rotation::next(&before, &seen, context.now());
    up.beside.push(told(&after, found.as_ref()));
    let goes_on = after != before;
    up.users = Some(Users {
        look_again: after.rotation.is_some().then_some(if goes_on {
            Duration::ZERO
        } else {
            WHILE_ROTATING
        }),
        status: after,
    });
    Ok(())
}

/// Whether one user is taking the other's place.
pub(super) fn is_under_way(object: &EmrInstance) -> bool {
    let status = object.status.as_ref();
    let users = status.and_then(|status| status.database_users.as_ref());
    users.is_some_and(|users| users.rotation.is_some())
}

/// Whether secret and copy have the new password: the copies of what was seen are made before the pods are.
fn is_renewed(
    workload: &Workload,
    users: &DatabaseUsers,
    own: &InstanceSeen,
    user: DatabaseUser,
) -> bool {
    let rotation = users.rotation.as_ref();
    let wanted = rotation.map(|rotation| password_version(&workload.instance.uid, rotation));
    let secret = own.secrets.get(users::purpose(user));
    wanted.is_some() && secret.and_then(|secret| secret.version.clone()) == wanted
}

/// Whether every pod was started from the template that this pass applied, and no other is left, not even one
/// that ends.
async fn rolled(context: &Context, workload: &Workload) -> Result<bool, ReconcileError> {
    let namespace = workload.instance.namespace.as_str();
    let name = object(&workload.instance, Part::App);
    let workers: Option<Deployment> =
        read(&context.client, namespace, Some(&name), "Deployment").await?;
    let Some(hash) = workers.as_ref().and_then(progress::rolled_out) else {
        return Ok(false);
    };
    let pods = Api::<Pod>::namespaced(context.client.clone(), namespace)
        .list_metadata(&of_component(workload, "app"))
        .await
        .map_err(|error| Error::request("list", "Pod", namespace, error))?;
    Ok(pods.items.iter().all(|pod| {
        let started = pod.annotations().get(labels::CONFIG_HASH);
        started.map(String::as_str) == Some(hash) && pod.metadata.deletion_timestamp.is_none()
    }))
}

fn of_component(workload: &Workload, component: &str) -> ListParams {
    let instance = label_value(workload.instance.name.as_str());
    ListParams::default().labels(&format!(
        "{}={instance},{}={component}",
        labels::INSTANCE,
        labels::COMPONENT
    ))
}

fn job(
    workload: &Workload,
    users: &DatabaseUsers,
    step: Step,
    user: &SecretName,
) -> Option<Object> {
    let turn = Turn {
        rotation: users.rotation.as_ref()?,
        user,
    };
    Some(match step {
        Step::Switch(_) => rotation::switch(workload, turn),
        _ => rotation::retire(workload, turn),
    })
}

/// Has the Job made, alone, and tells what it came to.
async fn work(
    context: &Context,
    workload: &Workload,
    wanted: &Object,
    up: &mut BroughtUp,
) -> Result<(Finding, bool), ReconcileError> {
    let namespace = workload.instance.namespace.as_str();
    let name = wanted.name();
    let jobs = Api::<Job>::namespaced(context.client.clone(), namespace);
    let all = jobs.list_metadata(&of_component(workload, "user")).await;
    let all = all.map_err(|error| Error::request("list", "Job", namespace, error))?;
    let mut alone = true;
    for other in all.items.iter().filter(|of| of.name_any() != name) {
        alone = false;
        if other.metadata.deletion_timestamp.is_some() {
            continue;
        }
        let other = other.name_any();
        match jobs.delete(&other, &DeleteParams::foreground()).await {
            Ok(_) => {}
            Err(kube::Error::Api(error)) if error.code == 404 => {}
            Err(error) => return Err(Error::request("delete", "Job", &other, error).into()),
        }
    }
    if alone {
        apply(context, std::slice::from_ref(wanted)).await?;
    }
    let job: Option<Job> = read(&context.client, namespace, Some(name), "Job").await?;
    let (mut finding, mut in_use) = rotation::told(job.as_ref(), None);
    if finding.met || finding.next == Next::Retry {
        let said = said(context, namespace, name).await?;
        (finding, in_use) = rotation::told(job.as_ref(), said.as_deref());
    }
    if finding.next == Next::Retry {
        let failure = retry(context, namespace, job.as_ref(), &finding).await?;
        up.failure = up.failure.take().or(failure.filter(|_| !in_use));
    }
    Ok((finding, in_use))
}

/// What people read of it.
fn told(users: &DatabaseUsers, found: Option<&Finding>) -> Beside {
    let name = |user: DatabaseUser| match user {
        DatabaseUser::A => "openemr_a",
        DatabaseUser::B => "openemr_b",
    };
    let (active, idle) = (name(users.active), name(users.active.other()));
    let (reason, message) = match (rotation::step(users), found) {
        (_, Some(found)) if found.next == Next::Retry => (found.reason, found.message.clone()),
        (Step::Rest, _) if users.since.is_some() => {
            let message = format!("pods sign in to the database as {active}, {idle} is locked");
            ("Rotated", message)
        }
        (Step::Rest, _) => (
            "WaitingForPods",
            "the database user is replaced once all pods serve and are of one make".to_owned(),
        ),
        (Step::Renew(_), _) => ("Renewing", format!("{idle} is given a new password")),
        (Step::Switch(_), _) => ("Switching", format!("{idle} is let into the database")),
        (Step::Roll, _) => (
            "Rolling",
            format!("pods are replaced, so that all sign in as {active}; {idle} still can"),
        ),
        (Step::Retire(_), _) => ("Retiring", format!("{idle} is locked")),
    };
    Beside {
        kind: DATABASE_USER_ROTATED,
        verdict: Verdict::from_bool(reason == "Rotated"),
        reason: reason.to_owned(),
        message,
    }
}
