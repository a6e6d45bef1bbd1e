//! `cargo xtask test`: the stages one after the other, and the ledger of what they took.

use crate::{
    Repository, Result,
    ledger::Ledger,
    stages::{STAGES, Stage},
    targets,
};

/// What to run.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Run this stage only; can be given more than once.
    #[arg(long, value_name = "STAGE")]
    only: Vec<String>,
    /// List the stages and run none.
    #[arg(long)]
    list: bool,
}

/// Runs the stages and stops at the first that fails. Whether all passed is the answer; the last
/// line that is printed counts them.
pub(crate) fn run(repository: &Repository, arguments: &Arguments) -> Result<bool> {
    let stages = chosen(&arguments.only)?;
    if arguments.list {
        for stage in stages {
            println!("{:<14}{:>5} s  {}", stage.name, stage.budget, stage.what());
        }
        return Ok(true);
    }
    targets::check(repository)?;
    let mut ledger = Ledger::default();
    let passed = stages
        .into_iter()
        .all(|stage| ledger.run(stage, || stage.run(repository)));
    println!("\n{ledger}");
    if !passed {
        println!("`cargo xtask test --only STAGE` runs a stage alone.\n");
    }
    println!("{}", ledger.summary());
    Ok(passed)
}

fn chosen(only: &[String]) -> Result<Vec<&'static Stage>> {
    let unknown = only
        .iter()
        .find(|name| STAGES.iter().all(|stage| stage.name != **name));
    if let Some(name) = unknown {
        return Err(
            format!("no stage is called {name}; `cargo xtask test --list` shows them").into(),
        );
    }
    let wanted = |stage: &&Stage| only.is_empty() || only.iter().any(|name| name == stage.name);
    Ok(STAGES.iter().filter(wanted).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_chosen_by_name_in_their_own_order() {
        let names = |only: &[&str]| {
            let only: Vec<String> = only.iter().map(|&name| name.to_owned()).collect();
            chosen(&only).map(|stages| stages.iter().map(|stage| stage.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&["build", "fmt"]).unwrap(), ["fmt", "build"]);
        assert_eq!(names(&[]).unwrap().len(), STAGES.len());
        assert!(names(&["nothing"]).is_err());
    }
}
