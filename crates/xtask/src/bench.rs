//! `cargo xtask bench`: builds operator and benchmark as they are released, and hands over.

use std::{env, os::unix::process::CommandExt as _};

use crate::{Repository, Result, process};

/// The scenario that needs no control plane: it runs on the fakes of the simulation.
const GROWTH: &str = "growth";
/// How many instances rest in it, one after the other.
const SIZES: &str = "1000,3000,10000";

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Scenarios and options of the benchmark, and `growth`: `-- --help` lists the others.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

/// Measures growth if that is asked for; then builds the two programs, and becomes `emr-bench`.
pub(crate) fn run(repository: &Repository, arguments: &Arguments) -> Result {
    let (growth, rest): (Vec<_>, Vec<_>) = arguments.rest.iter().partition(|word| *word == GROWTH);
    if arguments.rest.is_empty() || !growth.is_empty() {
        grow(repository)?;
    }
    if rest.is_empty() && !growth.is_empty() {
        return Ok(());
    }
    // One after the other: together they would share features, and another operator be measured.
    for program in ["emr-operator", "emr-bench"] {
        process::run(&mut repository.cargo(&["build", "--release", "-p", program]))?;
    }
    let mut bench = repository.command(repository.released("emr-bench"));
    bench.env("EMR_OPERATOR", repository.released("emr-operator"));
    bench.args(rest);
    // Replacing this process leaves Ctrl-C and the terminal to the benchmark alone.
    let error = bench.exec();
    Err(process::cannot_run(&bench, &error).into())
}

/// How memory grows with the number of instances.
fn grow(repository: &Repository) -> Result {
    let mut test = repository.cargo(&[
        "test",
        "--workspace",
        "--features",
        "emr-controllers/growth",
        "--test",
        "simulation",
        "--",
        "growth",
        "--nocapture",
    ]);
    if env::var_os("EMR_GROWTH").is_none() {
        test.env("EMR_GROWTH", SIZES);
    }
    process::run(&mut test)?;
    Ok(())
}
