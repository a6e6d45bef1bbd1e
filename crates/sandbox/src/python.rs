//! The Python environment of the AWS stand-in, made once for each list of requirements.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Error, Result,
    binaries::{Progress, once, run},
    digest, repository,
};

const PREBUILT: &str = "EMR_SANDBOX_PYTHON";

/// The interpreter to run `tests/aws` with.
pub(crate) fn ensure(progress: Progress<'_>) -> Result<PathBuf> {
    if let Some(python) = env::var_os(PREBUILT).map(PathBuf::from) {
        return if python.exists() {
            Ok(python)
        } else {
            Err(Error::Prebuilt {
                variable: PREBUILT,
                missing: python,
            })
        };
    }
    let source = repository::aws();
    // The second list holds what tests need on top: boto3.
    let lists: Vec<_> = ["requirements.txt", "requirements-test.txt"]
        .map(|name| source.join(name))
        .into_iter()
        .filter(|list| list.exists())
        .collect();
    let digest = digest::of_files(&source, &lists, "")?;
    let folder = repository::cache().join(format!("venv-{digest}"));
    once(&folder, |unfinished| {
        progress("making a Python environment");
        let mut make = Command::new("python3");
        make.args(["-m", "venv"]).arg(unfinished);
        run(make, "python3", "the Python environment", &mut |line, _| {
            progress(line);
        })?;
        install(unfinished, &lists, progress)
    })?;
    Ok(interpreter(&folder))
}

fn interpreter(folder: &Path) -> PathBuf {
    folder.join("bin/python")
}

fn install(folder: &Path, lists: &[PathBuf], progress: Progress<'_>) -> Result<()> {
    progress("installing Python packages");
    let mut pip = Command::new(interpreter(folder));
    pip.args([
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
    ]);
    pip.args(["--log", "/dev/stderr"]);
    for list in lists {
        pip.arg("-r").arg(list);
    }
    run(pip, "pip", "the Python environment", &mut |line, count| {
        if let Some((_, package)) = line.split_once("Collecting ") {
            progress(&format!("installing Python packages: {package}"));
        } else if count.is_multiple_of(50) {
            progress("installing Python packages");
        }
    })
}
