//! What a process has used, as the kernel tells it in `/proc`: nothing is added to what is measured.

use std::{fs, time::Duration};

use emr_e2e::{Failure, Outcome};

/// Linux tells times in hundredths of a second, whatever its own clock does.
const TICKS: u32 = 100;

/// What a process has used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Usage {
    /// Time on a core, in user and system.
    pub(crate) cpu: Duration,
    /// Resident memory, in MiB.
    pub(crate) resident: f64,
    /// The most that was ever resident, in MiB.
    pub(crate) peak: f64,
}

impl Usage {
    /// Of a running process.
    pub(crate) fn of(pid: i32) -> Outcome<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        parse(&stat, &status)
            .ok_or_else(|| Failure::Assertion(format!("/proc/{pid} is not understood")))
    }

    /// The share of one core that was used between an earlier look and this one.
    pub(crate) fn share_since(&self, earlier: &Self, over: Duration) -> f64 {
        self.cpu.saturating_sub(earlier.cpu).as_secs_f64() / over.as_secs_f64()
    }
}

fn parse(stat: &str, status: &str) -> Option<Usage> {
    // The name, in parentheses, may hold spaces: fields are counted from behind it.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let used: u32 = fields.get(11)?.parse::<u32>().ok()? + fields.get(12)?.parse::<u32>().ok()?;
    let mebibytes = |field: &str| {
        let line = status.lines().find(|line| line.starts_with(field))?;
        let kibibytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kibibytes / 1024.0)
    };
    Some(Usage {
        cpu: Duration::from_secs_f64(f64::from(used) / f64::from(TICKS)),
        resident: mebibytes("VmRSS:")?,
        peak: mebibytes("VmHWM:")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_memory_are_read_whatever_the_name() {
        let stat = "7 (a) b c) S 1 7 7 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 4 0 9 1 1";
        let status = "Name:\ta\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        let usage = parse(stat, status).unwrap();
        assert_eq!(usage.cpu, Duration::from_secs(2));
        assert!((usage.resident - 1.0).abs() < 1e-9 && (usage.peak - 2.0).abs() < 1e-9);
        assert_eq!(parse("7 (a) S 1", status), None);
    }

    #[test]
    fn a_share_is_that_of_one_core() {
        let at = |seconds| Usage {
            cpu: Duration::from_secs(seconds),
            ..Usage::default()
        };
        let share = at(4).share_since(&at(1), Duration::from_mins(1));
        assert!((share - 0.05).abs() < 1e-9);
    }
}
