//! Mass deletion is stopped at the door (safety.md 4), by the chart's policies; and the chart's
//! roles are those that the operator runs under.
//!
//! Nothing here has anything in AWS: the objects name a platform that does not exist, so nothing is
//! made for them, and they go as soon as they are let.

mod cluster;
mod instances;
mod release;
mod ward;

use std::{path::PathBuf, process::Stdio, time::Duration};

use emr_sandbox::{Sandbox, apply_yaml};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{Api, api::DeleteParams};
use serde_json::json;
use tokio::process::Command;

pub use self::{cluster::*, instances::*, release::*};
use crate::{Outcome, failure::ensure, world::OPERATOR};

/// The label of the namespaces that the policies hold in; other scenarios delete as they like.
const DOOR: (&str, &str) = ("emrstack.dev/e2e", "admission");
const CRD: &str = "emrinstances.emrstack.dev";
const SOON: Duration = Duration::from_secs(30);

/// Applies the chart's policies and waits until the API server goes by them.
pub async fn install_admission(sandbox: &Sandbox) -> Outcome {
    let (label, value) = DOOR;
    let selector = json!({"matchLabels": {label: value}});
    let rendered = helm_template(
        sandbox,
        OPERATOR,
        &["admission"],
        &format!("admission.namespaceSelector={selector}"),
    )
    .await?;
    let client = sandbox.control_plane.client();
    apply_yaml(&client, None, &rendered).await?;
    // The last binding of the chart's is the one for CRDs, and the API server takes policies over
    // in the order of their making: once this one holds, all do. A dry run deletes nothing.
    let crds = Api::<CustomResourceDefinition>::all(client);
    let deadline = tokio::time::Instant::now() + SOON;
    while crds.delete(CRD, &dry_run()).await.is_ok() {
        ensure(tokio::time::Instant::now() < deadline, || {
            "the admission policies do not hold".into()
        })?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// What the chart yields for a release, from some of its templates.
async fn helm_template(
    sandbox: &Sandbox,
    (namespace, release): (&str, &str),
    templates: &[&str],
    set: &str,
) -> Outcome<String> {
    let chart = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../charts/emr-operator");
    let mut helm = Command::new(sandbox.control_plane.binaries().program("helm"));
    helm.args(["template", release])
        .arg(chart)
        .args(["--namespace", namespace, "--set", "aws.region=us-east-1"])
        .args(["--set-json", set]);
    for template in templates {
        helm.args(["--show-only", &format!("templates/{template}.yaml")]);
    }
    let (done, output, errors) = run(helm).await?;
    ensure(done, || format!("helm template failed: {errors}"))?;
    Ok(output)
}

async fn run(mut command: Command) -> Outcome<(bool, String, String)> {
    let output = command.stdin(Stdio::null()).output().await?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((
        output.status.success(),
        text(&output.stdout),
        text(&output.stderr),
    ))
}

fn dry_run() -> DeleteParams {
    DeleteParams {
        dry_run: true,
        ..DeleteParams::default()
    }
}
