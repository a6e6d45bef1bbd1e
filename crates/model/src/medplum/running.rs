//! What a running server says of itself: its version, and how far its data migrations are.
//!
//! What is not understood counts as not there yet: an upgrade waits rather than goes on.

use serde_json::Value;

use crate::upgrade::{State, Version};

/// A server's answers about its data migrations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrations {
    /// Of `GET /admin/super/migrations`.
    pub pending: Value,
    /// Of the search for `AsyncJob`s of type `data-migration`, newest first.
    pub jobs: Value,
}

/// The release in an answer of `/healthcheck`. The server appends its commit (`4.3.15-1a2b3c4`), which is no
/// part of the image's tag.
pub fn version(healthcheck: &Value) -> Option<Version> {
    let told: Version = healthcheck.get("version")?.as_str()?.parse().ok()?;
    Some(told.release().into())
}

/// How far the data migrations are: done once none is left to begin and none is under way. The server begins
/// them by itself, one after the other.
pub fn migrations(told: &Migrations) -> State {
    let jobs = jobs(&told.jobs);
    let Some(pending) = told
        .pending
        .get("pendingPostDeployMigration")
        .and_then(Value::as_i64)
    else {
        return State::Running("the server does not tell yet what is to be migrated".into());
    };
    let active = jobs.iter().find(|job| job.is_active());
    match (pending, active) {
        (_, Some(job)) => State::Running(format!("data migration {} is under way", job.version)),
        (0, None) => State::Done,
        (1.., None) => match jobs.iter().find(|job| job.version == pending) {
            Some(job) if job.has_failed() => State::Failed(format!(
                "data migration {pending} ended as {}{}; its AsyncJob is {}",
                job.status,
                job.why.map_or(String::new(), |why| format!(": {why}")),
                job.id
            )),
            _ => State::Running(format!("data migration {pending} is about to begin")),
        },
        (..0, None) => State::Running("the server does not know yet what is to be migrated".into()),
    }
}

/// An `AsyncJob` of a data migration.
struct Job<'a> {
    id: &'a str,
    version: i64,
    status: &'a str,
    why: Option<&'a str>,
}

impl Job<'_> {
    fn is_active(&self) -> bool {
        matches!(self.status, "accepted" | "active")
    }

    fn has_failed(&self) -> bool {
        matches!(self.status, "error" | "cancelled")
    }
}

/// The newest first, as the server lists them.
fn jobs(bundle: &Value) -> Vec<Job<'_>> {
    let entries = bundle.get("entry").and_then(Value::as_array);
    let resources = entries.into_iter().flatten();
    let jobs = resources.filter_map(|entry| {
        let job = entry.get("resource")?;
        Some(Job {
            id: job.get("id")?.as_str()?,
            version: job.get("dataVersion")?.as_i64()?,
            status: job.get("status")?.as_str()?,
            why: why(job),
        })
    });
    jobs.collect()
}

/// What the server notes of a failure.
fn why(job: &Value) -> Option<&str> {
    let noted = job.get("output")?.get("parameter")?.as_array()?;
    noted.iter().find_map(|one| {
        let issue = one.pointer("/resource/issue/0/details/text");
        issue.or_else(|| one.get("valueString"))?.as_str()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(pending: i64, jobs: &[(i64, &str)]) -> State {
        let entry = |(version, status): &(i64, &str)| {
            json!({"resource": {
                "resourceType": "AsyncJob", "id": format!("j{version}"), "type": "data-migration",
                "dataVersion": version, "status": status,
                "output": {"parameter": [{"name": "outcome", "resource": {
                    "issue": [{"details": {"text": "out of disk"}}]}}]},
            }})
        };
        migrations(&Migrations {
            pending: json!({"postDeployMigrations": [1, 2], "pendingPostDeployMigration": pending}),
            jobs: json!({"resourceType": "Bundle", "entry": jobs.iter().map(entry).collect::<Vec<_>>()}),
        })
    }

    #[test]
    fn the_release_is_told_without_the_commit() {
        let version = |text| version(&json!({"ok": true, "version": text}));
        assert_eq!(version("4.3.15-1a2b3c4"), "4.3.15".parse().ok());
        assert_eq!(version("4.3.15"), "4.3.15".parse().ok());
        assert_eq!(version("unknown"), None);
        assert_eq!(super::version(&json!([])), None);
    }

    #[test]
    fn done_is_none_to_begin_and_none_under_way() {
        assert_eq!(told(0, &[]), State::Done);
        assert_eq!(told(0, &[(2, "completed"), (1, "completed")]), State::Done);
        for under_way in ["accepted", "active"] {
            assert!(matches!(told(0, &[(2, under_way)]), State::Running(_)));
        }
        assert!(matches!(told(2, &[(1, "completed")]), State::Running(_)));
        assert!(matches!(told(-1, &[]), State::Running(_)));
        assert!(matches!(
            migrations(&Migrations::default()),
            State::Running(_)
        ));
    }

    #[test]
    fn one_that_ended_in_an_error_is_told_with_its_reason_until_it_is_begun_again() {
        assert_eq!(
            told(2, &[(2, "error"), (1, "completed")]),
            State::Failed(
                "data migration 2 ended as error: out of disk; its AsyncJob is j2".into()
            )
        );
        assert!(matches!(
            told(2, &[(2, "active"), (2, "error")]),
            State::Running(_)
        ));
        // One of long ago, of a version that was passed since, stops nothing.
        assert_eq!(told(0, &[(2, "completed"), (2, "error")]), State::Done);
    }
}
