//! What the kinds that go through phases share: each pass does what its object's phase says, and ends in
//! one status write, which may turn to the next phase.

use std::{fmt::Debug, marker::PhantomData, sync::Arc, time::Duration};

use emr_api::{conditions::Reported, labels};
use emr_model::{Progress, progress::Notice};
use emr_runtime::{Next, ReconcileError, Reconciler, controller::Kind, finalizer};
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
    /// The phase, as one word for people and metrics.
    fn word(status: &Self::Status) -> &'static str;

    /// What its phase says; `going` while it is being deleted.
    fn step(
        pass: &Phased<'_, Self>,
        going: bool,
    ) -> impl Future<Output = Result<Next, ReconcileError>> + Send;
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
}
