//! SharedFileSystem: from manifest to EFS.

mod stack;
mod teardown;

use std::sync::Arc;

use emr_api::{ManagedDatabase, SharedFileSystem, labels, references::Placement};
use emr_model::{
    files::{self, FilesStack},
    owner_of,
};
use emr_resource::ids::FileSystemId;
use emr_runtime::{Key, Next, ReconcileError, Reconciler, controller::Watched, finalizer};
use kube::{Api, Resource, ResourceExt};

use crate::{
    Context,
    context::watcher_of,
    drive::drive,
    landing::{Landing, land},
    report::{self, Outcome, conclude},
};
use stack::FilesPass;

/// The kind's name, as watchers carry it.
pub(crate) const KIND: &str = "SharedFileSystem";

/// Reconciles SharedFileSystems.
pub(crate) struct SharedFileSystems(pub(crate) Context);

impl Reconciler for SharedFileSystems {
    type Kind = SharedFileSystem;

    async fn reconcile(&self, object: Arc<SharedFileSystem>) -> Result<Next, ReconcileError> {
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
        let (stack, placement) = desired(&object, &landing);
        let pass = FilesPass {
            stack: &stack,
            recorded: old.file_system_id.as_deref().map(FileSystemId::from),
            watcher: watcher_of(&*object, KIND),
        };
        let hold = report::hold(&*object, spec.management_policy);
        let driven = drive(&landing.account, &*context.permit, hold, &pass).await;
        let drift = report::is_drift(&old, object.metadata.generation, &driven.performed);
        report::tell(context, &object.object_ref(&()), &driven.performed, drift).await;
        let (status, usable) = match &driven.seen {
            Some(seen) => (
                files::status(&old, &stack, seen, &placement, None),
                files::usable(&stack, seen),
            ),
            None => (old, None),
        };
        let outcome = Outcome {
            progress: driven.progress,
            usable,
            failure: driven.failure,
            drift,
            beside: Vec::new(),
        };
        conclude(context, &api, &*object, status, outcome).await
    }

    fn phase(&self, object: &SharedFileSystem) -> Option<String> {
        Some(report::phase(
            object
                .status
                .as_ref()
                .map(|status| status.conditions.as_slice()),
        ))
    }
}

/// The wanted stack, and what the object remembers of where it landed.
fn desired(object: &SharedFileSystem, landing: &Landing) -> (FilesStack, Placement) {
    let placed = object
        .status
        .as_ref()
        .and_then(|status| status.placement.as_ref());
    let key = landing.key(object.spec.kms_key_arn.as_deref(), placed);
    let owner = owner_of(object, landing.cluster());
    let stack = files::desire(
        &owner,
        &object.spec,
        &files::Landing {
            network: &landing.network,
            kms_key_arn: key,
            vault: landing.status.backup_vault.as_deref().unwrap_or_default(),
            backup_role_arn: landing
                .status
                .backup_role_arn
                .as_deref()
                .unwrap_or_default(),
            tags: &landing.spec.tags,
        },
    );
    let placement = landing.placement(key);
    (stack, placement)
}

/// The database of the same set: its copy is waited for in deletion.
pub(crate) fn watched() -> Vec<Watched> {
    vec![Watched::new::<ManagedDatabase>(
        Some(labels::INSTANCE),
        Arc::new(|database| {
            vec![Key {
                namespace: database.namespace(),
                name: database.name_any(),
            }]
        }),
    )]
}
