//! Runs the scenarios and counts them.
//!
//! `cargo test -p emr-e2e -- PART` runs those whose names contain PART; `--list` lists them.

use std::{sync::Arc, time::Instant};

use emr_e2e::{
    World,
    scenarios::{self, Scenario},
};
use futures::{StreamExt, future::join_all, stream};

/// How many scenarios run side by side: the machine has two cores.
const SIDE_BY_SIDE: usize = 6;

/// Scenarios that share a world: some side by side, the rest one after the other.
struct Lane {
    name: &'static str,
    shared: Vec<Scenario>,
    sequence: Vec<Scenario>,
}

impl Lane {
    /// Three worlds at the same time: what stops nodes, operators or the API server disturbs nobody
    /// else.
    fn all() -> [Self; 3] {
        [
            Self {
                name: "shared",
                shared: scenarios::shared(),
                sequence: scenarios::afterwards(),
            },
            Self {
                name: "disruptive",
                shared: Vec::new(),
                sequence: scenarios::disruptive(),
            },
            Self {
                name: "interrupted",
                shared: Vec::new(),
                sequence: scenarios::interrupted(),
            },
        ]
    }

    fn choose(&mut self, chosen: impl Fn(&Scenario) -> bool) {
        self.shared.retain(&chosen);
        self.sequence.retain(&chosen);
    }

    fn scenarios(&self) -> impl Iterator<Item = &Scenario> {
        self.shared.iter().chain(&self.sequence)
    }

    /// How many of its scenarios failed.
    async fn run(self) -> usize {
        let all = self.scenarios().count();
        if all == 0 {
            return 0;
        }
        let world = match World::start().await {
            Ok(world) => world,
            Err(error) => {
                eprintln!("the {} world did not start: {error}", self.name);
                return all;
            }
        };
        let mut failed = 0;
        let mut outcomes = stream::iter(self.shared)
            .map(|scenario| run(Arc::clone(&world), scenario))
            .buffer_unordered(SIDE_BY_SIDE);
        while let Some(passed) = outcomes.next().await {
            failed += usize::from(!passed);
        }
        drop(outcomes);
        for scenario in self.sequence {
            failed += usize::from(!run(Arc::clone(&world), scenario).await);
        }
        if let Some(mut world) = Arc::into_inner(world).filter(|_| failed > 0) {
            world.sandbox.control_plane.keep_logs();
            world.sandbox.aws.keep_logs();
            let folder = world.sandbox.control_plane.state_dir();
            eprintln!(
                "logs of the {} world are in {}",
                self.name,
                folder.display()
            );
        }
        failed
    }
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let parts: Vec<&String> = arguments
        .iter()
        .filter(|part| !part.starts_with("--"))
        .collect();
    let mut lanes = Lane::all();
    for lane in &mut lanes {
        lane.choose(|scenario| {
            parts.is_empty() || parts.iter().any(|part| scenario.0.contains(part.as_str()))
        });
    }
    if arguments.iter().any(|argument| argument == "--list") {
        for (name, _) in lanes.iter().flat_map(Lane::scenarios) {
            println!("{name}: test");
        }
        return std::process::ExitCode::SUCCESS;
    }
    let started = Instant::now();
    let total: usize = lanes.iter().map(|lane| lane.scenarios().count()).sum();
    let failed: usize = join_all(lanes.map(Lane::run)).await.into_iter().sum();
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!(
        "test result: {verdict}. {} passed; {failed} failed; 0 ignored; finished in {:.0} s",
        total - failed,
        started.elapsed().as_secs_f32()
    );
    std::process::ExitCode::from(u8::from(failed > 0))
}

async fn run(world: Arc<World>, (name, scenario): Scenario) -> bool {
    let started = Instant::now();
    let outcome = tokio::spawn(scenario(world)).await;
    let took = started.elapsed().as_secs_f32();
    match outcome {
        Ok(Ok(())) => {
            println!("test {name} ... ok ({took:.1} s)");
            true
        }
        Ok(Err(failure)) => {
            println!("test {name} ... FAILED ({took:.1} s)\n{failure}");
            false
        }
        Err(panic) => {
            println!("test {name} ... FAILED ({took:.1} s)\n{panic}");
            false
        }
    }
}
