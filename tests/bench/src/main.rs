//! The operator measured, for docs/benchmarks.md: `cargo xtask bench` builds it and runs this.

mod ack;
mod calls;
mod gantt;
mod load;
mod manifests;
mod peer;
mod process;
mod report;
mod restart;
mod scenarios;
mod world;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, ValueEnum};
use emr_e2e::Outcome;

use report::Report;
use scenarios::{clusters, idle, limited, overhead, reaction, steady};

/// What to measure.
#[derive(Debug, Parser)]
#[command(
    bin_name = "cargo xtask bench",
    about = "Measures the operator on a real control plane and an AWS stand-in"
)]
pub(crate) struct Options {
    /// What to measure, in this order; everything when omitted.
    scenarios: Vec<Scenario>,
    /// The operator's binary, a release build.
    #[arg(
        long,
        env = "EMR_OPERATOR",
        default_value = "target/release/emr-operator"
    )]
    operator: PathBuf,
    /// Databases in `clusters` and `limited`.
    #[arg(long, default_value_t = 1000)]
    objects: usize,
    /// Instances in `steady`.
    #[arg(long, default_value_t = 1000)]
    instances: usize,
    /// Minutes that instances may take to come in; then those that are there are measured.
    #[arg(long, default_value_t = 15)]
    fill_minutes: u64,
    /// Minutes of rest in `steady`.
    #[arg(long, default_value_t = 10)]
    rest_minutes: u64,
    /// Clusters on their way at a time in `reaction`.
    #[arg(long, default_value_t = 10)]
    transitions: usize,
    #[command(flatten)]
    peer: peer::Peer,
}

impl Options {
    /// How long objects may take before a scenario gives up.
    const fn patience(&self) -> Duration {
        Duration::from_mins(5 + self.objects as u64 / 60)
    }

    const fn fill(&self) -> Duration {
        Duration::from_mins(self.fill_minutes)
    }

    const fn rest(&self) -> Duration {
        Duration::from_mins(self.rest_minutes)
    }
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Scenario {
    /// One platform and nothing else: memory.
    Idle,
    /// One full stack: what comes on top of AWS's own delays.
    Overhead,
    /// From `available` in AWS to the next step.
    Reaction,
    /// Databases at once: AWS requests, time, processor, memory.
    Clusters,
    /// The same with RDS at twelve requests a second.
    Limited,
    /// Settled instances: requests, processor, memory; then a restart.
    Steady,
}

impl Scenario {
    async fn run(self, options: &Options) -> Outcome<Report> {
        match self {
            Self::Idle => idle::run(options).await,
            Self::Overhead => overhead::run(options).await,
            Self::Reaction => reaction::run(options).await,
            Self::Clusters => clusters::run(options).await,
            Self::Limited => limited::run(options).await,
            Self::Steady => steady::run(options).await,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(binary) = &options.peer.binary {
        return ending(told("peer", peer::run(&options, binary).await));
    }
    let chosen = if options.scenarios.is_empty() {
        Scenario::value_variants()
    } else {
        &options.scenarios
    };
    let mut met = true;
    for scenario in chosen {
        let name = format!("{scenario:?}").to_lowercase();
        eprintln!("{name}");
        met &= told(&name, Box::pin(scenario.run(&options)).await);
    }
    ending(met)
}

/// Prints what came of a scenario; whether every target was met.
fn told(name: &str, outcome: Outcome<Report>) -> bool {
    match outcome {
        Ok(report) => {
            println!("{report}");
            report.met()
        }
        Err(failure) => {
            println!("### {name}\n\nIt failed: {failure}\n");
            false
        }
    }
}

fn ending(met: bool) -> ExitCode {
    if met {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
