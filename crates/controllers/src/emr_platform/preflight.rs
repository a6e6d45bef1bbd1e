//! What could stop new instances, looked at before they are made: a warning beside the platform's
//! own state. Blocks nothing.

use emr_api::{
    EmrPlatform, ObjectStore,
    conditions::{self, Beside, Reported, Verdict},
};
use emr_cloud::Account;
use emr_model::platform::{
    self, EFS_CSI_DRIVER, INGRESS_CLASS, InCluster, METRICS_API, POD_IDENTITY_AGENT,
};
use emr_runtime::Error;
use k8s_openapi::{
    ClusterResourceScope,
    api::{apps::v1::DaemonSet, networking::v1::IngressClass, storage::v1::CSIDriver},
    kube_aggregator::pkg::apis::apiregistration::v1::APIService,
};
use kube::{Api, Client, Resource};

use crate::Context;

/// Looks, and warns once of what is new.
pub(super) async fn preflight(
    context: &Context,
    object: &EmrPlatform,
    account: &Account,
) -> Vec<Beside> {
    let (quotas, prerequisites) = tokio::join!(quotas(account), prerequisites(context, object));
    let found = vec![quotas, prerequisites];
    for beside in &found {
        if is_news(object, beside) {
            let about = object.object_ref(&());
            context
                .events
                .warning(&about, &beside.reason, "Preflight", &beside.message)
                .await;
        }
    }
    found
}

/// True while something that instances need is not installed, or could not be read.
pub(super) fn is_open(found: &[Beside]) -> bool {
    found.iter().any(|beside| match beside.verdict {
        Verdict::Yes => false,
        Verdict::No => beside.kind == conditions::PREREQUISITES_READY,
        Verdict::Unknown => true,
    })
}

async fn quotas(account: &Account) -> Beside {
    let reading = account.quotas().await;
    let unread = reading
        .failure
        .as_ref()
        .map(|error| format!("{} failed ({})", error.operation, error.reason()));
    platform::quota_headroom(
        account.id(),
        account.region(),
        &reading.usage,
        unread.as_deref(),
    )
}

async fn prerequisites(context: &Context, object: &EmrPlatform) -> Beside {
    let here = object.metadata.name.as_deref();
    let lets_in = |store: &ObjectStore| {
        store.spec.access.is_some() && Some(store.spec.platform_ref.name.as_str()) == here
    };
    let pods_take_roles = !context.mirrors.objects.keys_of(lets_in).is_empty();
    match look(&context.client, pods_take_roles).await {
        Ok(found) => platform::prerequisites(Ok(&found)),
        Err(error) => {
            let why = format!("{error}; the chart's roles allow it");
            platform::prerequisites(Err(&why))
        }
    }
}

/// A read of one object for each.
async fn look(client: &Client, pods_take_roles: bool) -> Result<InCluster, Error> {
    let driver = get::<CSIDriver>(client, EFS_CSI_DRIVER).await?;
    let service = get::<APIService>(client, METRICS_API).await?;
    let class = get::<IngressClass>(client, INGRESS_CLASS).await?;
    let agent = if pods_take_roles {
        let (namespace, name) = POD_IDENTITY_AGENT;
        let agents = Api::<DaemonSet>::namespaced(client.clone(), namespace);
        let found = agents
            .get_opt(name)
            .await
            .map_err(|error| Error::request("get", "DaemonSet", name, error))?;
        Some(found.is_some())
    } else {
        None
    };
    Ok(InCluster {
        pod_identity_agent: agent,
        efs_csi_driver: driver.is_some(),
        metrics_api: service.map(|service| answers(&service)),
        ingress_controller: class.map(|class| {
            let controller = class.spec.and_then(|spec| spec.controller);
            controller.unwrap_or_default()
        }),
    })
}

async fn get<K>(client: &Client, name: &str) -> Result<Option<K>, Error>
where
    K: Resource<DynamicType = (), Scope = ClusterResourceScope>
        + Clone
        + std::fmt::Debug
        + serde::de::DeserializeOwned,
{
    let found = Api::<K>::all(client.clone()).get_opt(name).await;
    found.map_err(|error| Error::request("get", &K::kind(&()), name, error))
}

fn answers(service: &APIService) -> bool {
    let status = service.status.as_ref();
    let conditions = status.and_then(|status| status.conditions.as_ref());
    conditions
        .into_iter()
        .flatten()
        .any(|condition| condition.type_ == "Available" && condition.status == "True")
}

/// True when it is bad, and was not, or for another reason.
fn is_news(object: &EmrPlatform, beside: &Beside) -> bool {
    let told = object
        .status
        .as_ref()
        .and_then(|status| conditions::find(status.conditions(), beside.kind));
    let same = |told: &k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition| {
        told.status == beside.verdict.as_str() && told.reason == beside.reason
    };
    beside.verdict == Verdict::No && !told.is_some_and(same)
}
