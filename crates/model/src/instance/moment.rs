//! One moment for a whole instance: its database as it was then, and the first copy of its files that was
//! begun then or later.
//!
//! Files have recovery points only, databases any second. Taking the files later than the database keeps
//! every key and every document that the database knows of, but for those that were removed in between;
//! taking them earlier would lose what was stored. What the two disagree about is told, and somebody has
//! to accept it before anything is made.

use emr_api::{
    EmrInstance, ManagedDatabase, SharedFileSystem,
    emr_instance::{DatabaseAt, Moment, RestoredSet},
    labels,
};
use emr_resource::backup_job;
use jiff::{SignedDuration, Timestamp};
use kube::ResourceExt;

use super::{no_set::NoSet, restore::same_version};

/// The instance that is to come back as it was.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// Its name.
    pub name: String,
    /// The instance.
    pub instance: Option<EmrInstance>,
    /// Its database.
    pub database: Option<ManagedDatabase>,
    /// Its files.
    pub files: Option<SharedFileSystem>,
    /// The backup jobs of its files.
    pub jobs: Option<backup_job::Observed>,
}

/// The set of that moment, once it was accepted. `approved` is what stands in the annotation
/// `emrstack.dev/approved`.
pub fn set_at(
    restored: &EmrInstance,
    moment: &Moment,
    origin: &Origin,
    approved: Option<&str>,
    now: Timestamp,
) -> Result<RestoredSet, NoSet> {
    let unknown = || NoSet::NoOrigin(origin.name.clone());
    let instance = origin.instance.as_ref().ok_or_else(unknown)?;
    let version = instance.status.as_ref().and_then(|of| of.version.clone());
    same_version(restored, version.as_deref())?;
    let database = origin.database.as_ref().ok_or_else(unknown)?;
    let arn = database.status.as_ref().and_then(|of| of.arn.as_deref());
    let cluster = arn.and_then(|arn| arn.rsplit_once(":cluster:"));
    let (_, cluster) = cluster.ok_or_else(unknown)?;
    let at: Timestamp = moment
        .time
        .parse()
        .map_err(|_| NoSet::NotThen(moment.time.clone(), "it is not a time".to_owned()))?;
    let days = database.spec.backup_retention_days;
    let kept = SignedDuration::from_hours(i64::from(days) * 24);
    if at > now {
        let why = "it has not come yet".to_owned();
        return Err(NoSet::NotThen(moment.time.clone(), why));
    }
    if now.duration_since(at) > kept {
        let why = format!("the database goes back {days} days");
        return Err(NoSet::NotThen(moment.time.clone(), why));
    }
    let files = first_since(origin, at).ok_or_else(|| NoSet::NoFilesSince(moment.time.clone()))?;
    let (job, point) = files;
    let word = format!("{:.0}", job.created_at);
    if approved != Some(&word) {
        return Err(NoSet::NotApproved {
            time: moment.time.clone(),
            files: word,
            apart: format!(
                "{:#}",
                SignedDuration::from_secs(job.created_at.duration_since(at).as_secs())
            ),
        });
    }
    Ok(RestoredSet {
        database_at: Some(DatabaseAt {
            cluster_id: cluster.to_owned(),
            time: at.to_string(),
        }),
        recovery_point_arn: Some(point.to_string()),
        vault: Some(job.vault.to_string()),
        version,
        may_lack: Some(format!(
            "documents that were removed from {at:.0} to {word} are in the database and not in the \
             files; those that were stored in that time are in the files and not in the database"
        )),
        ..RestoredSet::default()
    })
}

/// The first copy of the files that was begun then or later, and is complete.
fn first_since(
    origin: &Origin,
    at: Timestamp,
) -> Option<(&backup_job::Job, &emr_resource::ids::Arn)> {
    let jobs = origin.jobs.iter().flat_map(|of| &of.jobs);
    let complete = jobs.filter(|job| job.state == "COMPLETED" && job.created_at >= at);
    complete
        .filter_map(|job| Some((job, job.recovery_point_arn.as_ref()?)))
        .min_by_key(|(job, _)| job.created_at)
}

/// What somebody accepted.
pub fn approval<K: ResourceExt>(object: &K) -> Option<&str> {
    object
        .annotations()
        .get(labels::APPROVED)
        .map(String::as_str)
}

#[cfg(test)]
mod tests {
    use emr_api::emr_instance::InstanceSource;
    use serde_json::json;

    use super::*;

    const NOW: &str = "2026-11-23T18:00:00Z";

    fn object<K: serde::de::DeserializeOwned>(kind: &str, spec: &str, status: &str) -> K {
        let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        serde_json::from_value(json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": kind,
            "metadata": {"name": "riverside", "namespace": "clinics", "uid": "1"},
            "spec": parsed(spec), "status": parsed(status),
        }))
        .unwrap()
    }

    fn origin() -> Origin {
        let spec = r#"{"hostname": "a.example.org", "openemr": {"version": "8.2.0"}}"#;
        let arn = r#"{"arn": "arn:aws:rds:us-east-1:1:cluster:emr-c"}"#;
        let database = r#"{"auroraMysql": {}, "backupRetentionDays": 7}"#;
        let job = |at: &str, state: &str| backup_job::Job {
            id: at.into(),
            state: state.into(),
            created_at: at.parse().unwrap(),
            recovery_point_arn: Some(format!("arn:{at}").as_str().into()),
            vault: "vault".into(),
            message: None,
        };
        Origin {
            name: "riverside".into(),
            instance: Some(object("EmrInstance", spec, r#"{"version": "8.2.0"}"#)),
            database: Some(object("ManagedDatabase", database, arn)),
            files: None,
            jobs: Some(backup_job::Observed {
                resource_arn: "arn:fs".into(),
                jobs: vec![
                    job("2026-11-23T17:00:00Z", "RUNNING"),
                    job("2026-11-23T16:00:00Z", "COMPLETED"),
                    job("2026-11-23T15:00:00Z", "COMPLETED"),
                    job("2026-11-23T14:30:00Z", "FAILED"),
                    job("2026-11-23T14:00:00Z", "COMPLETED"),
                ],
            }),
        }
    }

    fn at(time: &str, approved: Option<&str>) -> Result<RestoredSet, NoSet> {
        let moment = Moment {
            instance: Some("riverside".into()),
            time: time.into(),
        };
        let mut copy = origin().instance.unwrap();
        copy.spec.restore_from = Some(InstanceSource {
            point_in_time: Some(moment.clone()),
            ..InstanceSource::default()
        });
        set_at(&copy, &moment, &origin(), approved, NOW.parse().unwrap())
    }

    #[test]
    fn files_are_the_first_copy_since_then_and_somebody_accepts_the_difference() {
        let asked = at("2026-11-23T14:05:00Z", None).unwrap_err().to_string();
        assert!(asked.contains("2026-11-23T15:00:00Z"), "{asked}");
        assert!(asked.contains("55m"), "{asked}");
        let other = at("2026-11-23T14:05:00Z", Some("2026-11-23T16:00:00Z"));
        assert_eq!(other.unwrap_err().reason(), "ApprovalNeeded");
        let set = at("2026-11-23T14:05:00Z", Some("2026-11-23T15:00:00Z")).unwrap();
        assert_eq!(
            set.recovery_point_arn.as_deref(),
            Some("arn:2026-11-23T15:00:00Z")
        );
        assert_eq!(set.snapshot_arn, None);
        let database = set.database_at.unwrap();
        assert_eq!(
            (&*database.cluster_id, &*database.time),
            ("emr-c", "2026-11-23T14:05:00Z")
        );
        assert!(
            set.may_lack
                .unwrap()
                .contains("2026-11-23T14:05:00Z to 2026-11-23T15:00:00Z")
        );
    }

    #[test]
    fn a_moment_that_can_not_be_had_is_named() {
        for (time, reason) in [
            ("2026-11-23T18:00:01Z", "MomentNotKept"),
            ("2026-11-16T17:59:59Z", "MomentNotKept"),
            ("2026-11-23T16:30:00Z", "FilesNotCopiedSince"),
        ] {
            assert_eq!(at(time, None).unwrap_err().reason(), reason, "{time}");
        }
        let none = Origin {
            database: None,
            ..origin()
        };
        let moment = Moment::default();
        let restored = origin().instance.unwrap();
        let told = set_at(&restored, &moment, &none, None, NOW.parse().unwrap());
        assert_eq!(told.unwrap_err().reason(), "InstanceNotFound");
    }
}
