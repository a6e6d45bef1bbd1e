//! How a store is brought up, and kept as it should be.

use std::time::Duration;

use async_trait::async_trait;
use emr_api::references::SecretRef;
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::Progress;
use emr_resource::{Change, Step};
use emr_runtime::{Next, ReconcileError};
use kube::Api;

use super::Store;
use crate::{
    Context, connect,
    context::watcher_of,
    drive::{Stack, drive},
    landing::{Landing, land},
    report::{self, Outcome, conclude},
};

/// One pass: land, drive AWS, hand out credentials, report.
pub(super) async fn arrive<K: Store>(
    context: &Context,
    api: &Api<K>,
    object: &K,
) -> Result<Next, ReconcileError> {
    let old = object.status().cloned().unwrap_or_default();
    let terms = object.terms();
    let landing = match land(context, object, K::KIND, terms.platform, terms.placed).await {
        Ok(landing) => landing,
        Err(not) => return conclude(context, api, object, old, not.into()).await,
    };
    let key = landing.key(terms.kms_key_arn, terms.placed);
    let stack = match object.desire(&landing, key) {
        Ok(stack) => stack,
        Err(notice) => {
            let progress = Progress::Stalled(notice);
            return conclude(context, api, object, old, progress.into()).await;
        }
    };
    let hold = report::hold(object, terms.management);
    let pass = Arrival {
        object,
        stack: &stack,
        watcher: watcher_of(object, K::KIND),
    };
    let driven = drive(&landing.account, &*context.permit, hold, &pass).await;
    let drift = report::is_drift(&old, object.meta().generation, &driven.performed);
    report::tell(context, &object.object_ref(&()), &driven.performed, drift).await;
    let mut outcome = Outcome {
        progress: driven.progress,
        usable: None,
        failure: driven.failure,
        drift,
        beside: Vec::new(),
    };
    let Some(seen) = driven.seen else {
        return conclude(context, api, object, old, outcome).await;
    };
    outcome.usable = K::usable(&stack, &seen);
    let connection = if hold.is_some() {
        None
    } else {
        match connect(context, &landing, object, &stack, &seen).await {
            Ok(connection) => connection,
            Err(error) => {
                outcome.failure.get_or_insert(error);
                None
            }
        }
    };
    let status = object.told(&stack, &seen, &landing.placement(key), connection);
    let goes_on = hold.is_none() && object.goes_on(&status);
    let next = conclude(context, api, object, status, outcome).await?;
    Ok(if goes_on {
        Next::After(Duration::ZERO)
    } else {
        next
    })
}

/// Keeps the Secret to connect with, once there is something to connect to.
async fn connect<K: Store>(
    context: &Context,
    landing: &Landing,
    object: &K,
    stack: &K::Stack,
    seen: &K::Seen,
) -> Result<Option<SecretRef>, ReconcileError> {
    let Some(copy) = object.connection(landing, stack, seen)? else {
        return Ok(None);
    };
    connect::keep(context, &landing.account, object, &copy)
        .await
        .map(Some)
}

/// A store's stack on its way up.
struct Arrival<'a, K: Store> {
    object: &'a K,
    stack: &'a K::Stack,
    watcher: Watcher,
}

#[async_trait]
impl<K: Store> Stack for Arrival<'_, K> {
    type Seen = K::Seen;

    async fn observe(&self, account: &Account) -> Result<K::Seen, CloudError> {
        self.object
            .observe(self.stack, account, &self.watcher)
            .await
    }

    fn plan(&self, seen: &K::Seen) -> Step<Change> {
        self.object.plan(self.stack, seen)
    }
}
