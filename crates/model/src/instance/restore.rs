//! Which set an instance is made from: decided once, before anything is made, and only if both
//! halves are of one set (safety.md 2) that this namespace may have.

use emr_api::{
    EmrBackup, EmrInstance,
    emr_backup::{self, BackupPhase, FilesHalf},
    emr_instance::{InstanceSource, Purpose, RestoredSet},
    labels,
};
use emr_resource::{Tags, cluster_snapshot, ownership, recovery_point};
use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;

use super::no_set::NoSet;

/// How people call an application, and the field with its version.
const OPENEMR: (&str, &str) = ("OpenEMR", "spec.openemr.version");
const MEDPLUM: (&str, &str) = ("Medplum", "spec.medplum.version");

/// The set of an EmrBackup in the same namespace. `bucket` is the ARN of the instance's own bucket, where it
/// has run with one: a set in a bucket is put back only there, since nothing of it is copied.
pub fn set_of_backup(
    instance: &EmrInstance,
    name: &str,
    backup: Option<&EmrBackup>,
    bucket: Option<&str>,
) -> Result<RestoredSet, NoSet> {
    let Some(backup) = backup else {
        return Err(NoSet::NoBackup(name.to_owned()));
    };
    let status = backup.status.clone().unwrap_or_default();
    let told =
        |made: fn(String, &'static str) -> NoSet| Err(made(name.to_owned(), status.phase.as_str()));
    let leaves = backup.metadata.deletion_timestamp.is_some();
    let (Some(set), BackupPhase::Complete, false) = (&status.set, status.phase, leaves) else {
        return told(if status.phase.may_complete() && !leaves {
            NoSet::NotYet
        } else {
            NoSet::Over
        });
    };
    let application = status.source.map(|source| source.application);
    same_application(instance, name, application.as_ref())?;
    may_be_put_back(instance, name, &set.files, bucket)?;
    let version = application.map(|application| application.version);
    same_version(instance, version.as_deref())?;
    Ok(RestoredSet {
        set_id: Some(set.id.clone()),
        snapshot_arn: Some(set.database.snapshot_arn.clone()),
        recovery_point_arn: set.files.recovery_point_arn.clone(),
        vault: set.files.vault.clone(),
        bucket_arn: set.files.bucket_arn.clone(),
        version,
        may_lack: set.may_lack.clone(),
        ..RestoredSet::default()
    })
}

/// Whether the files' half is one that this instance can open: a recovery point, or its own bucket.
fn may_be_put_back(
    instance: &EmrInstance,
    name: &str,
    files: &FilesHalf,
    bucket: Option<&str>,
) -> Result<(), NoSet> {
    let in_own_bucket = bucket.is_some() && files.bucket_arn.as_deref() == bucket;
    let copied = files.recovery_point_arn.is_some() && files.vault.is_some();
    let possible = if instance.spec.medplum.is_some() {
        in_own_bucket
    } else {
        copied
    };
    let there = files.bucket_arn.clone().unwrap_or_default();
    possible
        .then_some(())
        .ok_or_else(|| NoSet::OfBucket(name.to_owned(), there))
}

/// The files' half that goes with a snapshot: as the spec names it, or as the snapshot's tags do.
pub fn other_half(
    source: &InstanceSource,
    vault: &str,
    snapshot: &cluster_snapshot::Observed,
) -> Result<recovery_point::Id, NoSet> {
    if let Some(arn) = &source.recovery_point_arn {
        return Ok(recovery_point::Id {
            vault: vault.into(),
            arn: arn.as_str().into(),
        });
    }
    match snapshot.tags.get(ownership::OTHER_HALF) {
        Some(other) => Ok(recovery_point::Id::from(other.as_str())),
        None => Err(NoSet::NoOtherHalf(snapshot.arn.to_string())),
    }
}

/// The set of two halves in AWS: both complete, both of one set, both this namespace's.
pub fn set_of_halves(
    instance: &EmrInstance,
    cluster: &str,
    snapshot: &cluster_snapshot::Observed,
    point: &recovery_point::Observed,
) -> Result<RestoredSet, NoSet> {
    let halves = [
        (
            snapshot.arn.to_string(),
            &snapshot.tags,
            snapshot.status == "available",
        ),
        (
            point.id.arn.to_string(),
            &point.tags,
            point.status == "COMPLETED",
        ),
    ];
    for (what, tags, complete) in &halves {
        if !complete {
            return Err(NoSet::NoHalf(what.clone()));
        }
        may_have(instance, cluster, what, tags)?;
    }
    let [(database, ours, _), (files, theirs, _)] = halves;
    let set = |tags: &Tags| {
        let tag = |key: &str| tags.get(key).cloned().unwrap_or_default();
        // What a deletion left has no id, and its halves were found by a person.
        (tag(ownership::SET), tag(ownership::SET_ID))
    };
    if set(ours) != set(theirs) {
        let named = |tags| {
            let (path, id) = set(tags);
            format!("{path} {id}").trim().to_owned()
        };
        return Err(NoSet::TwoSets(database, named(ours), files, named(theirs)));
    }
    let version = ours
        .get(ownership::APPLICATION)
        .and_then(|application| application.split_once('/'))
        .map(|(_, version)| version.to_owned());
    same_version(instance, version.as_deref())?;
    Ok(RestoredSet {
        set_id: ours.get(ownership::SET_ID).cloned(),
        snapshot_arn: Some(database),
        recovery_point_arn: Some(files),
        vault: Some(point.id.vault.to_string()),
        version,
        ..RestoredSet::default()
    })
}

/// The value of the annotation that lets this instance out of its fence: its own name, or that of the
/// EmrRestore that put it back, so that one word does not hold for a later restore.
pub fn release_word(instance: &EmrInstance) -> String {
    restored(instance)
        .and_then(|set| set.restore.clone())
        .unwrap_or_else(|| instance.name_any())
}

/// Whether somebody has let it out, now or before. A drill's copy is never let out.
pub fn is_released(instance: &EmrInstance) -> bool {
    if is_for_a_drill(instance) {
        return false;
    }
    let before = restored(instance).is_some_and(|set| set.released_at.is_some());
    before || instance.annotations().get(labels::RELEASED) == Some(&release_word(instance))
}

/// Whether it is made to be looked at, and wiped.
pub fn is_for_a_drill(instance: &EmrInstance) -> bool {
    let source = instance.spec.restore_from.as_ref();
    source.is_some_and(|source| source.purpose == Purpose::Drill)
}

/// Whether its data comes from a set.
pub fn is_restored(instance: &EmrInstance) -> bool {
    instance.spec.restore_from.is_some() || restored(instance).is_some()
}

/// Whether an EmrRestore put it back, where it stood.
pub(super) fn is_put_back(instance: &EmrInstance) -> bool {
    restored(instance).is_some_and(|set| set.restore.is_some())
}

fn restored(instance: &EmrInstance) -> Option<&RestoredSet> {
    instance.status.as_ref()?.restored.as_ref()
}

/// The set as status remembers it, released where that was said.
pub(super) fn remember(
    instance: &EmrInstance,
    found: Option<RestoredSet>,
    switched: Option<RestoredSet>,
    now: Timestamp,
) -> Option<RestoredSet> {
    if switched.is_some() {
        return switched;
    }
    let mut set = restored(instance).cloned().or(found)?;
    if set.released_at.is_none() && is_released(instance) {
        set.released_at = Some(now.to_string());
    }
    Some(set)
}

/// One clinic's records are not another's to restore.
fn may_have(instance: &EmrInstance, cluster: &str, what: &str, tags: &Tags) -> Result<(), NoSet> {
    let namespace = instance.namespace().unwrap_or_default();
    if ownership::may_have(tags, cluster, &namespace) {
        return Ok(());
    }
    let tag = |key: &str| tags.get(key).map_or("", String::as_str);
    let owner = match (tag(ownership::NAMESPACE), tag(ownership::CLUSTER)) {
        ("", _) => "nobody that its tags name".to_owned(),
        (namespace, cluster) => format!("namespace {namespace} of cluster {cluster}"),
    };
    Err(NoSet::NotYours(what.to_owned(), owner, namespace))
}

/// One application opens nothing of another's.
fn same_application(
    instance: &EmrInstance,
    name: &str,
    taken: Option<&emr_backup::Application>,
) -> Result<(), NoSet> {
    let wanted = match instance.spec.medplum {
        Some(_) => "medplum",
        None => "openemr",
    };
    match taken {
        Some(taken) if taken.name != wanted => Err(NoSet::OtherApplication(
            name.to_owned(),
            taken.name.clone(),
            wanted,
        )),
        _ => Ok(()),
    }
}

/// A restore does not upgrade.
pub(super) fn same_version(instance: &EmrInstance, taken: Option<&str>) -> Result<(), NoSet> {
    let spec = &instance.spec;
    let openemr = spec.openemr.as_ref().map(|of| (OPENEMR, &of.version));
    let medplum = spec.medplum.as_ref().map(|of| (MEDPLUM, &of.version));
    match (taken, openemr.or(medplum)) {
        (Some(taken), Some(((application, field), wanted))) if taken != wanted => {
            Err(NoSet::OtherVersion {
                application,
                field,
                taken: taken.to_owned(),
                wanted: wanted.clone(),
            })
        }
        _ => Ok(()),
    }
}
