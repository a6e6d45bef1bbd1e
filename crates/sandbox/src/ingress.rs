//! A stand-in for the AWS Load Balancer Controller: it gives every Ingress of its class an address.

use std::time::Duration;

use futures::StreamExt as _;
use k8s_openapi::api::networking::v1::Ingress;
use kube::{
    Api, Client, ResourceExt as _,
    api::{Patch, PatchParams},
    runtime::{WatchStreamExt as _, watcher},
};
use serde_json::json;
use tokio::task::JoinHandle;

const CLASS: &str = "alb";

/// The running stand-in. Dropping it ends it.
#[derive(Debug)]
pub struct IngressStandIn(JoinHandle<()>);

impl Drop for IngressStandIn {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Fills `status.loadBalancer` of every Ingress of class `alb`, in all namespaces.
pub fn ingress_stand_in(client: Client) -> IngressStandIn {
    IngressStandIn(tokio::spawn(async move {
        let all: Api<Ingress> = Api::all(client.clone());
        let mut ingresses = watcher(all, watcher::Config::default())
            .default_backoff()
            .applied_objects()
            .boxed();
        while let Some(seen) = ingresses.next().await {
            match seen {
                Ok(ingress) if wants_address(&ingress) => fill(&client, &ingress).await,
                Ok(_) => {}
                Err(error) => tracing::debug!(%error, "cannot watch Ingresses"),
            }
        }
    }))
}

fn wants_address(ingress: &Ingress) -> bool {
    let class = ingress
        .spec
        .as_ref()
        .and_then(|spec| spec.ingress_class_name.as_deref());
    let balancer = ingress
        .status
        .as_ref()
        .and_then(|status| status.load_balancer.as_ref());
    let addresses = balancer.and_then(|balancer| balancer.ingress.as_deref());
    class == Some(CLASS)
        && ingress.metadata.deletion_timestamp.is_none()
        && addresses.is_none_or(<[_]>::is_empty)
}

async fn fill(client: &Client, ingress: &Ingress) {
    let namespace = ingress.namespace().unwrap_or_default();
    let name = ingress.name_any();
    let hostname = format!("k8s-{namespace}-{name}.us-east-1.elb.amazonaws.com");
    let status = json!({"status": {"loadBalancer": {"ingress": [{"hostname": hostname}]}}});
    let api: Api<Ingress> = Api::namespaced(client.clone(), &namespace);
    // A real load balancer takes a while; half a second shows that callers wait for it.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let parameters = PatchParams {
        field_manager: Some("alb-stand-in".to_owned()),
        ..PatchParams::default()
    };
    if let Err(error) = api
        .patch_status(&name, &parameters, &Patch::Merge(status))
        .await
    {
        tracing::debug!(%error, namespace, name, "cannot fill an Ingress");
    }
}
