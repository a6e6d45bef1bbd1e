//! CacheCluster: from manifest to ElastiCache.

mod stack;
mod teardown;

use std::{collections::BTreeMap, sync::Arc};

use emr_api::{
    CacheCluster, labels,
    references::{Placement, SecretRef},
};
use emr_model::{
    Progress,
    cache::{self, CacheSeen, CacheStack},
    owner_of,
    progress::Notice,
};
use emr_runtime::{Next, ReconcileError, Reconciler, finalizer};
use kube::{Api, Resource, ResourceExt};

use crate::{
    Context,
    connect::{self, Copy},
    context::watcher_of,
    drive::drive,
    landing::{Landing, land},
    report::{self, Outcome, conclude},
};
use stack::CachePass;

/// The kind's name, as watchers carry it.
pub(crate) const KIND: &str = "CacheCluster";

/// Reconciles CacheClusters.
pub(crate) struct CacheClusters(pub(crate) Context);

impl Reconciler for CacheClusters {
    type Kind = CacheCluster;

    async fn reconcile(&self, object: Arc<CacheCluster>) -> Result<Next, ReconcileError> {
        let context = &self.0;
        let api = Api::namespaced(
            context.client.clone(),
            &object.namespace().unwrap_or_default(),
        );
        if object.metadata.deletion_timestamp.is_some() {
            return teardown::tear_down(context, &api, &object).await;
        }
        let object = match finalizer::ensure(&api, &*object, labels::FINALIZER).await? {
            Some(held) => Arc::new(held),
            None => object,
        };
        let old = object.status.clone().unwrap_or_default();
        let spec = &object.spec;
        let placed = old.placement.as_ref();
        let landing = match land(context, &*object, KIND, &spec.platform_ref.name, placed).await {
            Ok(landing) => landing,
            Err(not) => return conclude(context, &api, &*object, old, not.into()).await,
        };
        let (stack, placement) = match desired(&object, &landing) {
            Ok(desired) => desired,
            Err(error) => {
                let progress = Progress::Stalled(Notice::new(error.reason(), error.to_string()));
                return conclude(context, &api, &*object, old, progress.into()).await;
            }
        };
        let hold = report::hold(&*object, spec.management_policy);
        let pass = CachePass {
            stack: &stack,
            watcher: watcher_of(&*object, KIND),
            leaving: None,
        };
        let driven = drive(&landing.account, &*context.permit, hold, &pass).await;
        let drift = report::is_drift(&old, object.metadata.generation, &driven.performed);
        report::tell(context, &object.object_ref(&()), &driven.performed, drift).await;
        let Some(seen) = driven.seen else {
            let outcome = Outcome::from(driven);
            return conclude(context, &api, &*object, old, outcome).await;
        };
        let (secret, failure) = match hold {
            None => connection(context, &landing, &object, &stack, &seen).await,
            Some(_) => (None, None),
        };
        let status = cache::status(&old, &stack, &seen, &placement, secret);
        let outcome = Outcome {
            progress: driven.progress,
            usable: cache::usable(&stack, &seen),
            failure: driven.failure.or(failure),
            drift,
            beside: Vec::new(),
        };
        conclude(context, &api, &*object, status, outcome).await
    }

    fn phase(&self, object: &CacheCluster) -> Option<String> {
        Some(report::phase(
            object
                .status
                .as_ref()
                .map(|status| status.conditions.as_slice()),
        ))
    }
}

/// The wanted stack, and what the object remembers of where it landed.
fn desired(
    object: &CacheCluster,
    landing: &Landing,
) -> Result<(CacheStack, Placement), cache::CacheError> {
    let placed = object
        .status
        .as_ref()
        .and_then(|status| status.placement.as_ref());
    let key = landing.key(object.spec.kms_key_arn.as_deref(), placed);
    let owner = owner_of(object, landing.cluster());
    let stack = cache::desire(
        &owner,
        &object.spec,
        &landing.network,
        key,
        &landing.spec.tags,
    )?;
    Ok((stack, landing.placement(key)))
}

/// The Secret that applications connect with.
async fn connection(
    context: &Context,
    landing: &Landing,
    object: &CacheCluster,
    stack: &CacheStack,
    seen: &CacheSeen,
) -> (Option<SecretRef>, Option<ReconcileError>) {
    let endpoint = cache::endpoint(stack, seen);
    let (Some(source), Some(endpoint)) = (&seen.secret, endpoint) else {
        return (None, None);
    };
    let copy = Copy {
        purpose: "cache",
        binding: "redis",
        source,
        beside: BTreeMap::from([
            ("host", endpoint.address.clone()),
            ("port", endpoint.port.to_string()),
        ]),
    };
    match connect::keep(&context.client, &landing.account, object, &copy).await {
        Ok(secret) => (Some(secret), None),
        Err(error) => (None, Some(error)),
    }
}
