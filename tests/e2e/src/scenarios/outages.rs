//! AWS, or the API server, is away for half a minute while the database is being created: what was
//! begun is finished afterwards, once, and ends as if nothing had been.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use emr_api::{EmrInstance, ManagedDatabase, conditions};
use serde_json::json;
use tokio::time::{Instant, sleep, sleep_until};

use super::sample;
use crate::{
    Clinic, Outcome, World,
    failure::ensure,
    kinds::Told,
    undisturbed::{ensure_like_undisturbed, undisturbed},
};

/// How long AWS or the API server is away.
const AWAY: Duration = Duration::from_secs(30);
/// The lease lasts 15 s: nobody may write to AWS after that.
const LEASE_OVER: Duration = Duration::from_secs(16);
/// What is under way when it goes away.
const UNDER_WAY: &str = "CreateDBCluster";

/// AWS keeps silent for half of the time, and closes every connection for the rest of it.
pub async fn of_aws_lose_nothing(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "aws-away").await?;
    let (aws, account) = (&world.sandbox.aws, clinic.aws.account());
    let away = async {
        begin(&clinic).await?;
        for silent in [true, false] {
            let outage = json!({"seconds": AWAY.as_secs(), "silent": silent});
            aws.begin_outage(account, &outage).await?;
            sleep(AWAY / 2).await;
            let outage = aws.end_outage(account).await?;
            ensure(outage["turnedAway"].as_u64() > Some(0), || {
                format!("nobody was turned away: {outage}")
            })?;
        }
        nobody_is_called(&clinic).await?;
        ends_as_it_would_have(&clinic).await
    };
    tokio::try_join!(away, undisturbed(&world)).map(drop)
}

/// The API server's process is killed, and started again on the same etcd. The operator loses its
/// lease and ends; its successor goes on.
pub async fn of_the_api_server_lose_nothing(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "api-away").await?;
    undisturbed(&world).await?;
    begin(&clinic).await?;
    let successors = AtomicUsize::new(0);
    let away = async {
        let plane = &world.sandbox.control_plane;
        let gone = Instant::now();
        plane.stop_api_server();
        sleep_until(gone + LEASE_OVER).await;
        let (_, calls) = clinic.mutations(0).await?;
        sleep_until(gone + AWAY).await;
        let (late, _) = clinic.mutations(calls).await?;
        ensure(late.is_empty(), || {
            format!("changed without a lease: {late:?}")
        })?;
        plane.start_api_server().await?;
        println!("  the API server was away for {:.1?}", gone.elapsed());
        ends_as_it_would_have(&clinic).await
    };
    tokio::select! {
        outcome = away => outcome?,
        failed = keep_running(&world, &successors) => match failed? {},
    }
    let successors = successors.load(Ordering::Relaxed);
    ensure(successors > 0, || {
        "the operator kept its lease without an API server".into()
    })
}

/// Platform and sample, up to the moment when the database is being created.
async fn begin(clinic: &Clinic) -> Outcome {
    clinic.platform().await?;
    clinic.apply(sample::manifest(clinic).await?).await?;
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let calls = clinic
            .world
            .sandbox
            .aws
            .calls(clinic.aws.account(), 0)
            .await?;
        let created = calls
            .calls
            .iter()
            .any(|call| call.operation.as_deref() == Some(UNDER_WAY) && call.status == Some(200));
        if created {
            return Ok(());
        }
        ensure(Instant::now() < deadline, || format!("no {UNDER_WAY} came"))?;
        sleep(Duration::from_millis(50)).await;
    }
}

/// An outage passes by itself: nobody is told to do anything about it.
async fn nobody_is_called(clinic: &Clinic) -> Outcome {
    let instance = clinic.api::<EmrInstance>().get("riverside").await?;
    let database = clinic.api::<ManagedDatabase>().get("riverside").await?;
    for (kind, conditions) in [
        ("EmrInstance", instance.conditions()),
        ("ManagedDatabase", database.conditions()),
    ] {
        ensure(
            conditions::find(&conditions, conditions::STALLED).is_none(),
            || format!("{kind} is stalled by an outage: {conditions:#?}"),
        )?;
    }
    Ok(())
}

async fn ends_as_it_would_have(clinic: &Clinic) -> Outcome {
    clinic.ready("riverside").await?;
    clinic.quiet().await?;
    ensure_like_undisturbed(clinic).await
}

/// Starts the operator again whenever it has ended, as its Deployment would.
async fn keep_running(world: &World, successors: &AtomicUsize) -> Outcome<Infallible> {
    loop {
        let mut operator = world.operator.lock().await;
        if !operator.runs() {
            operator.restart()?;
            successors.fetch_add(1, Ordering::Relaxed);
        }
        drop(operator);
        sleep(Duration::from_secs(1)).await;
    }
}
