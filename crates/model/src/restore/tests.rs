use emr_api::{
    EmrInstance, EmrRestore, emr_instance::RestoredSet, emr_restore::RestorePhase,
    policy::DeletionPolicy,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::{instance, progress::Progress};

fn riverside(status: &Value) -> EmrInstance {
    serde_json::from_value(json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrInstance",
        "metadata": {"name": "riverside", "namespace": "clinics", "uid": "i"},
        "spec": {"hostname": "a.example.org", "openemr": {"version": "8.2.0"}},
        "status": status,
    }))
    .unwrap()
}

fn back(spec: &Value) -> EmrRestore {
    let mut manifest = json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrRestore",
        "metadata": {"name": "back", "namespace": "clinics", "uid": "r"},
        "spec": {"instanceRef": {"name": "riverside"}, "from": {"backup": "nightly"}},
    });
    for (key, value) in spec.as_object().unwrap() {
        manifest["spec"][key] = value.clone();
    }
    serde_json::from_value(manifest).unwrap()
}

fn set_of_files() -> RestoredSet {
    RestoredSet {
        snapshot_arn: Some("arn:s".into()),
        recovery_point_arn: Some("arn:p".into()),
        ..RestoredSet::default()
    }
}

#[test]
fn it_begins_only_on_a_whole_instance_that_may_change() {
    let installed = || riverside(&json!({"version": "8.2.0"}));
    let of = |change: &dyn Fn(&mut Moment)| {
        let mut moment = Moment {
            instance: Some(installed()),
            ..Moment::default()
        };
        change(&mut moment);
        ready_to_begin(&back(&json!({})), moment).map_err(|not| not.reason())
    };
    assert!(of(&|_| {}).is_ok());
    assert_eq!(of(&|of| of.instance = None), Err("InstanceNotFound"));
    assert_eq!(
        of(&|of| of.instance = Some(riverside(&json!({})))),
        Err("NotInstalled")
    );
    assert_eq!(of(&|of| of.held = true), Err("InstanceHeld"));
    assert_eq!(
        of(&|of| of.another = Some("a".into())),
        Err("WaitingForRestore")
    );
}

#[test]
fn it_is_told_apart_from_what_runs_and_goes_without_a_trace_until_the_switch() {
    let (instance, restore) = (riverside(&json!({"version": "8.2.0"})), back(&json!({})));
    let status = begin(&restore, &instance, set_of_files(), Timestamp::UNIX_EPOCH);
    assert_eq!(status.phase, RestorePhase::Securing);
    assert_eq!(status.safety_backup.as_deref(), Some("back-safety"));
    assert_eq!(status.previous.as_deref(), Some("riverside"));
    let name = status.candidate.unwrap();
    assert!(name.starts_with("riverside-"), "{name}");
    let set = status.set.unwrap();
    assert_eq!(
        (set.restore.as_deref(), set.released_at.as_ref()),
        (Some("back"), None)
    );

    let candidate = as_candidate(&instance, &name, &set);
    let validated = instance::validate(&candidate, []).unwrap();
    let (database, files) = children(&candidate, &validated, "arn:key");
    assert_eq!(database.metadata.name.as_deref(), Some(&*name));
    assert_eq!(database.spec.deletion_policy, DeletionPolicy::Delete);
    assert_eq!(
        files.unwrap().spec.restore_from.unwrap().recovery_point_arn,
        "arn:p"
    );
    // Once the instance runs on them, they are kept as its own policy says.
    let own = instance::children(&candidate, &validated, "arn:key");
    assert_eq!(own.database.metadata.name, database.metadata.name);
    assert_eq!(own.database.spec.restore_from, database.spec.restore_from);
    assert_eq!(own.database.spec.deletion_policy, DeletionPolicy::Snapshot);
    assert_eq!(own.cache.metadata.name.as_deref(), Some("riverside"));
    assert!(instance::is_fenced(&candidate));
    assert_eq!(instance::release_word(&candidate), "back");
}

fn lakeside(status: &Value) -> EmrInstance {
    serde_json::from_value(json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrInstance",
        "metadata": {"name": "riverside", "namespace": "clinics", "uid": "i"},
        "spec": {"hostname": "a.example.org", "medplum": {"version": "4.3.15"}},
        "status": status,
    }))
    .unwrap()
}

/// Medplum's database alone is made; its bucket stays, and the cache's next database is an empty one.
#[test]
fn of_medplum_a_database_is_made_and_nothing_else() {
    let in_bucket = || RestoredSet {
        snapshot_arn: Some("arn:s".into()),
        bucket_arn: Some("arn:b".into()),
        ..RestoredSet::default()
    };
    let (instance, restore) = (lakeside(&json!({"version": "4.3.15"})), back(&json!({})));
    let moment = Moment {
        instance: Some(instance.clone()),
        ..Moment::default()
    };
    assert!(ready_to_begin(&restore, moment).is_ok());
    let status = begin(&restore, &instance, in_bucket(), Timestamp::UNIX_EPOCH);
    let (name, set) = (
        status.candidate.clone().unwrap(),
        status.set.clone().unwrap(),
    );
    assert_eq!(set.cache_database, Some(1));
    let candidate = as_candidate(&instance, &name, &set);
    let validated = instance::validate(&candidate, []).unwrap();
    let (database, files) = children(&candidate, &validated, "arn:key");
    assert_eq!(files, None);
    assert_eq!(database.metadata.name.as_deref(), Some(&*name));
    let source = database.spec.restore_from.unwrap();
    assert_eq!(source.snapshot_arn.as_deref(), Some("arn:s"));
    let own = instance::children(&candidate, &validated, "arn:key");
    let bucket = own.objects.unwrap();
    assert_eq!(bucket.metadata.name.as_deref(), Some("riverside"));

    let (_, told) = resting(&restore, &status_of(&status, RestorePhase::Complete));
    let told = told.unwrap();
    assert!(told.contains("does not come back"), "{told}");
    assert!(!told.contains("SharedFileSystem"), "{told}");

    let platform = serde_json::from_value(json!({"eks": {"clusterName": "c"}})).unwrap();
    let instance::Exposure::Closed { message, .. } =
        instance::exposure(&candidate, &validated, &platform)
    else {
        panic!("it is open")
    };
    let way = "port-forward deployment/riverside-medplum 8103:8103";
    assert!(message.contains(way), "{message}");

    for (used, next) in [(None, 1), (Some(14), 15), (Some(15), 0)] {
        let before = json!({"version": "4.3.15", "restored": {"cacheDatabase": used}});
        let again = begin(
            &restore,
            &lakeside(&before),
            in_bucket(),
            Timestamp::UNIX_EPOCH,
        );
        assert_eq!(again.set.unwrap().cache_database, Some(next), "{used:?}");
    }
    let openemr = begin(&restore, &instance, set_of_files(), Timestamp::UNIX_EPOCH);
    assert_eq!(openemr.set.unwrap().cache_database, None);
}

fn status_of(
    status: &emr_api::emr_restore::EmrRestoreStatus,
    phase: RestorePhase,
) -> emr_api::emr_restore::EmrRestoreStatus {
    emr_api::emr_restore::EmrRestoreStatus {
        phase,
        ..status.clone()
    }
}

#[test]
fn without_a_safety_set_or_a_fence_only_where_that_is_asked_for() {
    let instance = riverside(&json!({"version": "8.2.0"}));
    let bold = back(&json!({"safetySet": "Skip", "release": "Automatic"}));
    let status = begin(&bold, &instance, set_of_files(), Timestamp::UNIX_EPOCH);
    assert_eq!(status.phase, RestorePhase::Making);
    assert_eq!(status.safety_backup, None);
    let candidate = as_candidate(&instance, "c", &status.set.unwrap());
    assert!(!instance::is_fenced(&candidate));
}

#[test]
fn it_is_complete_once_the_instance_is_ready_on_it() {
    let status = |stores: Option<&str>, ready: &str| {
        riverside(&json!({"stores": stores, "conditions": [{
            "type": "Ready", "status": ready, "reason": "a", "message": "b",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }]}))
    };
    assert!(runs_on(&status(Some("c"), "True"), "c"));
    assert!(!runs_on(&status(Some("c"), "False"), "c"));
    assert!(!runs_on(&status(None, "True"), "c"));
}

#[test]
fn what_is_said_of_one_that_rests_names_the_way_on() {
    let restore = back(&json!({}));
    let status = |phase| emr_api::emr_restore::EmrRestoreStatus {
        phase,
        previous: Some("riverside".into()),
        failure: Some("no key".into()),
        ..Default::default()
    };
    let (_, told) = resting(&restore, &status(RestorePhase::Complete));
    assert!(
        told.unwrap()
            .contains("emrrestore back emrstack.dev/confirm-delete=back")
    );
    let (progress, told) = resting(&restore, &status(RestorePhase::Failed));
    let Progress::Stalled(notice) = progress else {
        panic!("it failed")
    };
    assert!(
        notice
            .message
            .contains("no key. EmrInstance riverside runs on as before")
    );
    assert_eq!(told, None);
}
