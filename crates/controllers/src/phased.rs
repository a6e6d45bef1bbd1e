//! What the kinds that go through phases share: each pass does what its object's phase says, and ends in
//! one status write, which may turn to the next phase.

use std::{fmt::Debug, marker::PhantomData, sync::Arc, time::Duration};

use emr_api::{
    EmrInstance, conditions::Reported, emr_backup::InstanceRef, labels, policy::ManagementPolicy,
};
use emr_model::{Progress, progress::Notice};
use emr_runtime::{
    Key, Next, ReconcileError, Reconciler,
    controller::{Kind, Mirror},
    finalizer,
};
use k8s_openapi::NamespaceResourceScope;
use kube::{Api, Resource, ResourceExt, core::object::HasStatus};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Context,
    report::{self, Outcome, conclude},
};

/// A kind that goes through phases.
pub(crate) trait Phases:
    Kind + Resource<Scope = NamespaceResourceScope> + HasStatus + Sync
where
    Self::Status: Reported,
{
    /// The instance that it is of, in the same namespace.
    fn instance_ref(&self) -> &InstanceRef;

    /// The phase, as one word for people and metrics.
    fn word(status: &Self::Status) -> &'static str;

    /// What its phase says; `going` while it is being deleted.
    fn step(
        pass: &Phased<'_, Self>,
        going: bool,
    ) -> impl Future<Output = Result<Next, ReconcileError>> + Send;
}

/// The instance that an object is of.
pub(crate) fn instance_key<K: Phases>(object: &K) -> Key
where
    K::Status: Reported,
{
    Key {
        namespace: object.namespace(),
        name: object.instance_ref().name.clone(),
    }
}

/// Whether an object is of that instance. No key is made for it: passes ask this of every object there is.
pub(crate) fn is_of<K: Phases>(object: &K, instance: &Key) -> bool
where
    K::Status: Reported,
{
    object.meta().namespace == instance.namespace && object.instance_ref().name == instance.name
}

/// The name of another of the same instance that is under way.
pub(crate) async fn another<K: Phases>(
    mirror: &Mirror<K>,
    object: &K,
    is_under_way: impl Fn(&K::Status) -> bool + Send + Sync,
) -> Result<Option<String>, ReconcileError>
where
    K::Status: Reported,
{
    let key = instance_key(object);
    let wanted = |other: &K| {
        other.status().is_some_and(&is_under_way)
            && is_of(other, &key)
            && other.meta().uid != object.meta().uid
    };
    let found = mirror.select(wanted).await?;
    Ok(found.first().map(ResourceExt::name_any))
}

/// Reconciles the objects of such a kind.
pub(crate) struct Reconciles<K> {
    context: Context,
    kind: PhantomData<fn() -> K>,
}

impl<K> Reconciles<K> {
    /// With this context.
    pub(crate) fn new(context: Context) -> Self {
        Self {
            context,
            kind: PhantomData,
        }
    }
}

impl<K> Reconciler for Reconciles<K>
where
    K: Phases,
    K::Status: Reported,
{
    type Kind = K;

    async fn reconcile(&self, object: Arc<K>) -> Result<Next, ReconcileError> {
        let namespace = object.namespace().unwrap_or_default();
        let api = Api::namespaced(self.context.client.clone(), &namespace);
        let going = object.meta().deletion_timestamp.is_some();
        let held = if going {
            None
        } else {
            finalizer::ensure(&api, &*object, labels::FINALIZER).await?
        };
        let pass = Phased {
            context: &self.context,
            api: &api,
            object: held.as_ref().unwrap_or(&*object),
        };
        K::step(&pass, going).await
    }

    fn is_settled(&self, object: &K) -> bool {
        object.status().is_some_and(|status| {
            let observed = status.observed_generation();
            report::is_settled(object.meta(), observed, status.conditions())
        })
    }

    fn phase(&self, object: &K) -> Option<String> {
        object.status().map(|status| K::word(status).to_owned())
    }
}

/// An object that goes through phases, and what its pass works with.
pub(crate) struct Phased<'a, K> {
    pub(crate) context: &'a Context,
    pub(crate) api: &'a Api<K>,
    pub(crate) object: &'a K,
}

impl<K> Phased<'_, K>
where
    K: Resource<DynamicType = ()> + HasStatus + Clone + Debug + Serialize + DeserializeOwned,
    K: Sync,
    K::Status: Reported + Default + Clone + Serialize + Send + Sync,
{
    /// Its status, as it is.
    pub(crate) fn status(&self) -> K::Status {
        self.object.status().cloned().unwrap_or_default()
    }

    /// Writes the status, if it differs.
    pub(crate) async fn conclude(
        &self,
        status: K::Status,
        outcome: impl Into<Outcome> + Send,
    ) -> Result<Next, ReconcileError> {
        conclude(self.context, self.api, self.object, status, outcome.into()).await
    }

    /// The next phase is written, and what it does begins with another pass.
    pub(crate) async fn turn_to(
        &self,
        status: K::Status,
        reason: &str,
        message: impl Into<String> + Send,
    ) -> Result<Next, ReconcileError> {
        let progress = Progress::Working(Notice::new(reason, message));
        self.conclude(status, progress).await?;
        Ok(Next::After(Duration::ZERO))
    }
    /// What is said while it is paused; `None` where it is not.
    pub(crate) async fn held(&self) -> Option<Result<Next, ReconcileError>> {
        let why = report::hold(self.object, ManagementPolicy::Full)?;
        let pending = Vec::new();
        let progress = Progress::Held { why, pending };
        Some(self.conclude(self.status(), progress).await)
    }

    /// Says of one that came to rest how it is, and whether it can be used.
    pub(crate) async fn say_rested(
        &self,
        status: K::Status,
        (progress, usable): (Progress, Option<String>),
    ) -> Result<(), ReconcileError> {
        let outcome = Outcome {
            usable,
            ..Outcome::from(progress)
        };
        self.conclude(status, outcome).await.map(drop)
    }
}

impl<K: Phases> Phased<'_, K>
where
    K::Status: Reported,
{
    /// The instance, unless it is gone or goes.
    pub(crate) async fn instance(&self) -> Result<Option<EmrInstance>, ReconcileError> {
        let key = instance_key(self.object);
        let instance = self.context.mirrors.instances.cloned(&key).await?;
        Ok(instance.filter(|of| of.metadata.deletion_timestamp.is_none()))
    }
}
