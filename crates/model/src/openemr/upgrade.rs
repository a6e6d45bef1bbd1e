//! The Job that brings the data to a release: the release's own image, in the role in which it upgrades, once,
//! while no worker runs (`scripts/upgrade.sh`).
//!
//! The image upgrades only as `K8S=admin` outside of a swarm; in a swarm every pod takes the data as it is.
//! One that failed is never made again: what it left half done only the set from before it undoes.

use emr_resource::names::hash;
use k8s_openapi::api::{
    batch::v1::{Job, JobCondition},
    core::v1::{Container, PodSpec},
};
use kube::ResourceExt;

use super::{
    config::Script,
    deployment, job as jobs,
    labels::Component,
    names,
    pod::{self, Role},
    volumes,
    workload::Workload,
};
use crate::{
    upgrade::{Level, State},
    workload::{
        Instance, Object,
        job::{condition, exit_code},
    },
};

/// A database of years, a new node and the image's pull.
const DEADLINE_SECONDS: i64 = 6 * 3600;

/// The codes with which the scripts say why they stopped.
pub(super) const EXIT_CODES: [(&str, i32); 5] = [
    ("prepare", 44),
    ("upgrade", 81),
    ("upgrade", 82),
    ("upgrade", 83),
    ("upgrade", 84),
];

/// The Job for a workload of the step's version, one for each set that secures it.
pub fn job(workload: &Workload, set: &str) -> Object {
    let claimed = names::claim(workload, "upgrade", None);
    let step = hash(&[workload.version.as_str(), set, &claimed]);
    jobs::once(
        workload,
        names::user_job(workload, "upgrade", &step),
        Component::Upgrade,
        DEADLINE_SECONDS,
        &EXIT_CODES,
        pod_spec(workload),
    )
    .into()
}

fn pod_spec(workload: &Workload) -> PodSpec {
    let mut spec = pod::base(workload, Role::Upgrade);
    let tolerations = workload.tolerations.clone();
    spec.restart_policy = Some("Never".into());
    spec.tolerations = (!tolerations.is_empty()).then_some(tolerations);
    spec.containers = vec![Container {
        env: Some(pod::environment(workload, Role::Upgrade)),
        volume_mounts: Some(volumes::for_image()),
        resources: Some(deployment::resources(workload)),
        ..pod::container(workload, "upgrade", Script::Upgrade)
    }];
    spec
}

/// Whether its pod says no more.
pub fn is_over(job: &Job) -> bool {
    failed(job).is_some() || condition(job, "Complete").is_some()
}

fn failed(job: &Job) -> Option<&JobCondition> {
    condition(job, "Failed")
}

/// What it has come to, with what its pod said last.
pub fn state(instance: &Instance, job: &Job, said: Option<&str>) -> State {
    if let Some(failed) = failed(job) {
        return State::Failed(why(instance, job, failed, said));
    }
    if condition(job, "Complete").is_some() {
        return State::Done;
    }
    let ready = job.status.as_ref().and_then(|status| status.ready);
    State::Running(match ready {
        Some(1..) => "the Job is at it".into(),
        _ => "the Job's pod is starting: waiting for a node, the image and the cache".into(),
    })
}

fn why(instance: &Instance, job: &Job, failed: &JobCondition, said: Option<&str>) -> String {
    let detail = failed.message.clone().unwrap_or_default();
    let sentence = said.map(|said| said.split_once(": ").map_or(said, |(_, told)| told));
    let logs = format!(
        "its log: kubectl -n {} logs job/{} --all-containers",
        instance.namespace,
        job.name_any()
    );
    let told = match exit_code(failed) {
        Some(44) => "the cache did not answer, and nothing was changed".to_owned(),
        Some(_) if sentence.is_some() => sentence.unwrap_or_default().to_owned(),
        _ if failed.reason.as_deref() == Some("DeadlineExceeded") => {
            format!("the Job took longer than {} h", DEADLINE_SECONDS / 3600)
        }
        _ => format!("the Job ended half way ({detail})"),
    };
    format!("{told}; {logs}")
}

/// The level of the data, as the script says it: `level 6 to 15 of 15: …`.
pub fn level(said: &str) -> Option<Level> {
    let (levels, _) = said.strip_prefix("level ")?.split_once(':')?;
    let (before, rest) = levels.split_once(" to ")?;
    let (after, image) = rest.split_once(" of ")?;
    Some(Level {
        before: before.parse().ok()?,
        after: after.parse().ok()?,
        image: image.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_is_read_as_the_script_says_it() {
        let told = level("level 6 to 15 of 15: the database is at 523");
        let wanted = Level {
            before: 6,
            after: 15,
            image: 15,
        };
        assert_eq!(told, Some(wanted));
        assert_eq!(level("level 6 to x of 15: a"), None);
        assert_eq!(level("something else"), None);
    }
}
