//! The operator under test, as a process with the rights of its `ServiceAccount`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use k8s_openapi::api::{
    authentication::v1::{TokenRequest, TokenRequestSpec},
    core::v1::ServiceAccount,
};
use kube::{Api, api::PostParams};
use nix::sys::signal::Signal;

use crate::{
    AwsStandIn, ControlPlane, Error, Result,
    control_plane::write_kubeconfig,
    process::{Process, Program},
};

/// A day: longer than any test.
const TOKEN_SECONDS: i64 = 86_400;

/// How to run the operator.
#[derive(Debug, Clone)]
pub struct OperatorOptions {
    /// The binary.
    pub binary: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// More environment; it wins over what the sandbox sets.
    pub environment: BTreeMap<String, String>,
    /// The 12-digit account that its AWS calls belong to.
    pub account: String,
    /// The region of its AWS calls.
    pub region: String,
    /// The namespace of its `ServiceAccount`.
    pub namespace: String,
    /// Its `ServiceAccount`; it must exist.
    pub service_account: String,
    /// Names its log and kubeconfig; replicas need different ones.
    pub name: String,
}

impl OperatorOptions {
    /// The operator as the chart runs it, in an account of its own.
    pub fn new(binary: impl Into<PathBuf>, account: impl Into<String>) -> Self {
        Self {
            binary: binary.into(),
            arguments: Vec::new(),
            environment: BTreeMap::new(),
            account: account.into(),
            region: "us-east-1".to_owned(),
            namespace: "emr-system".to_owned(),
            service_account: "emr-operator".to_owned(),
            name: "operator".to_owned(),
        }
    }
}

/// A running operator. Dropping it kills it.
#[derive(Debug)]
pub struct Operator {
    process: Process,
    program: Program,
    logs: PathBuf,
    binaries: crate::Binaries,
}

impl Operator {
    /// Starts it. It is not waited for: what "ready" means is the caller's to say.
    pub async fn start(
        control_plane: &ControlPlane,
        aws: &AwsStandIn,
        options: &OperatorOptions,
    ) -> Result<Self> {
        let logs = control_plane.state_dir().to_path_buf();
        let kubeconfig = logs.join(format!("{}.kubeconfig", options.name));
        let token = token(control_plane, options).await?;
        let user = &options.service_account;
        let authority = control_plane.authority();
        write_kubeconfig(
            &kubeconfig,
            control_plane.server(),
            &authority,
            user,
            &token,
        )?;

        let mut program = Program::new(
            &options.name,
            options.binary.clone(),
            options.arguments.iter().cloned(),
        );
        program.environment = environment(&kubeconfig, &aws.endpoint(), options);
        let binaries = control_plane.binaries().clone();
        let process = Process::start(&binaries, &logs, &program)?;
        Ok(Self {
            process,
            program,
            logs,
            binaries,
        })
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        self.process.pid()
    }

    /// Its log; a restart appends to it.
    pub fn log(&self) -> &Path {
        self.process.log()
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.process.runs()
    }

    /// Kills it (SIGKILL) and waits until it is gone.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Asks it to stop (SIGTERM); `false` if it still runs when the time is over.
    pub async fn terminate(&mut self, timeout: Duration) -> bool {
        self.process.signal(Signal::SIGTERM);
        self.ended(timeout).await
    }

    /// Waits until it has ended by itself; `false` if it still runs when the time is over.
    pub async fn ended(&mut self, timeout: Duration) -> bool {
        let all = async {
            while self.process.runs() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(timeout, all).await.is_ok()
    }

    /// Starts it again with the same arguments and token, killing it first if it runs.
    pub fn restart(&mut self) -> Result<()> {
        self.process.kill();
        self.process = Process::start(&self.binaries, &self.logs, &self.program)?;
        Ok(())
    }
}

async fn token(control_plane: &ControlPlane, options: &OperatorOptions) -> Result<String> {
    let api: Api<ServiceAccount> = Api::namespaced(control_plane.client(), &options.namespace);
    let request = TokenRequest {
        spec: TokenRequestSpec {
            expiration_seconds: Some(TOKEN_SECONDS),
            ..TokenRequestSpec::default()
        },
        ..TokenRequest::default()
    };
    let step = format!(
        "request a token for {}/{}",
        options.namespace, options.service_account
    );
    let answer = api
        .create_token_request(&options.service_account, &PostParams::default(), &request)
        .await
        .map_err(Error::kubernetes(step))?;
    let status = answer.status;
    Ok(status.map(|status| status.token).unwrap_or_default())
}

fn environment(
    kubeconfig: &Path,
    endpoint: &str,
    options: &OperatorOptions,
) -> BTreeMap<String, String> {
    let own = [
        ("KUBECONFIG", kubeconfig.display().to_string()),
        ("AWS_ENDPOINT_URL", endpoint.to_owned()),
        ("AWS_ACCESS_KEY_ID", options.account.clone()),
        ("AWS_SECRET_ACCESS_KEY", "sandbox".to_owned()),
        ("AWS_REGION", options.region.clone()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
    ];
    let mut environment: BTreeMap<_, _> = own
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    environment.extend(options.environment.clone());
    environment
}
