//! The stages of `cargo xtask test`, in their order, and the time that each may take.
//!
//! What fails fast comes first. Times are for a cold run on two cores; CI has 90 minutes for all
//! of it, so a stage that grows has to take the time from its own share.

use std::process::Command;

use crate::{Repository, Result, deny, generate, process, repository::EVERYTHING};

/// A part of the project that has time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    /// Compiling and linting.
    Builds,
    /// One instance, from its manifest to Ready, with its faults and its end.
    Instance,
    /// What a set holds comes back.
    Data,
    /// What is Medplum's alone.
    Medplum,
    /// The AWS engine under crashes, faults and random histories.
    Engine,
}

impl Share {
    /// Every share with its name and minutes. What has no stage yet is held free for what is
    /// planned.
    pub(crate) const ALL: [(Option<Self>, &'static str, u64); 7] = [
        (Some(Self::Builds), "builds", 38),
        (Some(Self::Instance), "one instance", 12),
        (Some(Self::Data), "data protection", 2),
        (Some(Self::Engine), "engine", 19),
        (Some(Self::Medplum), "Medplum", 2),
        (None, "Helm and CLI", 6),
        (None, "FHIR", 10),
    ];
}

/// Something that must pass.
#[derive(Debug)]
pub(crate) struct Stage {
    /// Its name, for `--only`.
    pub(crate) name: &'static str,
    /// Where its time comes from.
    pub(crate) share: Share,
    /// The seconds that it may take.
    pub(crate) budget: u64,
    /// What it runs.
    pub(crate) work: Work,
}

/// What a stage runs.
#[derive(Debug)]
pub(crate) enum Work {
    /// Cargo with these arguments.
    Cargo(&'static [&'static str]),
    /// These targets of `tests/` folders.
    Tests(&'static [&'static str]),
    /// The same, with a control plane and the AWS stand-in to find in the environment.
    Sandboxed(&'static [&'static str]),
    /// Anything else: what it does in words, and the function that does it.
    Other(&'static str, fn(&Repository) -> Result),
}

const fn stage(name: &'static str, share: Share, budget: u64, work: Work) -> Stage {
    Stage {
        name,
        share,
        budget,
        work,
    }
}

/// Every stage, in the order of the run.
pub(crate) const STAGES: &[Stage] = &[
    stage(
        "fmt",
        Share::Builds,
        10,
        Work::Cargo(&["fmt", "--all", "--check", "--", "-l"]),
    ),
    stage(
        "deny",
        Share::Builds,
        60,
        Work::Other("cargo deny check bans licenses sources", deny::check),
    ),
    stage(
        "build",
        Share::Builds,
        1080,
        Work::Cargo(&["build", EVERYTHING[0], EVERYTHING[1]]),
    ),
    stage(
        "clippy",
        Share::Builds,
        360,
        Work::Cargo(&[
            "clippy",
            EVERYTHING[0],
            EVERYTHING[1],
            "--",
            "-D",
            "warnings",
        ]),
    ),
    stage(
        "binaries",
        Share::Builds,
        740,
        Work::Other(
            "emr-sandbox build (Go programs, Python environment)",
            binaries,
        ),
    ),
    stage(
        "generate",
        Share::Builds,
        30,
        Work::Other("cargo xtask generate --check", generate::check),
    ),
    stage(
        "unit",
        Share::Instance,
        30,
        Work::Cargo(&["test", "--workspace", "--lib", "--bins"]),
    ),
    stage(
        "simulation",
        Share::Engine,
        1080,
        Work::Tests(&["simulation"]),
    ),
    stage(
        "runtime",
        Share::Instance,
        20,
        Work::Sandboxed(&["contract", "driver", "gate"]),
    ),
    stage("wire", Share::Instance, 40, Work::Sandboxed(&["wire"])),
    stage(
        "aws",
        Share::Instance,
        40,
        Work::Other("pytest in tests/aws", aws),
    ),
    stage(
        "controlplane",
        Share::Instance,
        90,
        Work::Tests(&["controlplane"]),
    ),
    stage(
        "demo",
        Share::Instance,
        50,
        Work::Other("emr-sandbox demo --once", demo),
    ),
    stage(
        "contents",
        Share::Data,
        120,
        Work::Tests(&["contents", "drill", "settings", "upgrades", "users"]),
    ),
    stage(
        "connections",
        Share::Medplum,
        90,
        Work::Tests(&["connections"]),
    ),
    stage("e2e", Share::Instance, 400, Work::Tests(&["e2e"])),
];

impl Stage {
    /// Runs it.
    pub(crate) fn run(&self, repository: &Repository) -> Result {
        match &self.work {
            Work::Cargo(arguments) => process::run(&mut repository.cargo(arguments)),
            Work::Tests(targets) => process::run(&mut tests(repository, targets)),
            Work::Sandboxed(targets) => {
                let tests = tests(repository, targets);
                let mut sandboxed = repository.command(repository.program("emr-sandbox")?);
                sandboxed.args(["with", "--"]).arg(tests.get_program());
                process::run(sandboxed.args(tests.get_args()))
            }
            Work::Other(_, run) => run(repository),
        }
    }

    /// What it runs, in words.
    pub(crate) fn what(&self) -> String {
        match &self.work {
            Work::Cargo(arguments) => format!("cargo {}", arguments.join(" ")),
            Work::Tests(targets) | Work::Sandboxed(targets) => {
                let sandboxed = matches!(self.work, Work::Sandboxed(_));
                let with = if sandboxed { "emr-sandbox with " } else { "" };
                format!(
                    "{with}cargo test --workspace --test {}",
                    targets.join(" --test ")
                )
            }
            Work::Other(what, _) => (*what).to_owned(),
        }
    }
}

fn tests(repository: &Repository, targets: &[&str]) -> Command {
    let mut test = repository.cargo(&["test", "--workspace"]);
    for target in targets {
        test.args(["--test", target]);
    }
    test
}

fn binaries(repository: &Repository) -> Result {
    let sandbox = repository.program("emr-sandbox")?;
    process::run(repository.command(sandbox).arg("build"))
}

/// What the README promises.
fn demo(repository: &Repository) -> Result {
    let sandbox = repository.program("emr-sandbox")?;
    process::run(repository.command(sandbox).args(["demo", "--once"]))
}

/// Runs the stand-in's own tests with the sandbox's Python, which has what they need.
fn aws(repository: &Repository) -> Result {
    let sandbox = repository.program("emr-sandbox")?;
    let built = process::output(repository.command(sandbox).arg("build"))?;
    let python = built
        .lines()
        .last()
        .ok_or("`emr-sandbox build` named no interpreter")?;
    let mut pytest = repository.command(python);
    pytest.current_dir(repository.path("tests/aws"));
    process::run(pytest.args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_keep_to_their_share_and_all_shares_to_ninety_minutes() {
        assert!(
            Share::ALL
                .iter()
                .map(|(_, _, minutes)| minutes)
                .sum::<u64>()
                <= 90
        );
        for (share, name, minutes) in Share::ALL {
            let stages = STAGES.iter().filter(|stage| Some(stage.share) == share);
            let seconds: u64 = stages.map(|stage| stage.budget).sum();
            assert!(seconds <= minutes * 60, "{name}: {seconds} s");
        }
    }

    #[test]
    fn names_are_unique() {
        for (index, stage) in STAGES.iter().enumerate() {
            assert!(STAGES[..index].iter().all(|other| other.name != stage.name));
        }
    }
}
