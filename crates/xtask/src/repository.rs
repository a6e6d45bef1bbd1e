//! Where things lie, and how cargo is called so that nothing is built twice.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Result, process};

/// What a full build selects. Cargo unifies features over what is selected, so most narrower
/// selections would build the dependencies once more, with other features: stages select all of it.
pub(crate) const EVERYTHING: [&str; 2] = ["--workspace", "--all-targets"];
/// The programs that people run. Together they want the same features as everything: the sandbox
/// asks for what tests add.
const PROGRAMS: [&str; 5] = ["-p", "emr-operator", "-p", "emr-sandbox", "--bins"];

/// The repository that this program was built from.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    root: PathBuf,
}

impl Repository {
    /// The repository of this program's sources.
    pub(crate) fn here() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.ancestors().nth(2).unwrap_or(here);
        Self {
            root: root.to_path_buf(),
        }
    }

    /// A file or folder in it.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A command that starts at its root.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// Cargo, the one that runs this program.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = self.command(cargo);
        command.args(arguments);
        command
    }

    /// A program of the workspace, up to date.
    pub(crate) fn program(&self, name: &str) -> Result<PathBuf> {
        process::run(self.cargo(&["build", "--quiet"]).args(PROGRAMS))?;
        Ok(self.built(name))
    }

    /// Builds the programs, and shows how that goes.
    pub(crate) fn build_programs(&self) -> Result {
        process::run(self.cargo(&["build"]).args(PROGRAMS))
    }

    /// Where cargo leaves a program of the workspace.
    pub(crate) fn built(&self, name: &str) -> PathBuf {
        self.target().join("debug").join(name)
    }

    /// Where cargo leaves it when it is built for release.
    pub(crate) fn released(&self, name: &str) -> PathBuf {
        self.target().join("release").join(name)
    }

    fn target(&self) -> PathBuf {
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
        self.root.join(target)
    }
}
