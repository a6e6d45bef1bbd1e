//! What each stage took, against what it may take.

use std::{
    fmt,
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use crate::{
    Result,
    stages::{Share, Stage},
};

/// How often a long stage says that it is still there.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// The stages that ran.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    stage: &'static Stage,
    took: Duration,
    passed: bool,
}

impl Ledger {
    /// Runs a stage and notes how it went; its error is printed at once.
    pub(crate) fn run(&mut self, stage: &'static Stage, work: impl FnOnce() -> Result) -> bool {
        println!("\n=== {}: {}", stage.name, stage.what());
        let begun = Instant::now();
        let outcome = with_heartbeat(stage.name, begun, work);
        let took = begun.elapsed();
        if let Err(error) = &outcome {
            eprintln!("error: {error}");
        }
        let passed = outcome.is_ok();
        let verdict = if passed { "passed" } else { "failed" };
        println!("=== {} {verdict} after {}", stage.name, clock(took));
        if took.as_secs() > stage.budget {
            let budget = clock(Duration::from_secs(stage.budget));
            eprintln!("warning: {} exceeds its share of {budget}", stage.name);
        }
        self.note(stage, took, passed);
        passed
    }

    fn note(&mut self, stage: &'static Stage, took: Duration, passed: bool) {
        self.entries.push(Entry {
            stage,
            took,
            passed,
        });
    }

    /// The line that says how many stages passed.
    pub(crate) fn summary(&self) -> String {
        let passed = self.entries.iter().filter(|entry| entry.passed).count();
        format!("{passed} passed, {} failed", self.entries.len() - passed)
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |f: &mut fmt::Formatter<'_>, name: &str, took: u64, budget: u64, end: &str| {
            let over = if took > budget {
                ", over its share"
            } else {
                ""
            };
            writeln!(
                f,
                "{}",
                format!("{name:<16}{took:>8}{budget:>8}  {end}{over}").trim_end()
            )
        };
        writeln!(f, "stage            seconds  budget")?;
        for entry in &self.entries {
            let end = if entry.passed { "passed" } else { "FAILED" };
            row(
                f,
                entry.stage.name,
                entry.took.as_secs(),
                entry.stage.budget,
                end,
            )?;
        }
        writeln!(f, "---")?;
        for (share, name, minutes) in Share::ALL {
            let of_share = self
                .entries
                .iter()
                .filter(|entry| Some(entry.stage.share) == share);
            let took: Duration = of_share.map(|entry| entry.took).sum();
            let end = if share.is_some() { "" } else { "held free" };
            row(f, name, took.as_secs(), minutes * 60, end)?;
        }
        Ok(())
    }
}

/// Does `work` on this thread while another one says every now and then that it goes on.
fn with_heartbeat<T>(name: &str, begun: Instant, work: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        let (done, wait) = channel::<()>();
        scope.spawn(move || {
            while wait.recv_timeout(HEARTBEAT) == Err(RecvTimeoutError::Timeout) {
                println!("... {name}: {}", clock(begun.elapsed()));
            }
        });
        let outcome = work();
        drop(done);
        outcome
    })
}

/// A duration as people say it.
fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds / 60 {
        0 => format!("{:.1} s", duration.as_secs_f64()),
        minutes => format!("{minutes} min {:02} s", seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::STAGES;

    #[test]
    fn the_table_shows_what_failed_and_what_took_too_long() {
        let mut ledger = Ledger::default();
        ledger.note(&STAGES[0], Duration::from_secs(STAGES[0].budget + 1), true);
        ledger.note(&STAGES[1], Duration::from_secs(1), false);
        let table = ledger.to_string();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(
            lines[1],
            "fmt                   11      10  passed, over its share"
        );
        assert_eq!(lines[2], "deny                   1      60  FAILED");
        assert_eq!(lines[4], "builds                12    2280");
        assert_eq!(lines[6], "data protection        0     120");
        assert_eq!(ledger.summary(), "1 passed, 1 failed");
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(clock(Duration::from_millis(1_234)), "1.2 s");
        assert_eq!(clock(Duration::from_secs(605)), "10 min 05 s");
    }
}
