//! The AWS stand-in of `tests/aws`: a process, and what tests set and ask about it.

use std::time::Duration;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Binaries, Error, Result, loopback, ports,
    process::{Process, Program},
    repository,
    state_dir::StateDir,
};

const START: Duration = Duration::from_mins(1);

/// How the stand-in should behave.
#[derive(Debug, Clone, Default)]
pub struct AwsStandInOptions {
    /// How long creating, modifying and deleting last; see [`AwsStandIn::set_delays`].
    pub delays: Option<Value>,
}

/// A running AWS stand-in. Each 12-digit access key is an account of its own.
#[derive(Debug)]
pub struct AwsStandIn {
    process: Process,
    state: StateDir,
    port: u16,
}

/// One call that reached the stand-in. Bodies are not recorded: they may hold passwords.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Call {
    /// Its number, from 1.
    pub seq: u64,
    /// When it arrived, RFC 3339.
    pub at: String,
    /// The account that called.
    #[serde(default)]
    pub account: Option<String>,
    /// The region.
    #[serde(default)]
    pub region: Option<String>,
    /// The service: `rds`, `elasticache`, ...
    pub service: String,
    /// The operation: `CreateDBCluster`, ...
    #[serde(default)]
    pub operation: Option<String>,
    /// Whether it changes something.
    #[serde(default)]
    pub mutating: bool,
    /// The HTTP status; none if it was never answered.
    #[serde(default)]
    pub status: Option<u16>,
    /// The AWS error code, if it was refused.
    #[serde(default)]
    pub code: Option<String>,
    /// When it was answered, RFC 3339: what it set off has begun by then.
    #[serde(default)]
    pub answered: Option<String>,
    /// Names and identifiers of the request.
    #[serde(default)]
    pub request_summary: Value,
}

/// Calls, and where the next reading starts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Calls {
    /// Pass it as `since` to see only what comes after.
    pub next: u64,
    /// In the order of arrival.
    pub calls: Vec<Call>,
}

#[derive(Deserialize)]
struct Health {
    pid: i32,
    ready: bool,
}

impl AwsStandIn {
    /// Starts it and returns when it answers.
    pub async fn start(binaries: &Binaries, options: &AwsStandInOptions) -> Result<Self> {
        let mut state = StateDir::new("emr-aws-")?;
        let mut started = Self::launch(binaries, &state).await;
        if started.is_err() {
            // Another process may have taken the port meanwhile.
            started = Self::launch(binaries, &state).await;
        }
        if started.is_err() {
            state.keep();
        }
        let (process, port) = started?;
        let stand_in = Self {
            process,
            state,
            port,
        };
        if let Some(delays) = &options.delays {
            stand_in.set_delays(delays).await?;
        }
        Ok(stand_in)
    }

    async fn launch(binaries: &Binaries, state: &StateDir) -> Result<(Process, u16)> {
        let [port] = ports::free()?;
        let arguments = [
            "-m",
            "emr_aws",
            "--host",
            "127.0.0.1",
            "--port",
            &port.to_string(),
        ];
        let mut arguments: Vec<String> = arguments.map(str::to_owned).to_vec();
        arguments.extend(["--state-dir".to_owned(), state.path().display().to_string()]);
        let mut program = Program::new("aws", binaries.python().to_path_buf(), arguments);
        program.folder = Some(repository::aws());
        program
            .environment
            .insert("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned());
        let mut process = Process::start(binaries, state.path(), &program)?;
        let pid = process.pid();
        process
            .ready(port, START, async || healthy(port, pid).await)
            .await?;
        Ok((process, port))
    }

    /// Its address, for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        self.process.pid()
    }

    /// Leaves its log in place when the value is dropped; a panic does that too.
    pub fn keep_logs(&mut self) {
        self.state.keep();
    }

    /// Gives an account what the operator finds there: an EKS cluster and its VPC. Both can be
    /// described in `options` (`region`, `clusterName`, `zones`, `version`).
    pub async fn seed_account(&self, account: &str, options: &Value) -> Result<Value> {
        self.control("POST", &format!("accounts/{account}/seed"), Some(options))
            .await
    }

    /// The calls of an account after number `since` (0: all).
    pub async fn calls(&self, account: &str, since: u64) -> Result<Calls> {
        self.control(
            "GET",
            &format!("calls?account={account}&since={since}"),
            None,
        )
        .await
    }

    /// Sets how long states last.
    pub async fn set_delays(&self, delays: &Value) -> Result<Value> {
        self.control("PUT", "delays", Some(delays)).await
    }

    /// Replaces the list of faults; an empty one ends them.
    pub async fn set_faults(&self, faults: &Value) -> Result<Value> {
        self.control("PUT", "faults", Some(faults)).await
    }

    /// Arms the kill switch: a process dies before or after a call is carried out.
    pub async fn arm_kill(&self, kill: &Value) -> Result<Value> {
        self.control("PUT", "kill", Some(kill)).await
    }

    /// Begins a storm over an account: each of its calls may fail by chance.
    pub async fn begin_storm(&self, account: &str, storm: &Value) -> Result<Value> {
        let path = format!("accounts/{account}/storm");
        self.control("PUT", &path, Some(storm)).await
    }

    /// Ends it, and tells how many calls it struck.
    pub async fn end_storm(&self, account: &str) -> Result<Value> {
        let path = format!("accounts/{account}/storm");
        self.control("DELETE", &path, None).await
    }

    /// Serves an account nothing for a time.
    pub async fn begin_outage(&self, account: &str, outage: &Value) -> Result<Value> {
        let path = format!("accounts/{account}/outage");
        self.control("PUT", &path, Some(outage)).await
    }

    /// Serves it again, and tells how many calls were turned away.
    pub async fn end_outage(&self, account: &str) -> Result<Value> {
        let path = format!("accounts/{account}/outage");
        self.control("DELETE", &path, None).await
    }

    /// Any other control request: `GET kill`, `DELETE kill`, `PUT latency`, `PUT quotas`, ...
    pub async fn control<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T> {
        let (status, answer) =
            loopback::request(self.port, method, &format!("/_sandbox/{path}"), body).await?;
        let request = format!("{method} {path}");
        if status != 200 {
            let body = String::from_utf8_lossy(&answer).into_owned();
            return Err(Error::Refused {
                request,
                status,
                body,
            });
        }
        serde_json::from_slice(&answer)
            .map_err(|error| Error::document(format!("the answer to {request}"), error))
    }
}

async fn healthy(port: u16, pid: i32) -> bool {
    let Ok((200, body)) = loopback::request(port, "GET", "/_sandbox/health", None).await else {
        return false;
    };
    serde_json::from_slice::<Health>(&body).is_ok_and(|health| health.ready && health.pid == pid)
}
