//! Installs what a cluster administrator would: CRDs, the operator's rights, the operator.

use std::{
    error::Error,
    fs, io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    time::Duration,
};

use emr_sandbox::{Operator, OperatorOptions, Sandbox, apply, apply_file, wait_for};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{Api, Client, ResourceExt};
use serde_json::{Value, json};

use super::{ACCOUNT, guard};

const NAMESPACE: &str = "emr-system";
const NAME: &str = "emr-operator";

/// The root of the repository, where the generated files lie.
pub(super) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Applies the CRDs and waits until the API server serves them.
pub(super) async fn kinds(client: &Client) -> Result<(), Box<dyn Error>> {
    let folder = root().join("crds");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "yaml")
    });
    files.sort();
    let api: Api<CustomResourceDefinition> = Api::all(client.clone());
    let mut names = Vec::new();
    for file in files {
        let applied = apply_file(client, None, &file).await?;
        names.extend(applied.iter().map(ResourceExt::name_any));
    }
    if names.is_empty() {
        return Err(format!(
            "{} holds no CRDs; run `cargo xtask generate`",
            folder.display()
        )
        .into());
    }
    for name in names {
        wait_for(&api, &name, "established", Duration::from_secs(30), served).await?;
    }
    Ok(())
}

fn served(crd: Option<&CustomResourceDefinition>) -> bool {
    let conditions = crd.and_then(|crd| crd.status.as_ref()?.conditions.as_ref());
    conditions.is_some_and(|conditions| {
        conditions
            .iter()
            .any(|c| c.type_ == "Established" && c.status == "True")
    })
}

/// Gives the operator an identity, and the rights that the chart gives it: no more.
pub(super) async fn rights(client: &Client) -> Result<(), Box<dyn Error>> {
    apply(client, None, named("v1", "Namespace", None)).await?;
    apply(client, None, named("v1", "ServiceAccount", Some(NAMESPACE))).await?;
    apply_file(
        client,
        Some(NAMESPACE),
        &root().join("charts/emr-operator/files/rbac.yaml"),
    )
    .await?;
    for (of, namespace) in [("Role", Some(NAMESPACE)), ("ClusterRole", None)] {
        let mut binding = named(
            "rbac.authorization.k8s.io/v1",
            &format!("{of}Binding"),
            namespace,
        );
        binding["roleRef"] =
            json!({"apiGroup": "rbac.authorization.k8s.io", "kind": of, "name": NAME});
        binding["subjects"] =
            json!([{"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}]);
        apply(client, None, binding).await?;
    }
    Ok(())
}

fn named(version: &str, kind: &str, namespace: Option<&str>) -> Value {
    let name = if kind == "Namespace" { NAMESPACE } else { NAME };
    let mut document = json!({"apiVersion": version, "kind": kind, "metadata": {"name": name}});
    if let Some(namespace) = namespace {
        document["metadata"]["namespace"] = namespace.into();
    }
    document
}

/// An address on loopback that nobody listens on, for the operator's health and metrics.
pub(super) fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// Starts the operator that was built beside this program.
pub(super) async fn operator(
    sandbox: &Sandbox,
    admin: SocketAddr,
) -> Result<Operator, Box<dyn Error>> {
    let binary = std::env::current_exe()?.with_file_name("emr-operator");
    if !binary.exists() {
        let missing = binary.display();
        return Err(format!("{missing} is not there; `cargo xtask demo` builds it").into());
    }
    let mut options = OperatorOptions::new(binary, ACCOUNT);
    options.arguments = vec!["run".to_owned(), format!("--admin-address={admin}")];
    options.environment = guard::endpoints(std::env::vars(), &sandbox.aws.endpoint())?;
    Ok(sandbox.operator(&options).await?)
}
