//! The operator: arguments and wiring, nothing else.

mod arguments;
mod print;
mod raised;
mod run;

use clap::Parser;

use arguments::{Arguments, Command};

/// Holds half of what the system's allocator does after a burst; set up in `.cargo/config.toml`.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Run(options) => Box::pin(run::run(options))
            .await
            .map_err(|error| error.to_string()),
        Command::Print { what } => print::print(what).map_err(|error| error.to_string()),
    };
    match outcome {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("emr-operator: {message}");
            std::process::ExitCode::FAILURE
        }
    }
}
