//! Every command a contributor needs, as `cargo xtask COMMAND`.

mod bench;
mod demo;
mod deny;
mod generate;
mod ledger;
mod process;
mod repository;
mod stages;
mod targets;
mod test;

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};
use repository::Repository;

/// What a command comes to. Errors are for people: each says what to do next.
type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// What was asked for on the command line.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "Every command a contributor needs")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything, start a sandbox and bring up the sample instance in it.
    Demo(demo::Arguments),
    /// Run every test there is, stage by stage, and print what each took.
    Test(test::Arguments),
    /// Measure the operator: requests, time, memory, reaction. Takes an hour.
    Bench(bench::Arguments),
    /// Write what is derived from the code: CRDs, RBAC, IAM policy, reference.
    Generate(generate::Arguments),
}

fn main() -> ExitCode {
    let repository = Repository::here();
    let outcome = match Arguments::parse().command {
        Command::Demo(arguments) => demo::run(&repository, &arguments).map(|()| true),
        Command::Test(arguments) => test::run(&repository, &arguments),
        Command::Bench(arguments) => bench::run(&repository, &arguments).map(|()| true),
        Command::Generate(arguments) => generate::run(&repository, &arguments).map(|()| true),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
