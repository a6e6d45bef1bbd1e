//! A sandbox that scenarios share, with the operator in it.

use std::{
    fs::File,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use emr_sandbox::{
    AwsStandInOptions, ControlPlaneOptions, NodeOptions, Operator, OperatorOptions, Sandbox,
    SandboxOptions, apply, apply_file,
};
use kube::Client;
use serde_json::json;
use tokio::sync::Mutex;

use crate::{Failure, Outcome, scenarios::admission::install_admission};

/// The namespace and the ServiceAccount of the operator.
pub const OPERATOR: (&str, &str) = ("emr-system", "emr-operator");
/// The account of the operator itself; scenarios have accounts of their own.
pub const HOME_ACCOUNT: &str = "100000000000";

/// A node has room for three workers or installs. What finished scenarios leave stays, two zones
/// must be able to take all of it, and an install that finds no room waits without end.
const NODES_PER_ZONE: usize = 6;

/// A sandbox with the operator in it.
pub struct World {
    /// The sandbox.
    pub sandbox: Sandbox,
    /// The operator.
    pub operator: Mutex<Operator>,
    /// Where it serves its metrics.
    pub admin_port: u16,
    /// What every replica is started from.
    binary: PathBuf,
}

/// The root of the repository.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Where cargo puts the operator's binary.
pub fn operator_binary() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| repository().join("target"), PathBuf::from);
    std::env::var_os("EMR_OPERATOR")
        .map_or_else(|| target.join("debug/emr-operator"), PathBuf::from)
}

impl World {
    /// Starts it: CRDs, the chart's roles and policies, the operator under them.
    pub async fn start() -> Outcome<Arc<Self>> {
        Self::start_with(ControlPlaneOptions {
            nodes: Some(NodeOptions {
                pod_ready_after: Duration::from_millis(500),
                job_takes: Duration::from_secs(1),
                per_zone: NODES_PER_ZONE,
                ..NodeOptions::default()
            }),
            // Claims on volumes that name them are otherwise bound every 15 s only.
            controller_manager_arguments: vec!["--pvclaimbinder-sync-period=1s".to_owned()],
            ..ControlPlaneOptions::default()
        })
        .await
    }

    /// The same with a control plane of the caller's choice.
    pub async fn start_with(control_plane: ControlPlaneOptions) -> Outcome<Arc<Self>> {
        let options = SandboxOptions {
            control_plane,
            aws: AwsStandInOptions::default(),
        };
        // Opened first: what cargo puts in its place from here on is another file.
        let built = File::open(operator_binary())?;
        let sandbox = Sandbox::start(&options, &|step| println!("  {step}")).await?;
        Self::of(sandbox, &built).await
    }

    /// Another cluster, with an operator that knows nothing, beside the same AWS.
    pub async fn rebuild(self, control_plane: &ControlPlaneOptions) -> Outcome<Arc<Self>> {
        let built = File::open(&self.binary)?;
        drop(self.operator);
        let sandbox = self.sandbox.rebuild(control_plane).await?;
        Self::of(sandbox, &built).await
    }

    async fn of(sandbox: Sandbox, built: &File) -> Outcome<Arc<Self>> {
        let binary = copy_of(built, sandbox.control_plane.state_dir())?;
        install(&sandbox.control_plane.client()).await?;
        install_admission(&sandbox).await?;
        let admin_port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let operator = sandbox
            .operator(&operator_options(&binary, admin_port))
            .await?;
        Ok(Arc::new(Self {
            sandbox,
            operator: Mutex::new(operator),
            admin_port,
            binary,
        }))
    }

    /// How one more replica is run.
    pub fn replica(&self, name: &str) -> OperatorOptions {
        OperatorOptions {
            name: name.to_owned(),
            ..operator_options(&self.binary, 0)
        }
    }

    /// The operator's metrics, as Prometheus reads them.
    pub async fn metrics(&self) -> Outcome<String> {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", self.admin_port)).await?;
        let request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    /// A cluster admin's client.
    pub fn client(&self) -> Client {
        self.sandbox.control_plane.client()
    }
}

/// A copy of the binary in the run's own folder: restarts and further replicas are the program that
/// the run began with, whatever is built beside it.
fn copy_of(built: &File, folder: &Path) -> Outcome<PathBuf> {
    let path = folder.join("emr-operator");
    std::io::copy(&mut &*built, &mut File::create(&path)?)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

/// How the operator is run; port 0 takes any.
fn operator_options(binary: &Path, admin_port: u16) -> OperatorOptions {
    let mut options = OperatorOptions::new(binary, HOME_ACCOUNT);
    let admin = format!("127.0.0.1:{admin_port}");
    options.arguments = ["run", "--admin-address", &admin, "--aws-share", "1"]
        .map(str::to_owned)
        .into();
    options.environment.insert(
        "EMR_LOG".into(),
        "info,emr_cloud=debug,emr_runtime=debug".into(),
    );
    options
}

/// CRDs and the chart's roles, bound to the operator's ServiceAccount.
pub async fn install(client: &Client) -> Outcome {
    let (namespace, account) = OPERATOR;
    for crd in emr_api::crd::all() {
        apply(client, None, serde_json::to_value(crd)?).await?;
    }
    let named =
        |kind: &str| json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": account}});
    apply(
        client,
        None,
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}),
    )
    .await?;
    apply(client, Some(namespace), named("ServiceAccount")).await?;
    let roles = repository().join("charts/emr-operator/files/rbac.yaml");
    apply_file(client, None, &roles).await?;
    for (role, binding) in [
        ("ClusterRole", "ClusterRoleBinding"),
        ("Role", "RoleBinding"),
    ] {
        let object = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": binding,
            "metadata": {"name": account},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role, "name": account},
            "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
        });
        let within = (binding == "RoleBinding").then_some(namespace);
        apply(client, within, object).await?;
    }
    wait_for_crds(client).await
}

async fn wait_for_crds(client: &Client) -> Outcome {
    use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
    let api = kube::Api::<CustomResourceDefinition>::all(client.clone());
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        let served = api.list(&kube::api::ListParams::default()).await?.items;
        let established = served
            .iter()
            .filter(|crd| {
                let conditions = crd
                    .status
                    .as_ref()
                    .and_then(|status| status.conditions.clone());
                conditions
                    .unwrap_or_default()
                    .iter()
                    .any(|condition| condition.type_ == "Established" && condition.status == "True")
            })
            .filter(|crd| crd.spec.group == emr_api::GROUP)
            .count();
        if established == emr_api::crd::all().len() {
            return Ok(());
        }
        if tokio::time::Instant::now() > deadline {
            return Err(Failure::Assertion("the CRDs are not served".into()));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
