//! EmrPlatform: finds the network and makes what instances share.

mod leftovers;
mod preflight;
mod stack;
mod teardown;

use std::{sync::Arc, time::Duration};

use emr_api::{EmrPlatform, emr_platform::NetworkStatus, labels, policy::ManagementPolicy};
use emr_cloud::{Account, CloudError};
use emr_model::{
    Progress,
    openemr::Authorities,
    owner_of,
    platform::{self, PlatformParts},
    progress::Notice,
};
use emr_resource::{ids::Arn, network::EksCluster};
use emr_runtime::{Next, ReconcileError, Reconciler, finalizer};
use kube::{Api, Resource};

use crate::{
    Context,
    context::watcher_of,
    drive::drive,
    landing::target,
    report::{self, Outcome, conclude},
};
pub(crate) use leftovers::Unused;
use stack::PlatformPass;

/// The kind's name, as watchers carry it.
pub(crate) const KIND: &str = "EmrPlatform";
/// How often network and cluster are looked at again: nothing tells when they change.
const LOOK_AGAIN: Duration = Duration::from_hours(1);
/// How often while something is missing that somebody is about to install, or could not be read.
const OPEN_AGAIN: Duration = Duration::from_mins(2);

/// Reconciles EmrPlatforms.
pub(crate) struct EmrPlatforms(pub(crate) Context);

impl Reconciler for EmrPlatforms {
    type Kind = EmrPlatform;

    async fn reconcile(&self, object: Arc<EmrPlatform>) -> Result<Next, ReconcileError> {
        let context = &self.0;
        let api = Api::all(context.client.clone());
        if object.metadata.deletion_timestamp.is_some() {
            return teardown::tear_down(context, &api, &object).await;
        }
        let object = match finalizer::ensure(&api, &*object, labels::FINALIZER).await? {
            Some(held) => Arc::new(held),
            None => object,
        };
        let old = object.status.clone().unwrap_or_default();
        let found = match discover(context, &object).await {
            Ok(found) => found,
            Err(outcome) => return conclude(context, &api, &*object, old, *outcome).await,
        };
        let parts = PlatformParts {
            account: found.account.id(),
            region: found.account.region(),
            network: old.network.as_ref().unwrap_or(&found.network),
        };
        let owner = platform::lasting(owner_of(&*object, &object.spec.eks.cluster_name));
        let stack = platform::desire(&owner, &object.spec, &parts);
        let named = object.spec.encryption.kms_key_arn.as_deref();
        let pass = PlatformPass {
            stack: &stack,
            recorded: old.kms_key_arn.as_deref().map(Arn::from),
            named: named.map(Arn::from),
            watcher: watcher_of(&*object, KIND),
            leaving: false,
        };
        let hold = report::hold(&*object, ManagementPolicy::default());
        // Side by side: what is only a warning holds nothing up.
        let (driven, beside) = tokio::join!(
            drive(&found.account, &*context.permit, hold, &pass),
            preflight::preflight(context, &object, &found.account),
        );
        let drift = report::is_drift(&old, object.metadata.generation, &driven.performed);
        let about = object.object_ref(&());
        report::tell(context, &about, &driven.performed, drift).await;
        if hold.is_none() && driven.progress.is_settled() {
            let cluster = &object.spec.eks.cluster_name;
            let removed = leftovers::remove(context, &found.account, cluster).await;
            report::tell(context, &about, &removed, false).await;
        }
        let status = match &driven.seen {
            Some(seen) => platform::status(&old, &parts, found.eks.as_ref(), named, &stack, seen),
            None => old.clone(),
        };
        let usable = driven.progress.is_settled().then(|| {
            format!(
                "account {} in {}, {} zones",
                parts.account,
                parts.region,
                status.zones.unwrap_or_default()
            )
        });
        let again = if preflight::is_open(&beside) {
            OPEN_AGAIN
        } else {
            LOOK_AGAIN
        };
        let outcome = Outcome {
            progress: driven.progress,
            usable,
            failure: driven.failure,
            drift,
            beside,
        };
        match conclude(context, &api, &*object, status, outcome).await? {
            Next::AwaitChange => Ok(Next::After(again)),
            after @ Next::After(_) => Ok(after),
        }
    }

    fn phase(&self, object: &EmrPlatform) -> Option<String> {
        Some(report::phase(
            object
                .status
                .as_ref()
                .map(|status| status.conditions.as_slice()),
        ))
    }
}

/// What a look at the user's account found.
struct Found {
    account: Arc<Account>,
    eks: Option<EksCluster>,
    network: NetworkStatus,
}

fn stalled(reason: &'static str, message: String) -> Box<Outcome> {
    Box::new(Outcome {
        failure: Some(ReconcileError::slow(reason, message.clone())),
        progress: Progress::Stalled(Notice::new(reason, message)),
        usable: None,
        drift: false,
        beside: Vec::new(),
    })
}

fn failed(error: &CloudError) -> Box<Outcome> {
    let message = format!("failed to look at the account: {error}. {}", error.advice());
    if error.kind.needs_person() {
        return stalled(error.reason(), message);
    }
    Box::new(Outcome {
        failure: Some(ReconcileError::soon(error.reason(), message.clone())),
        progress: Progress::Retrying(Notice::new(error.reason(), message)),
        usable: None,
        drift: false,
        beside: Vec::new(),
    })
}

/// Finds account, cluster and network; refuses another account than the pinned one.
async fn discover(context: &Context, object: &EmrPlatform) -> Result<Found, Box<Outcome>> {
    let spec = &object.spec;
    let account = context
        .accounts
        .get(&target(context, spec))
        .await
        .map_err(|error| failed(&error))?;
    let pinned = object
        .status
        .as_ref()
        .and_then(|status| status.account_id.as_ref());
    for (what, wanted) in [
        ("spec.aws.accountId", spec.aws.account_id.as_ref()),
        ("status.accountId", pinned),
    ] {
        if let Some(wanted) = wanted.filter(|wanted| *wanted != account.id().as_str()) {
            return Err(stalled(
                "WrongAccount",
                format!(
                    "{what} is {wanted}, but the credentials lead to account {}: nothing is done \
                     there. Point the operator, or spec.aws.roleArn, at {wanted}",
                    account.id()
                ),
            ));
        }
    }
    // Said here, before anything that holds data is made.
    Authorities::of(account.region(), spec.rds_ca_bundle())
        .map_err(|error| stalled(error.reason(), error.to_string()))?;
    let discovery = account.discovery();
    let subnets_of = async |vpc: &str| {
        discovery
            .subnets(&vpc.into())
            .await
            .map_err(|error| failed(&error))
    };
    if let Some(network) = &spec.network {
        let subnets = subnets_of(&network.vpc_id).await?;
        let network = platform::explicit(network, &subnets)
            .map_err(|error| stalled(error.reason(), error.to_string()))?;
        return Ok(Found {
            account,
            eks: None,
            network,
        });
    }
    let name = &spec.eks.cluster_name;
    let eks = discovery
        .eks_cluster(name)
        .await
        .map_err(|error| failed(&error))?;
    let Some(eks) = eks else {
        return Err(stalled(
            "ClusterNotFound",
            format!(
                "there is no EKS cluster {name} in account {} ({}): check spec.eks.clusterName and \
                 spec.aws.region, or name the network in spec.network",
                account.id(),
                account.region()
            ),
        ));
    };
    let subnets = subnets_of(eks.vpc_id.as_str()).await?;
    let network = platform::find(&eks, &subnets)
        .map_err(|error| stalled(error.reason(), error.to_string()))?;
    Ok(Found {
        account,
        eks: Some(eks),
        network,
    })
}
