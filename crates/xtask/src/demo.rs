//! `cargo xtask demo`: builds what the demo consists of and hands over to it.

use std::os::unix::process::CommandExt as _;

use crate::{Repository, Result, process};

/// How to run the demo.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Stop when the sample is ready instead of staying up until Ctrl-C.
    #[arg(long)]
    once: bool,
}

/// Builds operator and sandbox, and becomes `emr-sandbox demo`.
pub(crate) fn run(repository: &Repository, arguments: &Arguments) -> Result {
    repository.build_programs()?;
    let mut demo = repository.command(repository.built("emr-sandbox"));
    demo.arg("demo");
    if arguments.once {
        demo.arg("--once");
    }
    // Replacing this process leaves Ctrl-C and the terminal to the demo alone.
    let error = demo.exec();
    Err(process::cannot_run(&demo, &error).into())
}
