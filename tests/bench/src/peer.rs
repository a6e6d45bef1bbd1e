//! `clusters` for a controller that somebody built, on the same control plane and stand-in.
//!
//! No peer's code is here: it comes as a program, its CRDs as a file, and its object as a template.
//! docs/benchmarks.md describes what it finds in its environment.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use emr_e2e::{Failure, Outcome};
use emr_sandbox::{OperatorOptions, apply, apply_yaml};
use serde_json::{Value, json};

use crate::{
    Options,
    report::Report,
    scenarios::{clusters, databases::measure},
    world::{ACCOUNT, sandbox},
};

/// A controller to compare with.
#[derive(Debug, Args)]
pub(crate) struct Peer {
    /// A controller to run `clusters` for, instead of the operator.
    #[arg(long = "peer-binary", value_name = "PATH", requires = "manifest")]
    pub(crate) binary: Option<PathBuf>,
    /// One of its arguments, as often as needed; {endpoint}, {region} and {account} are filled in.
    #[arg(
        long = "peer-argument",
        value_name = "ARGUMENT",
        allow_hyphen_values = true
    )]
    argument: Vec<String>,
    /// YAML to apply before it starts: its CRDs, and what its objects refer to.
    #[arg(long = "peer-setup", value_name = "FILE")]
    setup: Vec<PathBuf>,
    /// The YAML of one object that makes one database cluster; {name} is filled in.
    #[arg(long = "peer-manifest", value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// The condition that says that an object is synced.
    #[arg(
        long = "peer-condition",
        value_name = "TYPE",
        default_value = "ACK.ResourceSynced"
    )]
    condition: String,
}

/// Measures it.
pub(crate) async fn run(options: &Options, binary: &Path) -> Outcome<Report> {
    let peer = &options.peer;
    let template = peer.manifest.as_deref().map_or(Ok(String::new()), read)?;
    manifest(&template, "any")?;
    let sandbox = sandbox(None, &json!({})).await?;
    let client = sandbox.control_plane.client();
    for file in &peer.setup {
        apply_yaml(&client, Some(crate::world::NAMESPACE), &read(file)?).await?;
    }
    apply(&client, None, every_right()).await?;
    let mut how = OperatorOptions::new(binary, ACCOUNT);
    "peer".clone_into(&mut how.name);
    let fill = |argument: &String| {
        argument
            .replace("{endpoint}", &sandbox.aws.endpoint())
            .replace("{region}", &how.region)
            .replace("{account}", ACCOUNT)
    };
    how.arguments = peer.argument.iter().map(fill).collect();
    let controller = sandbox.operator(&how).await?;
    let wanted = options.objects;
    let manifest = |name: &str| manifest(&template, name).unwrap_or_default();
    let (condition, patience) = (&peer.condition, options.patience());
    let measured = measure(&sandbox, &controller, wanted, manifest, condition, patience).await?;
    Ok(clusters::report(
        format!("peer: {wanted} objects"),
        wanted,
        &measured,
    ))
}

fn read(file: &Path) -> Outcome<String> {
    fs::read_to_string(file)
        .map_err(|error| Failure::Assertion(format!("cannot read {}: {error}", file.display())))
}

fn manifest(template: &str, name: &str) -> Outcome<Value> {
    serde_saphyr::from_str(&template.replace("{name}", name))
        .map_err(|error| Failure::Assertion(format!("--peer-manifest is not YAML: {error}")))
}

/// What rights a peer needs is not what is measured.
fn every_right() -> Value {
    let (namespace, account) = emr_e2e::world::OPERATOR;
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "peer"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_filled_in_and_checked() {
        let filled = manifest("kind: DBCluster\nmetadata: {name: '{name}'}", "a").unwrap();
        assert_eq!(filled["metadata"]["name"], "a");
        assert!(
            manifest("a: [", "a")
                .unwrap_err()
                .to_string()
                .contains("--peer-manifest")
        );
    }
}
