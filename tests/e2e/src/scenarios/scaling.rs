//! Load, evictions and a lost zone. Pods are simulated: this proves scaling, scheduling and
//! sequence, not that an image works.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use emr_api::EmrInstance;
use k8s_openapi::api::{
    autoscaling::v2::HorizontalPodAutoscaler,
    core::v1::{Node, Pod},
    policy::v1::PodDisruptionBudget,
};
use kube::{
    Api, ResourceExt,
    api::{EvictParams, ListParams, Patch, PatchParams},
};
use serde_json::json;

use crate::{
    Clinic, Failure, Outcome, World,
    clinic::PATIENCE,
    failure::ensure,
    kinds::{Told, until},
};

const APP: &str = "app.kubernetes.io/component=app";

async fn pods(clinic: &Clinic) -> Outcome<Vec<Pod>> {
    let all = clinic
        .api::<Pod>()
        .list(&ListParams::default().labels(APP))
        .await?
        .items;
    Ok(all
        .into_iter()
        .filter(|pod| pod.metadata.deletion_timestamp.is_none())
        .collect())
}

async fn wait_for(
    clinic: &Clinic,
    what: &str,
    patience: Duration,
    holds: impl Fn(&[Pod]) -> bool,
) -> Outcome<Vec<Pod>> {
    let deadline = tokio::time::Instant::now() + patience;
    loop {
        let now = pods(clinic).await?;
        if holds(&now) {
            return Ok(now);
        }
        if tokio::time::Instant::now() > deadline {
            let names: Vec<_> = now.iter().map(ResourceExt::name_any).collect();
            return Err(Failure::Assertion(format!("not {what}: {names:?}")));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod
        .status
        .as_ref()
        .and_then(|status| status.conditions.clone());
    conditions
        .unwrap_or_default()
        .iter()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// The real HPA follows the load up and down; evictions respect the budget; a lost zone leaves the
/// service up, and its pods run again in the other two.
pub async fn follows_load_and_survives_a_zone(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "scaling").await?;
    clinic.platform().await?;
    clinic
        .apply(clinic.openemr("busy", &json!({"scaling": {"minReplicas": 3}})))
        .await?;
    clinic.ready("busy").await?;
    wait_for(&clinic, "three ready pods", PATIENCE, |pods| {
        pods.len() == 3 && pods.iter().all(is_ready)
    })
    .await?;
    evictions(&clinic).await?;
    load(&clinic).await?;
    zone(&clinic).await
}

/// Three evictions at once, which the client repeats while they are refused: never are two pods
/// away together.
async fn evictions(clinic: &Clinic) -> Outcome {
    let budgets = clinic
        .api::<PodDisruptionBudget>()
        .list(&ListParams::default())
        .await?
        .items;
    ensure(budgets.len() == 1, || format!("{} budgets", budgets.len()))?;
    let api = clinic.api::<Pod>();
    let before = pods(clinic).await?;
    let all = before.iter().map(|pod| {
        let (api, name) = (api.clone(), pod.name_any());
        async move { api.evict(&name, &EvictParams::default()).await }
    });
    let evicted = futures::future::join_all(all);
    tokio::pin!(evicted);
    let mut fewest = before.len();
    loop {
        tokio::select! {
            outcomes = &mut evicted => {
                for outcome in outcomes {
                    outcome?;
                }
                break;
            }
            () = tokio::time::sleep(Duration::from_millis(100)) => {
                fewest = fewest.min(pods(clinic).await?.iter().filter(|pod| is_ready(pod)).count());
            }
        }
    }
    ensure(fewest >= 2, || {
        format!("only {fewest} pods were ready during evictions")
    })?;
    let gone: BTreeSet<_> = before.iter().map(ResourceExt::name_any).collect();
    wait_for(clinic, "three other ready pods", PATIENCE, |pods| {
        pods.len() == 3
            && pods
                .iter()
                .all(|pod| is_ready(pod) && !gone.contains(&pod.name_any()))
    })
    .await?;
    Ok(())
}

/// Every pod that is there uses `cpu`.
async fn use_cpu(clinic: &Clinic, cpu: &str) -> Outcome {
    let patch = Patch::Merge(json!({"metadata": {"annotations": {
        "kwok.x-k8s.io/usage-cpu": cpu, "kwok.x-k8s.io/usage-memory": "64Mi",
    }}}));
    for pod in pods(clinic).await? {
        // A pod may go meanwhile.
        let _ = clinic
            .api::<Pod>()
            .patch(&pod.name_any(), &PatchParams::default(), &patch)
            .await;
    }
    Ok(())
}

async fn load(clinic: &Clinic) -> Outcome {
    use_cpu(clinic, "1800m").await?;
    wait_for(
        clinic,
        "more than three pods under load",
        PATIENCE,
        |pods| pods.len() > 3,
    )
    .await?;
    // The window in which the HPA does not shrink is five minutes. Paused, the operator lets
    // somebody shorten it.
    let paused = |value: serde_json::Value| {
        Patch::Merge(json!({"metadata": {"annotations": {"emrstack.dev/paused": value}}}))
    };
    let instances = clinic.api::<EmrInstance>();
    instances
        .patch("busy", &PatchParams::default(), &paused(json!("true")))
        .await?;
    until(
        &instances,
        "busy",
        "paused",
        Duration::from_secs(30),
        |instance| instance.says("Paused").as_deref() == Some("True"),
    )
    .await?;
    let autoscalers = clinic.api::<HorizontalPodAutoscaler>();
    let all = autoscalers.list(&ListParams::default()).await?.items;
    let name = all.first().map(ResourceExt::name_any).unwrap_or_default();
    let quick = json!({"spec": {"behavior": {"scaleDown": {
        "stabilizationWindowSeconds": 0,
        "policies": [{"type": "Percent", "value": 100, "periodSeconds": 1}],
    }}}});
    autoscalers
        .patch(&name, &PatchParams::default(), &Patch::Merge(&quick))
        .await?;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        use_cpu(clinic, "20m").await?;
        if pods(clinic).await?.len() == 3 {
            break;
        }
        ensure(tokio::time::Instant::now() < deadline, || {
            "the HPA does not shrink".into()
        })?;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    instances
        .patch(
            "busy",
            &PatchParams::default(),
            &paused(serde_json::Value::Null),
        )
        .await?;
    clinic.ready("busy").await?;
    Ok(())
}

async fn zones_of(clinic: &Clinic, pods: &[Pod]) -> Outcome<BTreeSet<String>> {
    let mut zones = BTreeSet::new();
    for pod in pods {
        let Some(node) = pod.spec.as_ref().and_then(|spec| spec.node_name.clone()) else {
            continue;
        };
        let node = Api::<Node>::all(clinic.client()).get(&node).await?;
        zones.insert(node.labels()["topology.kubernetes.io/zone"].clone());
    }
    Ok(zones)
}

async fn zone(clinic: &Clinic) -> Outcome {
    let control_plane = &clinic.world.sandbox.control_plane;
    let lost = "us-east-1b";
    control_plane.stop_zone(lost).await?;
    let outcome = async {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let now = pods(clinic).await?;
            let ready: Vec<_> = now.into_iter().filter(is_ready).collect();
            let zones = zones_of(clinic, &ready).await?;
            if ready.len() >= 3 && !zones.contains(lost) {
                return ensure(zones.len() == 2, || format!("{zones:?}"));
            }
            ensure(tokio::time::Instant::now() < deadline, || {
                format!(
                    "{} ready pods in {zones:?} after {lost} was lost",
                    ready.len()
                )
            })?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    .await;
    control_plane.start_zone(lost).await?;
    outcome
}
