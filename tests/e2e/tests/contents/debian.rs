//! Programs from Debian's packages: unpacked, not installed, so that it takes no root.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Where things that are fetched once lie.
pub(crate) fn cache() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache")
}

/// Unpacks packages once, into a folder of `.cache`; `proof` is a file in one of them. `None`, with the
/// reason on the terminal, where that can't be.
pub(crate) fn unpacked(folder: &str, packages: &[&str], proof: &str) -> Option<PathBuf> {
    let root = cache().join(folder);
    if !root.join(proof).exists() {
        let made = fs::create_dir_all(&root).map_err(|error| error.to_string());
        if let Err(why) = made.and_then(|()| unpack(&root, packages)) {
            skipped(&format!(
                "no {folder}, which Debian's packages {packages:?} have: {why}"
            ));
            return None;
        }
    }
    root.canonicalize().ok()
}

/// Says that a test did not run. It goes past the test harness, which would keep it to itself.
pub(crate) fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}

fn unpack(root: &Path, packages: &[&str]) -> Result<(), String> {
    let mut download = Command::new("apt-get");
    download.arg("download").args(packages).current_dir(root);
    run(&mut download)?;
    for entry in fs::read_dir(root).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|ending| ending == "deb") {
            run(Command::new("dpkg").arg("-x").arg(&path).arg(root))?;
        }
    }
    Ok(())
}

/// Runs it to its end; what it said, if that was no good one.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}
