//! Invariant 1: data outlives mistakes (safety.md 1 and 3).

use std::sync::Arc;

use emr_cloud::memory::{Call, Room};
use emr_resource::ownership::{SET, UID};
use serde_json::Value;

use super::Judge;

const CONFIRM: &str = "emrstack.dev/confirm-delete";

pub(super) fn judge(call: &Call, room: &Room, judge: &Judge) -> Option<String> {
    let target = call.target.as_str();
    // An instance that stands alone holds data; a replica of one holds a copy.
    let alone = call.resource_type == "rds-instance";
    match call.operation {
        "CreateDBInstance"
        | "RestoreDBInstanceFromDBSnapshot"
        | "RestoreDBInstanceToPointInTime"
            if alone =>
        {
            over_a_loss(call, judge, "ManagedDatabase")
        }
        "DeleteDBInstance" if alone => {
            let copy = room.is_replica(target);
            (!copy).then(|| unpermitted(call, room, judge, "ManagedDatabase", target))?
        }
        "CreateDBCluster" | "RestoreDBClusterFromSnapshot" | "RestoreDBClusterToPointInTime" => {
            over_a_loss(call, judge, "ManagedDatabase")
        }
        "CreateFileSystem" => over_a_loss(call, judge, "SharedFileSystem"),
        "CreateReplicationGroup" => over_a_loss(call, judge, "CacheCluster"),
        "DeleteReplicationGroup" => without_snapshot(call, judge),
        "DeleteDBCluster" => unpermitted(call, room, judge, "ManagedDatabase", target),
        "DeleteDBInstance" => {
            let cluster = room.cluster_of(target)?;
            let last = room.members_of(&cluster) == 1;
            last.then(|| unpermitted(call, room, judge, "ManagedDatabase", &cluster))?
        }
        "DeleteFileSystem" | "DeleteMountTarget" => {
            unpermitted(call, room, judge, "SharedFileSystem", target)
        }
        "CreateBucket" => bucket_over_a_loss(call, judge),
        "DeleteBucket" => bucket_unasked(call, room, judge),
        _ => None,
    }
}

/// An empty bucket is made where one was: a status names it.
fn bucket_over_a_loss(call: &Call, judge: &Judge) -> Option<String> {
    let now = judge.kube.snapshot();
    let was = now.iter().any(|object| {
        let status = &object["status"];
        let named = [&status["bucket"], &status["logsBucket"]];
        object["kind"] == "ObjectStore" && named.iter().any(|name| **name == *call.target)
    });
    was.then(|| format!("{}: an empty one where a full one was", call.describe))
}

/// A bucket goes only under `Delete`, once somebody confirmed that.
fn bucket_unasked(call: &Call, room: &Room, judge: &Judge) -> Option<String> {
    let tags = room.tags_of(call.resource_type, &call.target)?;
    let now = judge.kube.snapshot();
    let object = now
        .iter()
        .find(|object| object["metadata"]["uid"].as_str() == tags.get(UID).map(String::as_str));
    let what = &call.describe;
    let Some(object) = object else {
        return Some(format!("{what}: its ObjectStore is gone"));
    };
    let metadata = &object["metadata"];
    let asked = object["spec"]["deletionPolicy"] == "Delete"
        && metadata["deletionTimestamp"].is_string()
        && metadata["annotations"][CONFIRM] == metadata["name"];
    (!asked).then(|| format!("{what}: nobody asked for it"))
}

/// Something empty is made where something full was: its object has been Ready.
fn over_a_loss(call: &Call, judge: &Judge, kind: &str) -> Option<String> {
    let now = judge.kube.snapshot();
    let object = owner(&now, kind, &call.target)?;
    let uid = &object["metadata"]["uid"];
    let before = judge.history();
    let was_ready = before
        .iter()
        .any(|version| version["metadata"]["uid"] == *uid && is_ready(version));
    was_ready.then(|| format!("{}: an empty one where a full one was", call.describe))
}

/// A deletion that nobody asked for, or before both halves of the set are copied.
fn unpermitted(call: &Call, room: &Room, judge: &Judge, kind: &str, name: &str) -> Option<String> {
    let now = judge.kube.snapshot();
    let object = owner(&now, kind, name)?;
    let what = &call.describe;
    if object["metadata"]["deletionTimestamp"].is_null() {
        return Some(format!("{what}: nobody asked for it"));
    }
    let confirmed = object["metadata"]["annotations"][CONFIRM] == object["metadata"]["name"];
    match object["spec"]["deletionPolicy"].as_str() {
        Some("Retain") => Some(format!("{what}: under Retain")),
        Some("Delete") if confirmed => None,
        Some("Delete") => Some(format!("{what}: not confirmed")),
        _ => {
            let lacking = halves(room, name, &now, object);
            let lacking: Vec<_> = lacking
                .into_iter()
                .filter(|half| room.copies_of(half) == 0)
                .collect();
            (!lacking.is_empty()).then(|| format!("{what}: without a copy of {lacking:?}"))
        }
    }
}

/// The deletion of a replication group that nobody asked for, or that leaves no snapshot although one
/// was wanted.
fn without_snapshot(call: &Call, judge: &Judge) -> Option<String> {
    let now = judge.kube.snapshot();
    let object = owner(&now, "CacheCluster", &call.target)?;
    let what = &call.describe;
    if object["metadata"]["deletionTimestamp"].is_null() {
        return Some(format!("{what}: nobody asked for it"));
    }
    let kept = object["spec"]["deletionPolicy"]
        .as_str()
        .unwrap_or("Snapshot");
    let bad = kept == "Retain" || (kept == "Snapshot" && !what.contains("after snapshot"));
    bad.then(|| format!("{what}: under {kept}"))
}

/// What must be copied before `name` goes: itself, and the other half while the set goes as one.
fn halves(room: &Room, name: &str, now: &[Arc<Value>], object: &Value) -> Vec<String> {
    let tags = |name: &str| {
        let cluster = room.tags_of("db-cluster", name);
        let database = cluster.or_else(|| room.tags_of("rds-instance", name));
        database.or_else(|| room.tags_of("file-system", name))
    };
    let set = |name: &str| tags(name)?.get(SET).cloned();
    let ours = set(name);
    let instance_leaves = now.iter().any(|one| {
        one["kind"] == "EmrInstance"
            && one["metadata"]["name"] == object["metadata"]["name"]
            && one["metadata"]["namespace"] == object["metadata"]["namespace"]
            && one["metadata"]["deletionTimestamp"].is_string()
    });
    let databases = room.clusters().into_iter().chain(room.rds_instances());
    let all = databases.chain(room.file_systems());
    all.filter(|other| other == name || (instance_leaves && ours.is_some() && set(other) == ours))
        .collect()
}

/// The object that something of this name was made for: names carry the object's. Of several that it
/// carries, the longest: a store that a restore made begins with the name of the first one.
fn owner<'a>(now: &'a [Arc<Value>], kind: &str, name: &str) -> Option<&'a Value> {
    let text = |object: &Value, field: &str| {
        let text = object["metadata"][field].as_str();
        text.unwrap_or("-").to_owned()
    };
    let objects = now.iter().filter(|object| {
        object["kind"] == *kind
            && name.contains(&text(object, "name"))
            && name.contains(&text(object, "namespace"))
    });
    let longest = objects.max_by_key(|object| text(object, "name").len());
    longest.map(|object| &**object)
}

fn is_ready(version: &Value) -> bool {
    let conditions = version["status"]["conditions"].as_array();
    let mut conditions = conditions.into_iter().flatten();
    conditions.any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
}
