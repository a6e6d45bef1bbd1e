//! What a failed install Job means, and the way out.

use k8s_openapi::api::batch::v1::{Job, JobCondition};
use kube::ResourceExt;

use crate::workload::job::exit_code;

use super::{Finding, Instance, Next, Schema, Version};

/// A first install that failed.
pub(super) fn first(
    instance: &Instance,
    schema: &Schema,
    job: &Job,
    failed: &JobCondition,
) -> Finding {
    let detail = failed.message.clone().unwrap_or_default();
    let job = job.name_any();
    let namespace = &instance.namespace;
    let logs = format!("kubectl -n {namespace} logs job/{job} --all-containers");
    let delete = format!("kubectl -n {namespace} delete job {job}");
    let person = |reason, message| Finding::new(false, reason, message, Next::Person);
    let retry = |reason, message| Finding::new(false, reason, message, Next::Retry);
    match Cause::of(failed) {
        Cause::Database => retry(
            "DatabaseUnreachable",
            "the install could not reach the database over TLS; nothing was written, it is tried \
             again by itself; check security group, NetworkPolicy and the CA bundle"
                .to_owned(),
        ),
        Cause::Cache => retry(
            "CacheUnreachable",
            "the install could not log in to the cache over TLS; nothing was written, it is tried \
             again by itself; check security group, NetworkPolicy and the CA bundle"
                .to_owned(),
        ),
        Cause::Deadline => retry(
            "InstallTimedOut",
            format!("the install took too long ({detail}); the next one first looks what is there"),
        ),
        Cause::Mismatch => person(
            "KeysDatabaseMismatch",
            format!(
                "exactly one of database and files is empty, and each holds keys to the other: \
                 nothing was written; restore both from the same backup set, then run `{delete}`; \
                 which one is empty: `{logs}`"
            ),
        ),
        Cause::Version => person(
            "VersionMismatch",
            format!(
                "the data belongs to another version of OpenEMR and an install does not upgrade \
                 it: nothing was written; set spec.openemr.version to that of the data, then run \
                 `{delete}`; the levels: `{logs}`"
            ),
        ),
        Cause::Credentials => person(
            "CredentialsUnsupported",
            format!(
                "OpenEMR's installer needs user names and passwords of letters, digits and \
                 underscores: nothing was written; correct the Secrets, then run `{delete}`"
            ),
        ),
        Cause::Incomplete => person(
            "RestoreIncomplete",
            format!(
                "what was restored is not one whole set: nothing was written; restore another; what is \
                 missing: `{logs}`"
            ),
        ),
        Cause::HalfMade => person(
            "InstallIncomplete",
            format!(
                "the install stopped half way and is not tried over a half-made schema ({detail}). \
                 The way out: 1. read why with `{logs}` and put that right; 2. make sure that no \
                 patient was ever recorded here, for the next step deletes the schema; 3. as the \
                 database's master user run `DROP DATABASE {schema};`; 4. run `{delete}`: a new \
                 install starts by itself"
            ),
        ),
    }
}

/// A Job that ran again over an installed set. Nothing here may advise to drop anything.
pub(super) fn later(
    instance: &Instance,
    version: &Version,
    job: &Job,
    failed: &JobCondition,
) -> Finding {
    match Cause::of(failed) {
        Cause::Mismatch => Finding::new(
            false,
            "KeysDatabaseMismatch",
            format!(
                "OpenEMR {version} was installed, but now exactly one of database and files is \
                 empty: nothing was written; restore both from the same backup set, then run \
                 `kubectl -n {} delete job {}`",
                instance.namespace,
                job.name_any()
            ),
            Next::Person,
        ),
        _ => Finding::new(
            true,
            "Installed",
            format!(
                "OpenEMR {version} is installed; a later install Job ended without effect: {}",
                failed.message.clone().unwrap_or_default()
            ),
            Next::Done,
        ),
    }
}

/// Why a Job failed, as its scripts say by exit code.
enum Cause {
    Database,
    Mismatch,
    HalfMade,
    Cache,
    Version,
    Credentials,
    Incomplete,
    Deadline,
}

impl Cause {
    fn of(failed: &JobCondition) -> Self {
        if failed.reason.as_deref() == Some("DeadlineExceeded") {
            return Self::Deadline;
        }
        match exit_code(failed) {
            Some(41) => Self::Database,
            Some(42) => Self::Mismatch,
            Some(44) => Self::Cache,
            Some(45) => Self::Version,
            Some(46) => Self::Credentials,
            Some(48) => Self::Incomplete,
            _ => Self::HalfMade,
        }
    }
}

/// A check Job that failed. It writes nothing, so what says nothing about the data is tried again.
pub(super) fn check(failed: &JobCondition, said: Option<&str>) -> Finding {
    let detail = || failed.message.clone().unwrap_or_default();
    let named = |usual: &str| match said {
        // `Reason: sentence`, of which the reason is the condition's own.
        Some(said) => said
            .split_once(": ")
            .map_or(said, |(_, told)| told)
            .to_owned(),
        None => format!("{usual} ({})", detail()),
    };
    let person = |reason, usual| Finding::new(false, reason, named(usual), Next::Person);
    match exit_code(failed) {
        Some(61) => person(
            "TableDamaged",
            "a table of the restored database is damaged",
        ),
        Some(63) => person(
            "DocumentsDamaged",
            "documents of the set are missing, or are not what was stored",
        ),
        Some(64) => person(
            "KeyDoesNotOpen",
            "database and files of the set do not belong together: a key does not open",
        ),
        _ => Finding::new(
            false,
            "CheckInterrupted",
            format!("the check stopped ({}); it begins again", detail()),
            Next::Retry,
        ),
    }
}

/// A settings Job that failed. It writes all or nothing, so it is always safe to try again.
pub(super) fn settings(failed: &JobCondition, said: Option<&str>) -> Finding {
    let detail = failed.message.clone().unwrap_or_default();
    match exit_code(failed) {
        Some(67) => Finding::new(
            false,
            "SettingsRefused",
            format!(
                "the database did not take spec.openemr.settings, and none was changed: {}",
                said.map_or(&*detail, |said| said
                    .split_once(": ")
                    .map_or(said, |(_, told)| told))
            ),
            Next::Retry,
        ),
        _ => Finding::new(
            false,
            "SettingsInterrupted",
            format!("putting the settings in place stopped ({detail}); it begins again"),
            Next::Retry,
        ),
    }
}

/// A restore Job that failed. What it does is safe to repeat, so whatever its script did not refuse is
/// tried again.
pub(super) fn restore(instance: &Instance, job: &Job, failed: &JobCondition) -> Finding {
    let (namespace, name) = (&instance.namespace, job.name_any());
    let delete = format!("kubectl -n {namespace} delete job {name}");
    let person = |reason, message| Finding::new(false, reason, message, Next::Person);
    match exit_code(failed) {
        Some(51) => person(
            "RestoreMissing",
            "the recovery point holds no files of OpenEMR: nothing was changed; restore another set"
                .to_owned(),
        ),
        Some(52) => person(
            "RestoreAmbiguous",
            format!(
                "AWS Backup restored into this file system more than once, and nothing says which \
                 folder is whole: nothing was changed; begin the restore anew, or leave one folder aws-backup-restore_* under the file system's root and run `{delete}`"
            ),
        ),
        Some(53) => person(
            "RestoreTargetNotEmpty",
            format!(
                "the file system holds other files where the restored ones belong, and they are not \
                 replaced: move them away, then run `{delete}`; which: `kubectl -n {namespace} logs \
                 job/{name}`"
            ),
        ),
        _ => {
            let detail = failed.message.clone().unwrap_or_default();
            let message = format!(
                "bringing the restored files into place stopped ({detail}); it goes on by itself"
            );
            Finding::new(false, "RestoreInterrupted", message, Next::Retry)
        }
    }
}
