//! Runs the scenarios and counts them.
//!
//! `cargo test -p emr-e2e -- PART` runs those whose names contain PART; `--list` lists them.

use std::{sync::Arc, time::Instant};

use emr_e2e::{
    World,
    scenarios::{self, Scenario},
};
use futures::{StreamExt, stream};

/// How many scenarios run side by side: the machine has two cores.
const SIDE_BY_SIDE: usize = 6;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let parts: Vec<&String> = arguments
        .iter()
        .filter(|part| !part.starts_with("--"))
        .collect();
    let chosen = |scenario: &Scenario| {
        parts.is_empty() || parts.iter().any(|part| scenario.0.contains(part.as_str()))
    };
    let shared: Vec<_> = scenarios::shared().into_iter().filter(chosen).collect();
    let alone: Vec<_> = scenarios::alone().into_iter().filter(chosen).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        for (name, _) in shared.iter().chain(&alone) {
            println!("{name}: test");
        }
        return std::process::ExitCode::SUCCESS;
    }
    let world = match World::start().await {
        Ok(world) => world,
        Err(error) => {
            eprintln!("the world did not start: {error}");
            return std::process::ExitCode::FAILURE;
        }
    };
    let mut failed = 0;
    let total = shared.len() + alone.len();
    let mut outcomes = stream::iter(shared)
        .map(|scenario| run(Arc::clone(&world), scenario))
        .buffer_unordered(SIDE_BY_SIDE);
    while let Some(passed) = outcomes.next().await {
        failed += usize::from(!passed);
    }
    drop(outcomes);
    for scenario in alone {
        failed += usize::from(!run(Arc::clone(&world), scenario).await);
    }
    if let Some(mut world) = Arc::into_inner(world).filter(|_| failed > 0) {
        world.sandbox.control_plane.keep_logs();
        world.sandbox.aws.keep_logs();
        eprintln!(
            "logs are in {}",
            world.sandbox.control_plane.state_dir().display()
        );
    }
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!(
        "test result: {verdict}. {} passed; {failed} failed; 0 ignored",
        total - failed
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
