//! What the kinds that go through phases share: each pass does what its object's phase says, and ends in
//! one status write, which may turn to the next phase.

use std::{fmt::Debug, time::Duration};

use emr_api::conditions::Reported;
use emr_model::{Progress, progress::Notice};
use emr_runtime::{Next, ReconcileError};
use kube::{Api, Resource, core::object::HasStatus};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Context,
    report::{Outcome, conclude},
};

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
