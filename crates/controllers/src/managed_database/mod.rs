//! ManagedDatabase: from manifest to Aurora.

mod stack;
mod teardown;

use std::{collections::BTreeMap, sync::Arc};

use emr_api::{
    ManagedDatabase, SharedFileSystem, labels,
    managed_database::ManagedDatabaseStatus,
    references::{Placement, SecretRef},
};
use emr_model::{
    Progress,
    database::{self, DatabaseSeen, DatabaseStack},
    owner_of,
    progress::Notice,
};
use emr_resource::{db_cluster::Recorded, ids::Arn};
use emr_runtime::{Key, Next, ReconcileError, Reconciler, controller::Watched, finalizer};
use kube::{Api, Resource, ResourceExt};

use crate::{
    Context,
    connect::{self, Copy},
    context::watcher_of,
    drive::drive,
    landing::{Landing, land},
    report::{self, Outcome, conclude},
};
use stack::DatabasePass;

/// The kind's name, as watchers carry it.
pub(crate) const KIND: &str = "ManagedDatabase";

/// Reconciles ManagedDatabases.
pub(crate) struct ManagedDatabases(pub(crate) Context);

impl Reconciler for ManagedDatabases {
    type Kind = ManagedDatabase;

    async fn reconcile(&self, object: Arc<ManagedDatabase>) -> Result<Next, ReconcileError> {
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
        let pass = DatabasePass {
            stack: &stack,
            recorded: recorded(&old),
            watcher: watcher_of(&*object, KIND),
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
        let status = database::status(&old, &stack, &seen, &placement, secret);
        let outcome = Outcome {
            progress: driven.progress,
            usable: database::usable(&stack, &seen),
            failure: driven.failure.or(failure),
            drift,
            beside: Vec::new(),
        };
        conclude(context, &api, &*object, status, outcome).await
    }

    fn phase(&self, object: &ManagedDatabase) -> Option<String> {
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
    object: &ManagedDatabase,
    landing: &Landing,
) -> Result<(DatabaseStack, Placement), database::DatabaseError> {
    let placed = object
        .status
        .as_ref()
        .and_then(|status| status.placement.as_ref());
    let key = landing.key(object.spec.kms_key_arn.as_deref(), placed);
    let owner = owner_of(object, landing.cluster());
    let stack = database::desire(
        &owner,
        &object.spec,
        &database::Landing {
            network: &landing.network,
            subnet_group: landing
                .status
                .db_subnet_group
                .as_deref()
                .unwrap_or_default(),
            kms_key_arn: key,
            tags: &landing.spec.tags,
        },
    )?;
    let placement = landing.placement(key);
    Ok((stack, placement))
}

fn recorded(status: &ManagedDatabaseStatus) -> Option<Recorded> {
    status.arn.as_deref().map(|arn| Recorded {
        arn: Arn::new(arn),
        resource_id: status.resource_id.clone(),
    })
}

/// The master user's Secret, for Jobs alone, once there is an endpoint to connect to.
async fn connection(
    context: &Context,
    landing: &Landing,
    object: &ManagedDatabase,
    stack: &DatabaseStack,
    seen: &DatabaseSeen,
) -> (Option<SecretRef>, Option<ReconcileError>) {
    let (Some(source), Some((host, port))) = (&seen.master_secret, database::endpoint(stack, seen))
    else {
        return (None, None);
    };
    let authorities = match landing.authorities() {
        Ok(authorities) => authorities,
        // A Secret that is there keeps whom its readers trust.
        Err(error) => {
            let failure = ReconcileError::slow(error.reason(), error.to_string());
            return (None, Some(failure));
        }
    };
    let copy = Copy {
        purpose: "database-master",
        binding: "mysql",
        source,
        beside: BTreeMap::from([
            ("host", host),
            ("port", port.to_string()),
            ("ca.crt", authorities.database),
        ]),
    };
    match connect::keep(&context.client, &landing.account, object, &copy).await {
        Ok(secret) => (Some(secret), None),
        Err(error) => (None, Some(error)),
    }
}

/// The files of the same set: their copy is waited for in deletion.
pub(crate) fn watched() -> Vec<Watched> {
    vec![Watched::new::<SharedFileSystem>(
        Some(labels::INSTANCE),
        Arc::new(|files| {
            vec![Key {
                namespace: files.namespace(),
                name: files.name_any(),
            }]
        }),
    )]
}
