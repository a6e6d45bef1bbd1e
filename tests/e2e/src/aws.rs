//! AWS as boto3 sees it.

use std::path::PathBuf;

use emr_sandbox::Sandbox;
use serde_json::Value;
use tokio::process::Command;

use crate::{Failure, Outcome};

/// An account, looked at and changed with boto3.
#[derive(Clone, Debug)]
pub struct Aws {
    account: String,
    endpoint: String,
    python: PathBuf,
}

/// What every snippet begins with; `found` is what it hands back.
const PRELUDE: &str = include_str!("../aws/prelude.py");

impl Aws {
    /// The account in this sandbox.
    pub fn new(sandbox: &Sandbox, account: &str) -> Self {
        Self {
            account: account.to_owned(),
            endpoint: sandbox.aws.endpoint(),
            python: sandbox.control_plane.binaries().python().to_owned(),
        }
    }

    /// The account's id.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Runs Python in which `rds`, `efs`, … are clients, and hands back what it leaves in `found`.
    pub async fn run(&self, snippet: &str) -> Outcome<Value> {
        let program = format!("{PRELUDE}\n{snippet}\nshow(found)\n");
        let output = Command::new(&self.python)
            .args(["-c", &program])
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", &self.account)
            .env("AWS_SECRET_ACCESS_KEY", "sandbox")
            .env("AWS_REGION", "us-east-1")
            .env_remove("AWS_CA_BUNDLE")
            .output()
            .await?;
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Failure::Assertion(format!(
                "boto3 failed on\n{snippet}\n{why}"
            )));
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// A summary of everything that the account holds: what two runs are compared by.
    pub async fn inventory(&self) -> Outcome<Value> {
        self.run(include_str!("../aws/inventory.py")).await
    }
}
