//! Whether recurring backups work: the age of the newest recovery point of each part against what its
//! plan promises.
//!
//! The condition says nothing that changes by itself: a time stands in it only while something is
//! wrong, so a healthy instance is not written to (invariant 5).

use std::time::Duration;

use emr_api::conditions::{self, Beside, Verdict};
use jiff::Timestamp;

/// AWS begins within an hour of the time that a rule names, and a large file system takes hours.
const SLACK: Duration = Duration::from_hours(12);
/// The same for an hourly one: two may fail before it is told.
const HOURLY_SLACK: Duration = Duration::from_hours(3);
const DAY: Duration = Duration::from_hours(24);
const HOUR: Duration = Duration::from_hours(1);
/// How often it is looked at while something is overdue.
const LOOK_AGAIN: Duration = Duration::from_mins(15);
/// How often an instance looks for its first recovery point, of which nothing wakes it. Nothing but a
/// condition depends on it.
const FIRST_LOOK: Duration = Duration::from_hours(6);

/// Something that holds data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What it is, for people: "the database".
    pub what: &'static str,
    /// Whether a recovery point is due each hour, not each day.
    pub hourly: bool,
    /// When its newest recovery point was complete.
    pub last: Option<Timestamp>,
    /// What came of its last backup job, if that was looked at and failed.
    pub trouble: Option<String>,
}

impl Held {
    /// When the next recovery point has to be there.
    fn deadline(&self, since: Timestamp) -> Timestamp {
        let allowed = match self.last {
            Some(_) if self.hourly => HOUR + HOURLY_SLACK,
            // The daily run may have been a moment ago when it was made.
            _ => DAY + SLACK,
        };
        let from = self.last.unwrap_or(since);
        from.saturating_add(allowed).unwrap_or(from)
    }

    /// True when a recovery point should be there and is not: its job is worth a look.
    pub fn is_overdue(&self, since: Timestamp, now: Timestamp) -> bool {
        self.deadline(since) <= now
    }

    fn told(&self) -> String {
        let last = self.last.map_or_else(
            || "no recovery point".to_owned(),
            |last| format!("last recovery point at {last:.0}"),
        );
        let trouble = self.trouble.as_deref();
        let trouble = trouble.map(|told| format!(" ({told})")).unwrap_or_default();
        format!("{}: {last}{trouble}", self.what)
    }
}

/// The condition, and how long it stays as it is. `since` is when the instance was made.
pub fn backup_healthy(parts: &[Held], since: Timestamp, now: Timestamp) -> (Beside, Duration) {
    let told = |verdict, reason: &str, message: String| Beside {
        kind: conditions::BACKUP_HEALTHY,
        verdict,
        reason: reason.to_owned(),
        message,
    };
    let overdue: Vec<_> = parts
        .iter()
        .filter(|part| part.is_overdue(since, now))
        .collect();
    if !overdue.is_empty() {
        let parts: Vec<_> = overdue.iter().map(|part| part.told()).collect();
        let message = format!(
            "{}. Look at the jobs of the platform's vault in AWS Backup and mend what they name; an \
             on-demand backup to that vault counts as well",
            parts.join("; ")
        );
        return (told(Verdict::No, "BackupOverdue", message), LOOK_AGAIN);
    }
    let next = parts.iter().map(|part| part.deadline(since)).min();
    let wait = next.and_then(|next| Duration::try_from(next.duration_since(now)).ok());
    let wait = wait.unwrap_or(DAY);
    let missing: Vec<_> = parts.iter().filter(|part| part.last.is_none()).collect();
    if missing.is_empty() {
        let message = "database and files were backed up as lately as the platform's plans say";
        return (told(Verdict::Yes, "BackedUp", message.to_owned()), wait);
    }
    let parts: Vec<_> = missing.iter().map(|part| part.what).collect();
    let message = format!(
        "{} have no recovery point yet: the first is taken by the platform's daily plan",
        parts.join(" and ")
    );
    (
        told(Verdict::Unknown, "FirstBackupDue", message),
        wait.min(FIRST_LOOK),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const MADE: &str = "2026-11-23T00:00:00Z";

    fn judge(
        hourly: bool,
        last: Option<&str>,
        trouble: Option<&str>,
        now: &str,
    ) -> (Beside, Duration) {
        let part = Held {
            what: "the database",
            hourly,
            last: last.map(|at| at.parse().unwrap()),
            trouble: trouble.map(Into::into),
        };
        backup_healthy(&[part], MADE.parse().unwrap(), now.parse().unwrap())
    }

    #[test]
    fn healthy_until_the_next_one_is_overdue() {
        for (hourly, last, now, verdict, hours) in [
            (false, None, "2026-11-23T01:00:00Z", Verdict::Unknown, 6),
            (false, None, "2026-11-24T12:00:00Z", Verdict::No, 0),
            (
                false,
                Some("2026-11-24T02:00:00Z"),
                "2026-11-24T03:00:00Z",
                Verdict::Yes,
                35,
            ),
            (
                false,
                Some("2026-11-24T02:00:00Z"),
                "2026-11-25T13:59:59Z",
                Verdict::Yes,
                0,
            ),
            (
                false,
                Some("2026-11-24T02:00:00Z"),
                "2026-11-25T14:00:00Z",
                Verdict::No,
                0,
            ),
            (true, None, "2026-11-23T06:00:00Z", Verdict::Unknown, 6),
            (
                true,
                Some("2026-11-24T02:00:00Z"),
                "2026-11-24T02:00:00Z",
                Verdict::Yes,
                4,
            ),
            (
                true,
                Some("2026-11-24T02:00:00Z"),
                "2026-11-24T06:00:00Z",
                Verdict::No,
                0,
            ),
        ] {
            let (told, wait) = judge(hourly, last, None, now);
            assert_eq!(told.verdict, verdict, "{hourly} {last:?} {now}");
            assert_eq!(wait.as_secs() / 3600, hours, "{hourly} {last:?} {now}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_and_nothing_else_moves() {
        let (told, _) = judge(
            false,
            Some("2026-11-20T02:00:00Z"),
            Some("backup job 7 FAILED: no access"),
            "2026-11-24T12:00:00Z",
        );
        assert!(
            told.message
                .contains("the database: last recovery point at 2026-11-20T02:00:00Z"),
            "{}",
            told.message
        );
        assert!(told.message.contains("backup job 7 FAILED: no access"));
        let healthy = |now| judge(false, Some("2026-11-24T02:00:00Z"), None, now).0;
        assert_eq!(
            healthy("2026-11-24T03:00:00Z"),
            healthy("2026-11-24T12:00:00Z")
        );
    }
}
