//! `emr-sandbox with COMMAND`: runs a command that finds a control plane and the AWS stand-in.

use std::{
    error::Error,
    process::{Command, ExitCode},
};

use emr_sandbox::{ControlPlaneOptions, Sandbox, SandboxOptions};

use crate::progress::Shown;

/// What to run.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Simulated nodes and metrics-server too, for commands that start pods.
    #[arg(long)]
    nodes: bool,
    /// The command with its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

/// Variables that would lead an SDK elsewhere.
const FOREIGN: [&str; 4] = [
    "AWS_CA_BUNDLE",
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_ROLE_ARN",
];

/// Runs it and ends as it ends.
pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let mut options = SandboxOptions::default();
    if !arguments.nodes {
        options.control_plane = ControlPlaneOptions {
            nodes: None,
            metrics: false,
            ..options.control_plane
        };
    }
    let shown = Shown::new();
    let mut sandbox = Sandbox::start(&options, &|line| shown.line(line)).await?;
    shown.done();

    let [program, rest @ ..] = &arguments.command[..] else {
        return Err("no command".into());
    };
    let mut command = Command::new(program);
    for variable in FOREIGN {
        command.env_remove(variable);
    }
    let (kubeconfig, endpoint) = (sandbox.kubeconfig(), sandbox.aws.endpoint());
    command
        .args(rest)
        .envs([("KUBECONFIG", &kubeconfig), ("EMR_KUBECONFIG", &kubeconfig)])
        .envs([
            ("AWS_ENDPOINT_URL", &endpoint),
            ("EMR_AWS_ENDPOINT", &endpoint),
        ])
        .envs([
            ("AWS_REGION", "us-east-1"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
        ])
        .envs([
            ("AWS_ACCESS_KEY_ID", "111111111111"),
            ("AWS_SECRET_ACCESS_KEY", "sandbox"),
        ]);
    let status = tokio::task::block_in_place(|| command.status())
        .map_err(|error| format!("cannot run {program}: {error}"))?;
    if status.success() {
        return Ok(ExitCode::SUCCESS);
    }
    sandbox.control_plane.keep_logs();
    sandbox.aws.keep_logs();
    Ok(ExitCode::FAILURE)
}
