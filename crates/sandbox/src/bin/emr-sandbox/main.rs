//! The sandbox by hand: `emr-sandbox build` makes its programs, `emr-sandbox up` runs it, and
//! `emr-sandbox demo` brings up an instance in it.

mod demo;
mod progress;
mod up;
mod with;

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};
use emr_sandbox::Binaries;

#[derive(Parser)]
#[command(
    version,
    about = "A real control plane and an AWS stand-in on loopback"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the control plane's programs and the Python environment, unless they are there.
    Build,
    /// Start everything and stay until Ctrl-C.
    Up(up::Arguments),
    /// Run a command that finds both sides: tests on the wire, for example.
    With(with::Arguments),
    /// Bring up the sample instance, and show how it comes about.
    Demo(demo::Arguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Build => build().map_err(Into::into),
        Command::Up(arguments) => up::run(&arguments).await,
        Command::With(arguments) => match with::run(&arguments).await {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Command::Demo(arguments) => demo::run(&arguments).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&*error);
            ExitCode::FAILURE
        }
    }
}

fn build() -> emr_sandbox::Result<()> {
    let shown = progress::Shown::new();
    let binaries = Binaries::ensure(&|line| shown.line(line))?;
    shown.done();
    println!("{}", binaries.folder().display());
    println!("{}", binaries.python().display());
    Ok(())
}

fn report(error: &(dyn Error + 'static)) {
    eprintln!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  because: {error}");
        cause = error.source();
    }
}
