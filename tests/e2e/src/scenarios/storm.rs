//! The sample in a storm: any call to AWS may be throttled, fail, lose its connection with or without
//! effect, or take seconds. What ends up in AWS is what an undisturbed instance has, and what remains
//! after deletion is what must remain.

use std::sync::Arc;

use emr_api::EmrInstance;
use emr_sandbox::apply;
use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};

use super::{remains, sample};
use crate::{
    Clinic, Outcome, World,
    clinic::PATIENCE,
    failure::ensure,
    kinds::until_gone,
    undisturbed::{ensure_like_undisturbed, undisturbed},
};

/// What strikes a call, as the stand-in counts it.
const FATES: [&str; 6] = [
    "throttled",
    "failed",
    "unavailable",
    "reset",
    "lost",
    "slow",
];

/// The first reply about a key, the cluster and a member are lost, or say that it failed; so are those
/// about both halves of the copies. The role is throttled before it is assumed.
const UP: u64 = 1905;
const DOWN: u64 = 929;

/// One call in ten is throttled, one in twenty fails, one in twenty-five loses its connection, and as
/// many take two seconds.
fn storm(seed: u64) -> Value {
    json!({"seed": seed, "throttle": 0.1, "error": 0.05, "reset": 0.04, "spike": 0.04, "seconds": 2.0})
}

/// Up and down in a storm, with a calm look at AWS in between.
pub async fn leaves_what_a_calm_day_leaves(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "storm").await?;
    let through = async {
        up(&clinic).await?;
        down(&clinic).await
    };
    tokio::try_join!(through, undisturbed(&world)).map(drop)
}

async fn up(clinic: &Clinic) -> Outcome {
    let (aws, account) = (&clinic.world.sandbox.aws, clinic.aws.account());
    aws.begin_storm(account, &storm(UP)).await?;
    // Its platform is made in the storm too.
    apply(&clinic.client(), None, clinic.platform_manifest()).await?;
    clinic.apply(sample::manifest(clinic).await?).await?;
    clinic.ready("riverside").await?;
    raged(&aws.end_storm(account).await?)?;
    clinic.quiet().await?;
    ensure_like_undisturbed(clinic).await
}

async fn down(clinic: &Clinic) -> Outcome {
    let (aws, account) = (&clinic.world.sandbox.aws, clinic.aws.account());
    let before = clinic.aws.inventory().await?;
    aws.begin_storm(account, &storm(DOWN)).await?;
    let instances = clinic.api::<EmrInstance>();
    let confirm =
        json!({"metadata": {"annotations": {"emrstack.dev/confirm-delete": "riverside"}}});
    let parameters = PatchParams::default();
    instances
        .patch("riverside", &parameters, &Patch::Merge(&confirm))
        .await?;
    instances
        .delete("riverside", &DeleteParams::default())
        .await?;
    until_gone(&instances, "riverside", PATIENCE).await?;
    raged(&aws.end_storm(account).await?)?;
    clinic.quiet().await?;
    remains::copies_and_nothing_else(clinic, &before).await
}

/// Fails unless calls, and changes among them, met everything that a storm has.
fn raged(storm: &Value) -> Outcome {
    let (calls, mutations) = (&storm["struck"], &storm["mutations"]);
    println!("  in the storm: calls {calls}, changes among them {mutations}");
    for fate in FATES {
        ensure(calls[fate].as_u64() > Some(0), || {
            format!("no call was {fate}: {storm}")
        })?;
    }
    let changes = |fates: &[&str]| {
        fates
            .iter()
            .filter_map(|fate| mutations[fate].as_u64())
            .sum::<u64>()
    };
    for fates in [
        &["throttled"][..],
        &["failed", "unavailable"],
        &["reset"],
        &["lost"],
    ] {
        ensure(changes(fates) > 0, || {
            format!("no change was {fates:?}: {storm}")
        })?;
    }
    Ok(())
}
