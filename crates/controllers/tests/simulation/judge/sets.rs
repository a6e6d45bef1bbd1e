//! Invariant 1, of sets: an exact one is taken while no pod runs, and both halves of a set go or neither
//! (safety.md 2).

use std::sync::Arc;

use emr_cloud::memory::{Call, Room};
use emr_resource::ownership::{KIND, UID};
use serde_json::Value;

use super::Judge;

const CONFIRM: &str = "emrstack.dev/confirm-delete";

pub(super) fn judge(call: &Call, room: &Room, judge: &Judge) -> Option<String> {
    match call.operation {
        "CreateDBClusterSnapshot" | "CreateDBSnapshot" | "StartBackupJob" => {
            under_load(call, judge)
        }
        // The other half of a DB snapshot is a bucket, which stays.
        "DeleteRecoveryPoint" | "DeleteDBSnapshot" => unasked(call, room, judge),
        "DeleteDBClusterSnapshot" => {
            let half = room.tags_of(call.resource_type, &call.target)?;
            let left = room.points_of(half.get(UID)?);
            if left > 0 {
                return Some(format!("{}: its other half is there", call.describe));
            }
            unasked(call, room, judge)
        }
        _ => None,
    }
}

/// A half of an exact set, while workers may write. A snapshot names its set; of a job it is known only
/// while no other set is taken.
fn under_load(call: &Call, judge: &Judge) -> Option<String> {
    let now = judge.kube.snapshot();
    let under_way = |object: &&Arc<Value>| {
        let phase = &object["status"]["phase"];
        object["kind"] == "EmrBackup" && (*phase == "Quiescing" || *phase == "Copying")
    };
    let all: Vec<_> = now.iter().filter(under_way).collect();
    let its = |object: &Value| {
        let name = object["metadata"]["name"].as_str().unwrap_or("-");
        call.target.contains(&format!("-{name}-"))
    };
    let exact = all.iter().find(|object| {
        object["spec"]["consistency"] == "Quiesced"
            && object["metadata"]["deletionTimestamp"].is_null()
            && (its(object) || (call.operation == "StartBackupJob" && all.len() == 1))
    })?;
    let labels = |object: &Value| object["metadata"]["labels"].clone();
    let running = now.iter().any(|object| {
        let component = &labels(object)["app.kubernetes.io/component"];
        object["kind"] == "Pod"
            && (*component == "app" || *component == "workers")
            && labels(object)["emrstack.dev/instance"] == exact["spec"]["instanceRef"]["name"]
    });
    running.then(|| format!("{}: pods run, and the set is to be exact", call.describe))
}

/// A half that goes although its set is complete and nobody wants it away.
fn unasked(call: &Call, room: &Room, judge: &Judge) -> Option<String> {
    let tags = room.tags_of(call.resource_type, &call.target)?;
    let what = &call.describe;
    if tags.get(KIND).map(String::as_str) != Some("EmrBackup") {
        return Some(format!("{what}: it is of no EmrBackup"));
    }
    let now = judge.kube.snapshot();
    let backup = now
        .iter()
        .find(|object| object["metadata"]["uid"].as_str() == tags.get(UID).map(String::as_str));
    let Some(backup) = backup else {
        return Some(format!("{what}: its EmrBackup is gone"));
    };
    let metadata = &backup["metadata"];
    let confirmed = backup["spec"]["deletionPolicy"] == "Delete"
        && metadata["annotations"][CONFIRM] == metadata["name"];
    let asked = match backup["status"]["phase"].as_str() {
        Some("Failing" | "Expiring") => true,
        Some("Complete") => metadata["deletionTimestamp"].is_string() && confirmed,
        _ => metadata["deletionTimestamp"].is_string(),
    };
    (!asked).then(|| format!("{what}: nobody asked for it"))
}
