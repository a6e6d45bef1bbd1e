//! Invariant 5: quiet when settled.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use crate::{Clinic, Outcome, World, failure::ensure};

/// A second apply and a restart: no mutation in AWS, none in Kubernetes but the Lease.
pub async fn a_second_apply_and_a_restart_change_nothing(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "quiet").await?;
    clinic.platform().await?;
    let manifest = clinic.openemr("riverside", &json!({}));
    clinic.apply(manifest.clone()).await?;
    clinic.ready("riverside").await?;
    // What was settled a moment ago may still be told.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let (_, calls) = clinic.mutations(0).await?;
    let (_, writes) = world.sandbox.control_plane.mutations(0)?;

    clinic.apply(manifest).await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let mut operator = world.operator.lock().await;
    operator.terminate(Duration::from_secs(20)).await;
    operator.restart()?;
    drop(operator);
    tokio::time::sleep(Duration::from_secs(20)).await;

    let (mutations, _) = clinic.mutations(calls).await?;
    ensure(mutations.is_empty(), || {
        format!("AWS mutations: {mutations:?}")
    })?;
    let (all, _) = world.sandbox.control_plane.mutations(writes)?;
    let ours: Vec<_> = all
        .iter()
        .filter(|write| write.user.contains("emr-operator") && write.resource != "leases")
        // Another scenario's objects may still be on their way.
        .filter(|write| write.namespace == clinic.namespace)
        .collect();
    ensure(ours.is_empty(), || {
        format!("Kubernetes mutations: {ours:?}")
    })
}
