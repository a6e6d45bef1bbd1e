//! What the kinds of stores have in common: they land on a platform, consist of AWS resources, and
//! most hand out credentials.
//!
//! The sequence stands here once, in [`arrival`] and [`departure`]; a kind says what is special
//! about it by implementing [`Store`] and [`Departing`].
//!
//! Invariant: whatever the kind, nothing changes in AWS before the finalizer holds the object, and
//! the object goes only after what it stands for is safe or gone.

mod arrival;
mod departure;

use std::{marker::PhantomData, sync::Arc};

use async_trait::async_trait;
use emr_api::{
    conditions::Reported,
    labels,
    policy::{DeletionPolicy, ManagementPolicy},
    references::{Placement, SecretRef},
};
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::progress::{Notice, Progress};
use emr_resource::{Change, Step};
use emr_runtime::{
    Key, Next, ReconcileError, Reconciler,
    controller::{Kind, Watched},
    finalizer,
};
use k8s_openapi::NamespaceResourceScope;
use kube::{Api, Resource, ResourceExt, core::object::HasStatus};
use serde::Serialize;

use crate::{Context, connect::Copy, landing::Landing, report};

/// What every store's spec and status say in the same words.
pub(crate) struct Terms<'a> {
    /// The platform that it lands on.
    pub(crate) platform: &'a str,
    /// Where it landed, once it did.
    pub(crate) placed: Option<&'a Placement>,
    /// The key that it asks for.
    pub(crate) kms_key_arn: Option<&'a str>,
    /// What becomes of AWS when it goes.
    pub(crate) deletion: DeletionPolicy,
    /// Whether AWS may be changed.
    pub(crate) management: ManagementPolicy,
}

/// How a store comes to be, and stays.
#[async_trait]
pub(crate) trait Store:
    Kind
    + Resource<DynamicType = (), Scope = NamespaceResourceScope>
    + HasStatus<Status: Reported + Serialize + Default + Clone + Send + Sync>
    + Serialize
{
    /// The kind's name, as watchers carry it.
    const KIND: &'static str;
    /// What is wanted in AWS.
    type Stack: Send + Sync;
    /// What AWS has of it.
    type Seen: Default + Send + Sync;

    /// What it says in the same words as the others.
    fn terms(&self) -> Terms<'_>;

    /// The wanted stack, encrypted with `key`; or why the spec has none.
    fn desire(&self, landing: &Landing, key: &str) -> Result<Self::Stack, Notice>;

    /// Looks at AWS, through the shared view.
    async fn observe(
        &self,
        stack: &Self::Stack,
        account: &Account,
        watcher: &Watcher,
    ) -> Result<Self::Seen, CloudError>;

    /// Decides.
    fn plan(&self, stack: &Self::Stack, seen: &Self::Seen) -> Step<Change>;

    /// A sentence once others can use it.
    fn usable(stack: &Self::Stack, seen: &Self::Seen) -> Option<String>;

    /// The Secret to connect with, once there is something to connect to.
    fn connection<'a>(
        &self,
        _landing: &Landing,
        _stack: &Self::Stack,
        _seen: &'a Self::Seen,
    ) -> Result<Option<Copy<'a>>, ReconcileError> {
        Ok(None)
    }

    /// The status that follows; conditions are not its business.
    fn told(
        &self,
        stack: &Self::Stack,
        seen: &Self::Seen,
        placement: &Placement,
        connection: Option<SecretRef>,
    ) -> Self::Status;

    /// True when the status that follows notes what is to be done next: it is gone on with at once.
    fn goes_on(&self, _told: &Self::Status) -> bool {
        false
    }

    /// What wakes it beside its own changes, its platform and AWS.
    fn watched() -> Vec<Watched> {
        Vec::new()
    }
}

/// How a store goes.
#[async_trait]
pub(crate) trait Departing: Store {
    /// What decides, beside what is seen in AWS, how it goes.
    type Circumstances: Send + Sync;

    /// Why a person has to speak first. What holds data asks
    /// [`children::unconfirmed`](crate::children::unconfirmed).
    async fn objection(&self, _context: &Context) -> Result<Option<Progress>, ReconcileError> {
        Ok(None)
    }

    /// Finds out what decides how it goes. `None` when something had to be written first: it is
    /// asked again at once.
    async fn circumstances(
        &self,
        context: &Context,
    ) -> Result<Option<Self::Circumstances>, ReconcileError>;

    /// Looks at AWS, through the shared view.
    async fn observe_leaving(
        stack: &Self::Stack,
        account: &Account,
        watcher: &Watcher,
    ) -> Result<Self::Seen, CloudError>;

    /// Decides.
    fn tear_down(
        stack: &Self::Stack,
        circumstances: &Self::Circumstances,
        seen: &Self::Seen,
    ) -> Step<Change>;

    /// The status that follows.
    fn told_leaving(
        &self,
        stack: &Self::Stack,
        seen: &Self::Seen,
        placement: &Placement,
        _circumstances: &Self::Circumstances,
    ) -> Self::Status {
        self.told(stack, seen, placement, None)
    }

    /// A sentence on what stays in AWS once the object is gone, for an event; `looked` is what was seen
    /// last, where AWS was looked at.
    fn stays(&self, _looked: Option<(&Self::Stack, &Self::Seen)>) -> Option<String> {
        None
    }
}

/// Reconciles the stores of a kind.
pub(crate) struct Stores<K> {
    context: Context,
    kind: PhantomData<K>,
}

impl<K: Departing> Stores<K> {
    /// A reconciler over these.
    pub(crate) const fn new(context: Context) -> Self {
        Self {
            context,
            kind: PhantomData,
        }
    }
}

impl<K: Departing> Reconciler for Stores<K> {
    type Kind = K;

    async fn reconcile(&self, object: Arc<K>) -> Result<Next, ReconcileError> {
        let context = &self.context;
        let namespace = object.namespace().unwrap_or_default();
        let api = Api::namespaced(context.client.clone(), &namespace);
        if object.meta().deletion_timestamp.is_some() {
            return departure::depart(context, &api, &*object).await;
        }
        match finalizer::ensure(&api, &*object, labels::FINALIZER).await? {
            Some(held) => arrival::arrive(context, &api, &held).await,
            None => arrival::arrive(context, &api, &*object).await,
        }
    }

    fn is_settled(&self, object: &K) -> bool {
        object.status().is_some_and(|status| {
            let observed = status.observed_generation();
            report::is_settled(object.meta(), observed, status.conditions())
        })
    }

    fn phase(&self, object: &K) -> Option<String> {
        Some(report::phase(object.status().map(Reported::conditions)))
    }
}

/// Wakes a store when the store of kind `K` in its set changes: children of one instance have its
/// name.
pub(crate) fn of_the_same_set<K: Store>() -> Watched {
    Watched::new::<K>(
        Some(labels::INSTANCE),
        Arc::new(|other| {
            vec![Key {
                namespace: other.namespace(),
                name: other.name_any(),
            }]
        }),
    )
}
