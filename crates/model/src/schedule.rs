//! When something is due that comes by itself: cron's five fields, in UTC.
//!
//! Invariant: a time is answered at most once, and of several that were missed only the last is made up
//! for. Names derive from the time, so that a process that dies in between makes nothing twice.

use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use jiff::{Timestamp, tz::TimeZone};

/// A schedule that was understood.
#[derive(Clone, Debug)]
pub struct Schedule(Cron);

/// Why a schedule is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Not what cron takes.
    #[error(
        "{0:?} is not a schedule such as \"30 2 * * *\" (minute, hour, day of month, month, day of week, in UTC)"
    )]
    NotCron(String),
    /// It names no time that ever comes.
    #[error("{0:?} names a time that never comes")]
    Never(String),
}

impl Schedule {
    /// Understands five fields.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let cron = parser.parse(text);
        let cron = cron.map_err(|_| ScheduleError::NotCron(text.to_owned()))?;
        let schedule = Self(cron);
        if schedule.next_after(Timestamp::UNIX_EPOCH).is_none() {
            return Err(ScheduleError::Never(text.to_owned()));
        }
        Ok(schedule)
    }

    /// The first time after this one.
    pub fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        let now = now.to_zoned(TimeZone::UTC);
        let next = self.0.find_next_occurrence(&now, false).ok()?;
        Some(next.timestamp())
    }

    /// The last time up to now, if it came after `since`.
    pub fn due(&self, since: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let now = now.to_zoned(TimeZone::UTC);
        let last = self.0.find_previous_occurrence(&now, true).ok()?;
        Some(last.timestamp()).filter(|last| *last > since)
    }
}

/// A time as a part of a name: `20261123-0230`.
pub fn slot(at: Timestamp) -> String {
    at.strftime("%Y%m%d-%H%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn only_the_last_of_the_missed_times_is_due_and_only_once() {
        let nightly = Schedule::parse("30 2 * * *").unwrap();
        let made = at("2026-11-20T12:00:00Z");
        for (since, now, due) in [
            (made, "2026-11-21T02:29:59Z", None),
            (made, "2026-11-21T02:30:00Z", Some("2026-11-21T02:30:00Z")),
            (made, "2026-11-25T01:00:00Z", Some("2026-11-24T02:30:00Z")),
            (at("2026-11-24T02:30:00Z"), "2026-11-25T01:00:00Z", None),
        ] {
            assert_eq!(nightly.due(since, at(now)), due.map(at), "{now}");
        }
        assert_eq!(
            nightly.next_after(at("2026-11-21T02:30:00Z")),
            Some(at("2026-11-22T02:30:00Z"))
        );
        assert_eq!(slot(at("2026-11-21T02:30:00Z")), "20261121-0230");
    }

    #[test]
    fn what_is_no_schedule_is_named() {
        for (text, why) in [
            ("61 2 * * *", "is not a schedule"),
            ("nightly", "is not a schedule"),
            ("0 30 2 * * *", "is not a schedule"),
            ("0 0 31 2 *", "never comes"),
        ] {
            let told = Schedule::parse(text).unwrap_err().to_string();
            assert!(told.contains(why), "{text}: {told}");
        }
        assert!(Schedule::parse("0 4 1 * MON").is_ok());
    }
}
