//! The programs that a sandbox consists of: built once, then found by a digest of their sources.

use std::{
    collections::VecDeque,
    env,
    ffi::OsStr,
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{Error, Result, digest, python, repository};

/// Told what a build is doing, often enough to show that it moves.
pub type Progress<'a> = &'a (dyn Fn(&str) + Send + Sync);

const PREBUILT: &str = "EMR_SANDBOX_BIN";
const CONTROL_PLANE: [&str; 5] = [
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubectl",
];
const ADDONS: [&str; 3] = ["helm", "kwok", "metrics-server"];

/// Where the sandbox's programs lie.
#[derive(Debug, Clone)]
pub struct Binaries {
    folder: PathBuf,
    python: PathBuf,
}

impl Binaries {
    /// Builds what is not there yet: the Go programs of `tests/controlplane` and a Python
    /// environment for `tests/aws`. The first time takes minutes. `EMR_SANDBOX_BIN` names a folder
    /// with programs built elsewhere, `EMR_SANDBOX_PYTHON` an interpreter with the requirements
    /// installed.
    ///
    /// It blocks; two callers at the same time build once.
    pub fn ensure(progress: Progress<'_>) -> Result<Self> {
        let folder = match env::var_os(PREBUILT) {
            Some(folder) => prebuilt(PathBuf::from(folder))?,
            None => go_programs(progress)?,
        };
        Ok(Self {
            folder,
            python: python::ensure(progress)?,
        })
    }

    /// The folder that holds every program by its usual name; for a user's PATH.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// One program, by its usual name: `kubectl`, `helm`, `kube-apiserver`, ...
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The Python interpreter that runs the AWS stand-in and has boto3's requirements.
    pub fn python(&self) -> &Path {
        &self.python
    }
}

fn prebuilt(folder: PathBuf) -> Result<PathBuf> {
    let mut wanted = CONTROL_PLANE.iter().chain(&ADDONS).chain(&["warden"]);
    match wanted.find_map(|name| Some(folder.join(name)).filter(|path| !path.exists())) {
        Some(missing) => Err(Error::Prebuilt {
            variable: PREBUILT,
            missing,
        }),
        None => Ok(folder),
    }
}

fn go_programs(progress: Progress<'_>) -> Result<PathBuf> {
    let source = repository::control_plane();
    let files = digest::files_below(&source, |path| {
        path.extension() == Some(OsStr::new("go"))
            || path
                .file_name()
                .is_some_and(|name| name == "go.mod" || name == "go.sum")
    })?;
    let folder = repository::cache().join(digest::of_files(&source, &files, &go_version()?)?);
    once(&folder, |folder| {
        let version = kubernetes_version(&source)?;
        let [major, minor, _] = numbers(&version);
        let prefix = "-X k8s.io/component-base/version";
        let flags = format!(
            "-s -w {prefix}.gitVersion={version} {prefix}.gitMajor={major} {prefix}.gitMinor={minor}"
        );
        go_build(&source, "./cmd/warden", "-s -w", folder, progress)?;
        go_build(&source, "./cmd/controlplane", &flags, folder, progress)?;
        go_build(&source.join("addons"), ".", "-s -w", folder, progress)?;
        for (binary, names) in [
            ("controlplane", &CONTROL_PLANE[..]),
            ("addons", &ADDONS[..]),
        ] {
            for name in names {
                let link = folder.join(name);
                symlink(binary, &link).map_err(Error::file(link))?;
            }
        }
        Ok(())
    })?;
    Ok(folder)
}

/// Makes `folder` complete or not at all, one process at a time.
pub(crate) fn once(folder: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    if folder.exists() {
        return Ok(());
    }
    let cache = folder.parent().unwrap_or(folder);
    fs::create_dir_all(cache).map_err(Error::file(cache))?;
    let lock = cache.join("lock");
    let held = fs::File::create(&lock).map_err(Error::file(&lock))?;
    held.lock().map_err(Error::file(&lock))?;
    if folder.exists() {
        return Ok(());
    }
    let unfinished = folder.with_extension("unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(Error::file(&unfinished))?;
    }
    fs::create_dir(&unfinished).map_err(Error::file(&unfinished))?;
    make(&unfinished)?;
    fs::rename(&unfinished, folder).map_err(Error::file(folder))
}

fn go_version() -> Result<String> {
    let output = Command::new("go")
        .arg("version")
        .output()
        .map_err(|source| Error::Tool { tool: "go", source })?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn kubernetes_version(source: &Path) -> Result<String> {
    let file = source.join("go.mod");
    let text = fs::read_to_string(&file).map_err(Error::file(&file))?;
    text.split_whitespace()
        .skip_while(|word| *word != "k8s.io/kubernetes")
        .nth(1)
        .map(str::to_owned)
        .ok_or_else(|| Error::document("go.mod", "it does not require k8s.io/kubernetes"))
}

fn numbers(version: &str) -> [&str; 3] {
    let mut parts = version.trim_start_matches('v').splitn(3, '.');
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

fn go_build(
    module: &Path,
    package: &str,
    flags: &str,
    folder: &Path,
    progress: Progress<'_>,
) -> Result<()> {
    let name = match package {
        "." => "addons",
        package => package.rsplit('/').next().unwrap_or(package),
    };
    progress(&format!("building {name}"));
    let mut command = Command::new("go");
    command
        .args([
            "build",
            "-v",
            "-trimpath",
            "-buildvcs=false",
            "-ldflags",
            flags,
            "-o",
        ])
        .arg(folder.join(name))
        .arg(package)
        .current_dir(module)
        .env("CGO_ENABLED", "0");
    run(command, "go", name, &mut |line, count| {
        progress(&format!("building {name}: {count} packages, {line}"));
    })
}

/// Runs a build, handing on each line of its standard error as it comes.
pub(crate) fn run(
    mut command: Command,
    tool: &'static str,
    what: &str,
    line_seen: &mut dyn FnMut(&str, usize),
) -> Result<()> {
    let failed = |source| Error::Tool { tool, source };
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut tail = VecDeque::new();
    if let Some(errors) = child.stderr.take() {
        for (index, line) in BufReader::new(errors)
            .lines()
            .map_while(std::result::Result::ok)
            .enumerate()
        {
            line_seen(&line, index + 1);
            if tail.len() == 30 {
                tail.pop_front();
            }
            tail.push_back(line);
        }
    }
    if child.wait().map_err(failed)?.success() {
        return Ok(());
    }
    let output = Vec::from(tail).join("\n");
    Err(Error::Build {
        what: what.to_owned(),
        output,
    })
}
