//! A child process with its warden: it cannot outlive this process, however this one ends.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    io::{self, BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill, killpg},
    unistd::Pid,
};

use crate::{Binaries, Error, Result, ports};

/// What to run.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) folder: Option<PathBuf>,
}

impl Program {
    pub(crate) fn new(
        name: &str,
        path: PathBuf,
        arguments: impl IntoIterator<Item = String>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            path,
            arguments: arguments.into_iter().map(OsString::from).collect(),
            environment: BTreeMap::new(),
            folder: None,
        }
    }
}

/// Variables that would send a child elsewhere than to loopback, or make an AWS SDK refuse to start.
const FOREIGN: [&str; 12] = [
    "AWS_CA_BUNDLE",
    "AWS_PROFILE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_SESSION_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "KUBECONFIG",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "http_proxy",
    "https_proxy",
];

/// A running process. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    warden: Child,
    /// The kernel closes it when this process ends, and the warden acts on that.
    lifeline: Option<ChildStdin>,
    pid: i32,
    log: PathBuf,
}

impl Process {
    /// Starts a program with both outputs appended to `NAME.log` in `logs`.
    pub(crate) fn start(binaries: &Binaries, logs: &Path, program: &Program) -> Result<Self> {
        let name = program.name.clone();
        let log = logs.join(format!("{name}.log"));
        let failed = |source| Error::Start {
            name: name.clone(),
            source,
        };
        let mut command = Command::new(binaries.program("warden"));
        for variable in FOREIGN {
            command.env_remove(variable);
        }
        command
            .arg("run")
            .arg(&log)
            .arg(&program.path)
            .args(&program.arguments)
            .envs(&program.environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if let Some(folder) = &program.folder {
            command.current_dir(folder);
        }
        let mut warden = command.spawn().map_err(failed)?;
        let lifeline = warden.stdin.take();
        let mut line = String::new();
        if let Some(output) = warden.stdout.take() {
            BufReader::new(output)
                .read_line(&mut line)
                .map_err(failed)?;
        }
        let pid = line
            .trim()
            .parse()
            .map_err(|_| failed(io::ErrorKind::NotFound.into()))?;
        Ok(Self {
            name: program.name.clone(),
            warden,
            lifeline,
            pid,
            log,
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The process's own id, not its warden's.
    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        matches!(self.warden.try_wait(), Ok(None))
    }

    /// Sends a signal to the process itself.
    pub(crate) fn signal(&mut self, signal: Signal) {
        // The warden reaps its child before it ends itself: while it runs, the id is not reused.
        if self.runs() {
            let _ = kill(Pid::from_raw(self.pid), signal);
        }
    }

    /// Waits for it to end; `false` if it still runs when the time is over.
    pub(crate) fn wait(&mut self, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        while self.runs() {
            if Instant::now() >= deadline {
                return false;
            }
            thread::sleep(Duration::from_millis(5));
        }
        true
    }

    /// Kills it with everything that it started, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        if self.runs() {
            let _ = killpg(Pid::from_raw(self.pid), Signal::SIGKILL);
        }
        self.lifeline = None;
        if !self.wait(Duration::from_secs(10)) {
            tracing::warn!(process = self.name, pid = self.pid, "does not end");
        }
    }

    /// Waits until this very process listens on `port` and `ready` says yes.
    pub(crate) async fn ready<F: Future<Output = bool>>(
        &mut self,
        port: u16,
        timeout: Duration,
        mut ready: impl FnMut() -> F,
    ) -> Result<()> {
        let start = Instant::now();
        loop {
            if !self.runs() {
                let (name, log) = (self.name.clone(), self.log.clone());
                return Err(Error::Ended {
                    name,
                    tail: tail(&log),
                    log,
                });
            }
            if ports::listens(self.pid, port) && ready().await {
                let after = start.elapsed();
                tracing::debug!(process = self.name, pid = self.pid, ?after, "ready");
                return Ok(());
            }
            if start.elapsed() >= timeout {
                let (name, log) = (self.name.clone(), self.log.clone());
                return Err(Error::NotReady {
                    name,
                    after: timeout,
                    tail: tail(&log),
                    log,
                });
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The last lines of a log.
pub(crate) fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
