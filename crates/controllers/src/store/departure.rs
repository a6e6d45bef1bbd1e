//! How a store goes: not while it is used, not unconfirmed, and not before its data is safe
//! (safety.md 3).

use async_trait::async_trait;
use emr_api::labels;
use emr_cloud::{Account, CloudError, Watcher};
use emr_resource::{Change, Step};
use emr_runtime::{Next, ReconcileError};
use kube::{Api, ResourceExt};

use super::Departing;
use crate::{
    Context, children,
    context::watcher_of,
    deletion,
    drive::{Stack, drive},
    landing::land,
    report::{self, Outcome, conclude},
};

/// One pass: everything that speaks against it, then AWS, then the finalizer.
pub(super) async fn depart<K: Departing>(
    context: &Context,
    api: &Api<K>,
    object: &K,
) -> Result<Next, ReconcileError> {
    let held = |finalizer: &String| finalizer == labels::FINALIZER;
    if !object.finalizers().iter().any(held) {
        return Ok(Next::AwaitChange);
    }
    let old = object.status().cloned().unwrap_or_default();
    let terms = object.terms();
    let Some(placed) = terms.placed else {
        return deletion::release(context, api, object, K::KIND).await;
    };
    if deletion::leaves_aws_alone(object, terms.deletion, terms.management) {
        tell_what_stays(context, object, None).await;
        return deletion::release(context, api, object, K::KIND).await;
    }
    if let Some(waiting) = children::in_use(&context.client, object).await? {
        return conclude(context, api, object, old, waiting.into()).await;
    }
    if let Some(objection) = object.objection(context).await? {
        return conclude(context, api, object, old, objection.into()).await;
    }
    let landing = match land(context, object, K::KIND, terms.platform, Some(placed)).await {
        Ok(landing) => landing,
        Err(not) => return conclude(context, api, object, old, not.into()).await,
    };
    let key = landing.key(terms.kms_key_arn, Some(placed));
    let Ok(stack) = object.desire(&landing, key) else {
        return deletion::release(context, api, object, K::KIND).await;
    };
    let Some(circumstances) = object.circumstances(context).await? else {
        return Ok(Next::After(std::time::Duration::ZERO));
    };
    let departure = Departure::<K> {
        stack: &stack,
        circumstances: &circumstances,
        watcher: watcher_of(object, K::KIND),
    };
    let driven = drive(&landing.account, &*context.permit, None, &departure).await;
    report::tell(context, &object.object_ref(&()), &driven.performed, false).await;
    if driven.progress.is_settled() && driven.failure.is_none() {
        let looked = driven.seen.as_ref().map(|seen| (&stack, seen));
        tell_what_stays(context, object, looked).await;
        return deletion::release(context, api, object, K::KIND).await;
    }
    let status = match &driven.seen {
        Some(seen) => {
            let placement = landing.placement(key);
            object.told_leaving(&stack, seen, &placement, &circumstances)
        }
        None => old,
    };
    let outcome = Outcome::from(driven);
    conclude(context, api, object, status, outcome).await
}

/// Says what nobody looks after any more.
async fn tell_what_stays<K: Departing>(
    context: &Context,
    object: &K,
    looked: Option<(&K::Stack, &K::Seen)>,
) {
    if let Some(note) = object.stays(looked) {
        let about = object.object_ref(&());
        context.events.normal(&about, "Kept", "Delete", &note).await;
    }
}

/// A store's stack on its way out.
struct Departure<'a, K: Departing> {
    stack: &'a K::Stack,
    circumstances: &'a K::Circumstances,
    watcher: Watcher,
}

#[async_trait]
impl<K: Departing> Stack for Departure<'_, K> {
    type Seen = K::Seen;

    async fn observe(&self, account: &Account) -> Result<K::Seen, CloudError> {
        K::observe_leaving(self.stack, account, &self.watcher).await
    }

    fn plan(&self, seen: &K::Seen) -> Step<Change> {
        K::tear_down(self.stack, self.circumstances, seen)
    }
}
