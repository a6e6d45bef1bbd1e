//! A sandbox of its own for each scenario, so that no figure depends on what ran before it.
//!
//! Off, because they would use the cores that are measured: metrics-server and the autoscaler's
//! controller. Lifted: the quotas of the account. Each AWS call takes [`LATENCY`].

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use emr_api::EmrPlatform;
use emr_e2e::{
    Failure, Outcome,
    kinds::{Told, until},
    world::install,
};
use emr_sandbox::{
    AwsStandInOptions, ControlPlaneOptions, NodeOptions, Operator, OperatorOptions, Sandbox,
    SandboxOptions, apply,
};
use kube::{Api, Client};
use serde_json::{Value, json};

use crate::{calls::Log, process::Usage};

/// The account of everything.
pub(crate) const ACCOUNT: &str = "100000000000";
/// The namespace of everything.
pub(crate) const NAMESPACE: &str = "bench";
/// The platform.
pub(crate) const PLATFORM: &str = "bench";
/// What every AWS call takes, beyond the stand-in's own work.
pub(crate) const LATENCY: Duration = Duration::from_millis(50);

const SERVICES: [&str; 12] = [
    "backup",
    "ec2",
    "eks",
    "elasticache",
    "elasticfilesystem",
    "iam",
    "kms",
    "logs",
    "rds",
    "secretsmanager",
    "servicequotas",
    "sts",
];
const QUOTAS: [&str; 7] = [
    "L-952B80B9",
    "L-7B6409FD",
    "L-48C6BF61",
    "L-E4C808A8",
    "L-9B510759",
    "L-BBCDAECC",
    "L-848C634D",
];

/// Which of the operator's own limits are lifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limits {
    /// All: as many requests a second as it can.
    Lifted,
    /// All but those of RDS, which it takes in full.
    RdsOnly,
}

/// What a scenario needs.
#[derive(Clone, Debug)]
pub(crate) struct Setup<'a> {
    /// The controller.
    pub(crate) binary: &'a Path,
    /// Simulated nodes, for what starts pods.
    pub(crate) nodes: Option<NodeOptions>,
    /// How long states last in AWS; what is not named ends at once.
    pub(crate) delays: Value,
    /// The operator's own limits.
    pub(crate) limits: Limits,
}

/// A running sandbox with the operator in it.
pub(crate) struct World {
    /// The sandbox.
    pub(crate) sandbox: Sandbox,
    /// The controller that is measured.
    pub(crate) operator: Operator,
    /// Where it serves its metrics.
    pub(crate) admin_port: u16,
}

impl World {
    /// Starts both, with a platform that is ready.
    pub(crate) async fn start(setup: &Setup<'_>) -> Outcome<Self> {
        let sandbox = sandbox(setup.nodes.clone(), &setup.delays).await?;
        let binary = copy_of(setup.binary, sandbox.control_plane.state_dir())?;
        let admin_port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let options = operator_options(&binary, admin_port, setup.limits);
        let operator = sandbox.operator(&options).await?;
        let world = Self {
            sandbox,
            operator,
            admin_port,
        };
        world.platform().await?;
        Ok(world)
    }

    /// A cluster admin's client.
    pub(crate) fn client(&self) -> Client {
        self.sandbox.control_plane.client()
    }

    /// What the controller has used so far.
    pub(crate) fn usage(&self) -> Outcome<Usage> {
        Usage::of(self.operator.pid())
    }

    /// AWS calls from now on.
    pub(crate) async fn calls(&self) -> Outcome<Log> {
        Log::from_now(&self.sandbox.aws, ACCOUNT).await
    }

    async fn platform(&self) -> Outcome {
        let certificate = format!("arn:aws:acm:us-east-1:{ACCOUNT}:certificate/5d0b7c1e-3f0a");
        let platform = json!({
            "apiVersion": "emrstack.dev/v1alpha1",
            "kind": "EmrPlatform",
            "metadata": {"name": PLATFORM},
            "spec": {
                "eks": {"clusterName": "clinics"},
                "aws": {"region": "us-east-1"},
                "tls": {"certificateArn": certificate},
            },
        });
        apply(&self.client(), None, platform).await?;
        let api = Api::<EmrPlatform>::all(self.client());
        let patience = Duration::from_mins(2);
        until(&api, PLATFORM, "settled", patience, Told::settled).await?;
        Ok(())
    }
}

/// A sandbox with the CRDs, the roles and the account, and nothing that runs in it.
pub(crate) async fn sandbox(nodes: Option<NodeOptions>, delays: &Value) -> Outcome<Sandbox> {
    let options = SandboxOptions {
        control_plane: ControlPlaneOptions {
            nodes,
            metrics: false,
            controller_manager_arguments: vec![
                "--controllers=*,-horizontal-pod-autoscaler-controller".to_owned(),
                "--pvclaimbinder-sync-period=1s".to_owned(),
            ],
            ..ControlPlaneOptions::default()
        },
        aws: AwsStandInOptions::default(),
    };
    let sandbox = Sandbox::start(&options, &|step| eprintln!("  {step}")).await?;
    let client = sandbox.control_plane.client();
    install(&client).await?;
    let namespace =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}});
    apply(&client, None, namespace).await?;
    prepare(&sandbox, delays).await?;
    Ok(sandbox)
}

async fn prepare(sandbox: &Sandbox, delays: &Value) -> Outcome {
    let aws = &sandbox.aws;
    aws.seed_account(ACCOUNT, &json!({"clusterName": "clinics"}))
        .await?;
    let lifted = QUOTAS.map(|code| json!({"quotaCode": code, "value": 1_000_000}));
    let _: Value = aws.control("PUT", "quotas", Some(&json!(lifted))).await?;
    let mut all: Value = aws.control("GET", "delays", None).await?;
    for delay in all
        .as_object_mut()
        .into_iter()
        .flat_map(|all| all.values_mut())
    {
        *delay = json!(0);
    }
    aws.set_delays(&all).await?;
    aws.set_delays(delays).await?;
    let latency = json!({"seconds": LATENCY.as_secs_f64()});
    let _: Value = aws.control("PUT", "latency", Some(&latency)).await?;
    Ok(())
}

/// A copy in the run's own folder: what is built meanwhile is not what is measured.
fn copy_of(binary: &Path, folder: &Path) -> Outcome<PathBuf> {
    let path = folder.join("operator-under-test");
    match std::fs::copy(binary, &path) {
        Ok(_) => Ok(path),
        Err(error) => Err(Failure::Assertion(format!(
            "no controller at {}: {error}. `cargo build --release -p emr-operator` makes it",
            binary.display()
        ))),
    }
}

fn operator_options(binary: &Path, admin_port: u16, limits: Limits) -> OperatorOptions {
    let mut options = OperatorOptions::new(binary, ACCOUNT);
    let admin = format!("127.0.0.1:{admin_port}");
    let raised: Vec<String> = SERVICES
        .iter()
        .filter(|service| limits == Limits::Lifted || **service != "rds")
        .map(|service| format!("{service}=100000/100000"))
        .collect();
    options.arguments = ["run", "--admin-address", &admin, "--aws-share", "1"]
        .map(str::to_owned)
        .into();
    let environment = &mut options.environment;
    environment.insert("EMR_AWS_LIMITS".to_owned(), raised.join(","));
    options
}
