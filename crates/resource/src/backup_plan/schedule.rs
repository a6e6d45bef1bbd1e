//! When a rule runs: the few rhythms that backups have, as AWS writes them and as times.
//!
//! AWS Backup takes cron expressions of six fields in UTC. Only the forms below are written, so only
//! they are read; anything else that a person put there differs from what is wanted, which is all
//! that has to be known of it. Source: AWS Backup developer guide, "Create a scheduled backup".

use std::{fmt, time::Duration};

use jiff::{SignedDuration, Timestamp, civil, civil::Weekday, tz::TimeZone};

/// A time of day, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay {
    /// 0 to 23.
    pub hour: i8,
    /// 0 to 59.
    pub minute: i8,
}

/// When a rule runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Each hour, so many minutes past.
    Hourly(i8),
    /// Each day.
    Daily(TimeOfDay),
    /// Each week.
    Weekly(Weekday, TimeOfDay),
    /// Each month, on a day that every month has: 1 to 28.
    Monthly(i8, TimeOfDay),
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hourly(minute) => write!(f, "cron({minute} * * * ? *)"),
            Self::Daily(TimeOfDay { hour, minute }) => write!(f, "cron({minute} {hour} * * ? *)"),
            Self::Weekly(day, TimeOfDay { hour, minute }) => {
                write!(f, "cron({minute} {hour} ? * {} *)", abbreviation(*day))
            }
            Self::Monthly(day, TimeOfDay { hour, minute }) => {
                write!(f, "cron({minute} {hour} {day} * ? *)")
            }
        }
    }
}

const DAYS: [(Weekday, &str); 7] = [
    (Weekday::Monday, "MON"),
    (Weekday::Tuesday, "TUE"),
    (Weekday::Wednesday, "WED"),
    (Weekday::Thursday, "THU"),
    (Weekday::Friday, "FRI"),
    (Weekday::Saturday, "SAT"),
    (Weekday::Sunday, "SUN"),
];

/// `SUN`.
fn abbreviation(day: Weekday) -> &'static str {
    DAYS.iter()
        .find(|(known, _)| *known == day)
        .map_or("SUN", |(_, text)| text)
}

/// The day of the week that begins with these three letters, in any case.
pub fn weekday(text: &str) -> Option<Weekday> {
    let (day, _) = DAYS
        .iter()
        .find(|(_, known)| known.eq_ignore_ascii_case(text))?;
    Some(*day)
}

impl Schedule {
    /// What AWS has, if it is one of ours.
    pub fn parse(cron: &str) -> Option<Self> {
        let inner = cron.strip_prefix("cron(")?.strip_suffix(')')?;
        let fields: Vec<_> = inner.split(' ').collect();
        let [minute, hour, day, "*", week, "*"] = fields[..] else {
            return None;
        };
        let minute: i8 = minute.parse().ok()?;
        if (hour, day, week) == ("*", "*", "?") {
            return Some(Self::Hourly(minute));
        }
        let hour: i8 = hour.parse().ok()?;
        let time = TimeOfDay { hour, minute };
        match (day, week) {
            ("*", "?") => Some(Self::Daily(time)),
            ("?", day) => Some(Self::Weekly(weekday(day)?, time)),
            (day, "?") => Some(Self::Monthly(day.parse().ok()?, time)),
            _ => None,
        }
    }

    /// The longest time between two runs.
    pub const fn period(self) -> Duration {
        const DAY: u64 = 24;
        match self {
            Self::Hourly(_) => Duration::from_hours(1),
            Self::Daily(_) => Duration::from_hours(DAY),
            Self::Weekly(..) => Duration::from_hours(7 * DAY),
            Self::Monthly(..) => Duration::from_hours(31 * DAY),
        }
    }

    /// The first run after `now`.
    pub fn next_after(self, now: Timestamp) -> Timestamp {
        let today = now.to_zoned(TimeZone::UTC).datetime();
        let at = |date: civil::Date, time: TimeOfDay| {
            let run = date.at(time.hour, time.minute, 0, 0);
            TimeZone::UTC.to_timestamp(run).unwrap_or(now)
        };
        let (first, step) = match self {
            Self::Hourly(minute) => {
                let time = TimeOfDay {
                    hour: today.hour(),
                    minute,
                };
                (at(today.date(), time), SignedDuration::from_hours(1))
            }
            Self::Daily(time) => (at(today.date(), time), SignedDuration::from_hours(24)),
            Self::Weekly(day, time) => {
                let ahead = i64::from(day.since(today.weekday()));
                let date = today
                    .date()
                    .saturating_add(SignedDuration::from_hours(24 * ahead));
                (at(date, time), SignedDuration::from_hours(7 * 24))
            }
            Self::Monthly(day, time) => {
                let month = |date: civil::Date| {
                    let first = civil::Date::new(date.year(), date.month(), day);
                    at(first.unwrap_or(date), time)
                };
                let this = month(today.date());
                let next = today.date().last_of_month().tomorrow();
                let next = next.map_or(this, month);
                return if this > now { this } else { next };
            }
        };
        if first > now {
            first
        } else {
            first.saturating_add(step).unwrap_or(first)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: TimeOfDay = TimeOfDay { hour: 2, minute: 5 };

    #[test]
    fn written_as_aws_reads_it_and_read_back() {
        for (schedule, cron) in [
            (Schedule::Hourly(15), "cron(15 * * * ? *)"),
            (Schedule::Daily(TIME), "cron(5 2 * * ? *)"),
            (
                Schedule::Weekly(Weekday::Sunday, TIME),
                "cron(5 2 ? * SUN *)",
            ),
            (Schedule::Monthly(1, TIME), "cron(5 2 1 * ? *)"),
        ] {
            assert_eq!(schedule.to_string(), cron);
            assert_eq!(Schedule::parse(cron), Some(schedule));
        }
        for other in [
            "rate(1 day)",
            "cron(0/5 * * * ? *)",
            "cron(5 2 1 1 ? *)",
            "cron(5 2 ? * 2#1 *)",
        ] {
            assert_eq!(Schedule::parse(other), None, "{other}");
        }
    }

    #[test]
    fn the_next_run_is_the_first_one_later() {
        // A Monday.
        let next =
            |schedule: Schedule, now: &str| schedule.next_after(now.parse().unwrap()).to_string();
        for (schedule, now, expected) in [
            (
                Schedule::Hourly(15),
                "2026-11-23T10:14:59Z",
                "2026-11-23T10:15:00Z",
            ),
            (
                Schedule::Hourly(15),
                "2026-11-23T23:15:00Z",
                "2026-11-24T00:15:00Z",
            ),
            (
                Schedule::Daily(TIME),
                "2026-11-23T02:04:00Z",
                "2026-11-23T02:05:00Z",
            ),
            (
                Schedule::Daily(TIME),
                "2026-12-31T02:05:00Z",
                "2027-01-01T02:05:00Z",
            ),
            (
                Schedule::Weekly(Weekday::Sunday, TIME),
                "2026-11-23T00:00:00Z",
                "2026-11-29T02:05:00Z",
            ),
            (
                Schedule::Weekly(Weekday::Monday, TIME),
                "2026-11-23T02:05:00Z",
                "2026-11-30T02:05:00Z",
            ),
            (
                Schedule::Monthly(1, TIME),
                "2026-11-23T00:00:00Z",
                "2026-12-01T02:05:00Z",
            ),
            (
                Schedule::Monthly(28, TIME),
                "2026-12-28T02:05:00Z",
                "2027-01-28T02:05:00Z",
            ),
            (
                Schedule::Monthly(28, TIME),
                "2027-02-01T00:00:00Z",
                "2027-02-28T02:05:00Z",
            ),
        ] {
            assert_eq!(next(schedule, now), expected, "{schedule} after {now}");
        }
    }
}
