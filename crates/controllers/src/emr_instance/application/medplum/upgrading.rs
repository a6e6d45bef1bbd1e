//! Medplum's upgrades: what of them is its own. Each pod is asked for its version, and one of them for the data
//! migrations, which the server runs by itself while it serves.

use std::net::IpAddr;

use emr_api::{emr_instance::UpgradePhase, labels};
use emr_model::{
    instance::InstanceSeen,
    medplum::{Workload, progress::Seen, running},
    upgrade::{State, Version},
    workload::progress::is_rolled_out,
};
use emr_runtime::ReconcileError;
use futures::future::join_all;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;

use super::{
    super::{BroughtUp, upgrade::Walk},
    config,
};
use crate::{Context, emr_instance::gather::World};

/// The pods that run the server.
const SERVERS: &str = "app,workers";

/// What the walk needs of its instance.
pub(super) struct Here<'a> {
    pub(super) world: &'a World,
    pub(super) own: &'a InstanceSeen,
    pub(super) workload: &'a Workload,
    pub(super) seen: Seen<'a>,
}

/// Goes one step on.
pub(super) async fn go_on(
    walk: &Walk<'_>,
    here: &Here<'_>,
    up: &mut BroughtUp,
) -> Result<(), ReconcileError> {
    if walk.waits(here.workload.is_fenced(), None, up) {
        return Ok(());
    }
    let (mut seen, pods) = walk.look(SERVERS).await?;
    let version = here.workload.version.as_str();
    let deployments = [here.seen.api, here.seen.workers, here.seen.web];
    seen.rolled = here.seen.api.is_some()
        && deployments
            .into_iter()
            .flatten()
            .all(|deployment| is_rolled_out(deployment, version));
    match walk.phase() {
        Some(UpgradePhase::Verifying) => seen.pods = versions(walk.context, &pods).await,
        Some(UpgradePhase::Migrating) => {
            seen.migrations = migrations(walk.context, here, &pods).await?;
        }
        _ => {}
    }
    walk.go_on(&seen, up).await?;
    Ok(())
}

/// What each pod says that it runs.
async fn versions(context: &Context, pods: &[Pod]) -> Vec<Option<Version>> {
    let all = pods.iter().map(|pod| async {
        let told = context.medplum.healthcheck(address(pod)?).await;
        let told = told.inspect_err(|error| {
            tracing::debug!(pod = pod.name_any(), %error, "a server does not tell its version");
        });
        running::version(&told.ok()?)
    });
    join_all(all).await
}

/// How far the data migrations are, from the first pod of the API that has an address.
async fn migrations(
    context: &Context,
    here: &Here<'_>,
    pods: &[Pod],
) -> Result<State, ReconcileError> {
    let stays = |pod: &&Pod| {
        let component = pod.labels().get(labels::COMPONENT);
        component.map(String::as_str) == Some("app") && pod.metadata.deletion_timestamp.is_none()
    };
    let Some(server) = pods.iter().filter(stays).find_map(address) else {
        return Ok(State::Running("no pod of the API has an address".into()));
    };
    let admin = config::super_admin(here.world, here.own).await?;
    let told = context.medplum.migrations(server, &admin).await;
    Ok(match told {
        Ok(told) => running::migrations(&told),
        Err(error) => State::Running(error.told()),
    })
}

fn address(pod: &Pod) -> Option<IpAddr> {
    pod.status.as_ref()?.pod_ip.as_ref()?.parse().ok()
}
