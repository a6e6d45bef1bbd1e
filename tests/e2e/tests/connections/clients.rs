//! The libraries with which Medplum's server opens database and cache, and Medplum's own client, from npm, at
//! the versions of `medplum/package-lock.json`; and the questions that are asked with them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use tokio::{io::AsyncWriteExt as _, time::timeout};

use crate::{
    mariadb::debian::{self, run},
    names::Names,
};

const LOCK: &str = "package-lock.json";
const PATIENCE: Duration = Duration::from_mins(1);

/// The installed libraries.
pub(crate) struct Clients {
    folder: PathBuf,
}

impl Clients {
    /// Installs them once, into `.cache`. `None`, with the reason on the terminal, where that can't be.
    pub(crate) fn find() -> Option<Self> {
        let source = sources();
        let folder = debian::cache().join("medplum-clients");
        let text = |folder: &Path| fs::read_to_string(folder.join(LOCK)).ok();
        if text(&folder) != text(&source)
            && let Err(why) = install(&source, &folder)
        {
            debian::skipped(&format!(
                "no Node with pg, ioredis and @medplum/core, from npm: {why}"
            ));
            return None;
        }
        let folder = folder.canonicalize().ok()?;
        Some(Self { folder })
    }

    /// Where a server would have them, as the scripts of Jobs take it.
    pub(crate) fn home(&self) -> String {
        format!("{}/", self.folder.display())
    }

    /// Asks a store; what refused is an error.
    pub(crate) async fn ask(&self, names: &Names, question: &Value) -> Result<Value, String> {
        self.run("ask.cjs", names, question).await
    }

    /// Asks a server for its data migrations, as Medplum's own client does.
    pub(crate) async fn migrations(&self, names: &Names, who: &Value) -> Result<Value, String> {
        self.run("migrations.cjs", names, who).await
    }

    async fn run(&self, script: &str, names: &Names, question: &Value) -> Result<Value, String> {
        let mut ask = tokio::process::Command::new("node");
        ask.arg(sources().join(script))
            .env("MEDPLUM_HOME", self.home())
            .envs(names.environment())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut node = ask.spawn().unwrap();
        let mut input = node.stdin.take().unwrap();
        let question = question.to_string();
        input.write_all(question.as_bytes()).await.unwrap();
        drop(input);
        let output = timeout(PATIENCE, node.wait_with_output()).await;
        let output = output.expect("an answer in time").unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        match answer["refused"].as_str() {
            Some(why) => Err(why.to_owned()),
            None => Ok(answer["answers"].clone()),
        }
    }
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("medplum")
}

fn install(source: &Path, folder: &Path) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    let new = folder.with_extension(std::process::id().to_string());
    fs::create_dir_all(&new).map_err(told)?;
    for file in ["package.json", LOCK] {
        fs::copy(source.join(file), new.join(file)).map_err(told)?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    run(npm.current_dir(&new))?;
    let _ = fs::remove_dir_all(folder);
    fs::rename(new, folder).map_err(told)
}
