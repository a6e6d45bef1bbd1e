//! `cargo xtask bench`: builds operator and benchmark as they are released, and hands over.

use std::os::unix::process::CommandExt as _;

use crate::{Repository, Result, process};

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Scenarios and options of the benchmark; `-- --help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

/// Builds both, and becomes `emr-bench`.
pub(crate) fn run(repository: &Repository, arguments: &Arguments) -> Result {
    // One after the other: together they would share features, and another operator be measured.
    for program in ["emr-operator", "emr-bench"] {
        process::run(&mut repository.cargo(&["build", "--release", "-p", program]))?;
    }
    let mut bench = repository.command(repository.released("emr-bench"));
    bench.env("EMR_OPERATOR", repository.released("emr-operator"));
    bench.args(&arguments.rest);
    // Replacing this process leaves Ctrl-C and the terminal to the benchmark alone.
    let error = bench.exec();
    Err(process::cannot_run(&bench, &error).into())
}
