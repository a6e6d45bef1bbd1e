//! The stores that a restore makes, as they are seen, and the application's objects on them.

use emr_api::{EmrInstance, emr_instance::RestoredSet};
use emr_model::{
    instance::{self, Validated},
    progress::Notice,
    restore,
};
use emr_runtime::{Next, ReconcileError};

use super::Pass;
use crate::{
    children::stores_key,
    emr_instance::{
        application::TakeOver,
        gather::{World, gather},
    },
    landing::NotLanded,
};

/// An instance on other stores than those that it runs on.
pub(super) struct Candidate {
    /// The instance as it will be, or was.
    pub(super) instance: EmrInstance,
    /// Its world, with those stores.
    pub(super) world: World,
    /// Its spec, without contradictions.
    pub(super) validated: Validated,
    /// Whether it runs on them already.
    pub(super) live: bool,
}

/// Why there is none.
pub(super) enum NoCandidate {
    /// The instance is gone or goes.
    Leaves,
    /// The platform can't be reached.
    Unlanded(Box<NotLanded>),
    /// Its spec is no longer valid.
    Invalid(String),
}

/// Looks at the instance on the stores of that name.
pub(super) async fn on_stores(
    pass: &Pass<'_>,
    stores: &str,
    set: &RestoredSet,
) -> Result<Result<Candidate, NoCandidate>, ReconcileError> {
    let Some(instance) = pass.instance().await? else {
        return Ok(Err(NoCandidate::Leaves));
    };
    let mut world = match gather(pass.context, &instance).await? {
        Ok(world) => world,
        Err(not) => return Ok(Err(NoCandidate::Unlanded(not))),
    };
    let live = instance.stores() == stores;
    let instance = restore::as_candidate(&instance, stores, set);
    let validated = match instance::validate(&instance, &world.neighbours) {
        Ok(validated) => validated,
        Err(error) => return Ok(Err(NoCandidate::Invalid(error.to_string()))),
    };
    let mirrors = &pass.context.mirrors;
    let key = stores_key(&instance);
    world.database = mirrors.databases.cloned(&key).await?;
    world.files = mirrors.files.cloned(&key).await?;
    Ok(Ok(Candidate {
        instance,
        world,
        validated,
        live,
    }))
}

impl Candidate {
    /// The key that the instance's data is encrypted with.
    pub(super) fn key(&self) -> &str {
        let status = self.instance.status.as_ref();
        let own = status.and_then(|status| status.kms_key_arn.as_deref());
        own.unwrap_or(&self.world.landing.shared_key)
    }

    /// The application on these stores, once they have told where they are.
    pub(super) async fn application(
        &self,
        pass: &Pass<'_>,
    ) -> Result<Option<TakeOver>, ReconcileError> {
        TakeOver::of(pass.context, &self.instance, &self.world, &self.validated).await
    }
}

/// The application on these stores, once they have told where they are; none where the instance
/// goes, which takes them along. What is waited for, where the platform can't be reached.
pub(super) async fn application_on(
    pass: &Pass<'_>,
    stores: &str,
) -> Result<Result<Option<TakeOver>, Notice>, ReconcileError> {
    // What they were made from does not matter to what anything on them is called.
    match Box::pin(on_stores(pass, stores, &RestoredSet::default())).await? {
        Ok(candidate) => candidate.application(pass).await.map(Ok),
        Err(NoCandidate::Unlanded(not)) => not.waits().map(Err),
        Err(NoCandidate::Leaves | NoCandidate::Invalid(_)) => Ok(Ok(None)),
    }
}

/// What to do where there is no candidate: fail where the instance goes, wait otherwise.
pub(super) async fn without(pass: &Pass<'_>, none: NoCandidate) -> Result<Next, ReconcileError> {
    match none {
        NoCandidate::Leaves => pass.fail("the instance is being deleted").await,
        NoCandidate::Invalid(why) => pass.wait(Notice::new("InvalidInstance", why), true).await,
        NoCandidate::Unlanded(not) => pass.conclude(pass.status(), not).await,
    }
}
