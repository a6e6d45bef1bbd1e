//! A release of the chart.

use std::sync::Arc;

use emr_sandbox::{apply, apply_yaml};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::Namespace,
    rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding},
};
use kube::{Api, api::DeleteParams};
use serde_json::json;

use super::{SOON, helm_template};
use crate::{Outcome, World, failure::ensure, kinds::until, world::OPERATOR};

/// A release of the chart gives the operator the roles that it has here, no more and no less, and
/// its pods pass restricted Pod Security.
pub async fn the_chart_grants_what_the_operator_runs_under(world: Arc<World>) -> Outcome {
    let (namespace, account) = ("door-chart", "emr-operator-of-the-chart");
    let client = world.client();
    let strict = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": namespace,
            "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
        },
    });
    apply(&client, None, strict).await?;
    let templates = [
        "serviceaccount",
        "rbac",
        "deployment",
        "poddisruptionbudget",
        "service",
    ];
    let release = (namespace, account);
    let rendered = helm_template(&world.sandbox, release, &templates, "replicas=2").await?;
    apply_yaml(&client, None, &rendered).await?;

    let (own_namespace, own) = OPERATOR;
    let roles = Api::<ClusterRole>::all(client.clone());
    let (chart, live) = (roles.get(account).await?, roles.get(own).await?);
    ensure(live.rules.is_some() && chart.rules == live.rules, || {
        format!("chart: {:#?}\nlive: {:#?}", chart.rules, live.rules)
    })?;
    let chart = Api::<Role>::namespaced(client.clone(), namespace);
    let live = Api::<Role>::namespaced(client.clone(), own_namespace);
    let (chart, live) = (chart.get(account).await?, live.get(own).await?);
    ensure(live.rules.is_some() && chart.rules == live.rules, || {
        format!("chart: {:#?}\nlive: {:#?}", chart.rules, live.rules)
    })?;
    let binding = Api::<ClusterRoleBinding>::all(client.clone());
    let wide = binding.get(account).await?;
    let binding = Api::<RoleBinding>::namespaced(client.clone(), namespace);
    let narrow = binding.get(account).await?;
    for (role, subjects) in [
        (wide.role_ref, wide.subjects),
        (narrow.role_ref, narrow.subjects),
    ] {
        let subjects = serde_json::to_value(&subjects)?;
        let expected = json!([{"kind": "ServiceAccount", "name": account, "namespace": namespace}]);
        ensure(role.name == account && subjects == expected, || {
            format!("{role:?} is bound to {subjects}")
        })?;
    }
    // Simulated nodes run no image, but the API server admits no pod that is not restricted.
    let deployments = Api::<Deployment>::namespaced(client.clone(), namespace);
    until(&deployments, account, "admitted", SOON, |deployment| {
        let status = deployment.status.as_ref();
        status.and_then(|status| status.available_replicas) == Some(2)
    })
    .await?;
    let namespaces = Api::<Namespace>::all(client);
    namespaces
        .delete(namespace, &DeleteParams::default())
        .await?;
    Ok(())
}
