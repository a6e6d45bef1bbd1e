//! The operator is killed, again and again (invariant 2), and a second replica takes over.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use emr_api::EmrInstance;
use k8s_openapi::api::coordination::v1::Lease;
use kube::{
    Api,
    api::{DeleteParams, ListParams},
};
use serde_json::{Value, json};

use crate::{
    Clinic, Failure, Outcome, World, clinic::PATIENCE, failure::ensure, kinds::until_gone,
    world::OPERATOR,
};

/// How many instances come and go.
const INSTANCES: usize = 10;
/// How often the operator is killed on the way up, and on the way out.
const KILLS: usize = 10;
/// The lease lasts 15 s; the rest is for a busy machine.
const TAKE_OVER: Duration = Duration::from_secs(25);
/// Less than the minute between two sweeps of what is settled: whoever takes over does not wait for
/// one.
const GOES_ON: Duration = Duration::from_secs(45);

fn name(index: usize) -> String {
    format!("clinic-{index}")
}

/// Ten staggered instances; SIGKILL before or after an AWS mutation, 20 times: everything is there
/// once on the way up, and what must remain, once, on the way out.
pub async fn leave_no_trace(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "crashes").await?;
    clinic.platform().await?;
    for index in 0..INSTANCES {
        let over = json!({"profile": "Development"});
        clinic.apply(clinic.openemr(&name(index), &over)).await?;
        if index % 3 == 0 {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }
    let up = kill_repeatedly(&clinic).await?;
    for index in 0..INSTANCES {
        clinic.ready(&name(index)).await?;
    }
    let inventory = clinic.aws.inventory().await?;
    let count = |what: &str| {
        let list = inventory[what].as_array().map(Vec::len);
        list.or_else(|| inventory[what].as_object().map(serde_json::Map::len))
            .unwrap_or_default()
    };
    for (what, wanted) in [
        ("clusters", INSTANCES),
        ("instances", INSTANCES),
        ("caches", INSTANCES),
        ("cacheUsers", INSTANCES),
        ("fileSystems", INSTANCES),
        ("accessPoints", 2 * INSTANCES),
        ("secrets", 4 * INSTANCES),
        ("securityGroups", 3 * INSTANCES),
        ("parameterGroups", 1),
        ("logGroups", 3 * INSTANCES),
    ] {
        ensure(count(what) == wanted, || {
            format!("{what}: {} instead of {wanted}", count(what))
        })?;
    }
    ensure(inventory["keys"] == 1, || {
        format!("keys: {}", inventory["keys"])
    })?;

    let instances = clinic.api::<EmrInstance>();
    for index in 0..INSTANCES {
        instances
            .delete(&name(index), &DeleteParams::default())
            .await?;
    }
    let out = kill_repeatedly(&clinic).await?;
    for index in 0..INSTANCES {
        until_gone(&instances, &name(index), PATIENCE).await?;
    }
    let left = clinic.aws.inventory().await?;
    for what in [
        "instances",
        "caches",
        "fileSystems",
        "accessPoints",
        "securityGroups",
    ] {
        ensure(left[what] == json!([]), || {
            format!("{what} are left: {}", left[what])
        })?;
    }
    ensure(left["clusters"] == json!({}), || {
        format!("clusters are left: {}", left["clusters"])
    })?;
    let snapshots = left["snapshots"].as_array().map_or(0, Vec::len);
    ensure(snapshots == INSTANCES, || format!("{snapshots} snapshots"))?;
    println!("  killed {up} times on the way up and {out} times on the way out");
    ensure(up + out >= 20, || format!("only {} kills", up + out))
}

/// Kills the operator before or after its next mutations, and starts it again each time.
async fn kill_repeatedly(clinic: &Clinic) -> Outcome<usize> {
    let mut killed = 0;
    for round in 0..KILLS {
        let pid = clinic.world.operator.lock().await.pid();
        let when = if round % 2 == 0 { "before" } else { "after" };
        // Different calls: the first, the fourth, the seventh, … from here.
        let nth = 1 + (round * 3) % 11;
        let kill = json!({
            "pid": pid, "account": clinic.aws.account(), "operation": null, "nth": nth, "when": when,
        });
        let aws = &clinic.world.sandbox.aws;
        aws.arm_kill(&kill).await?;
        let deadline = tokio::time::Instant::now() + Duration::from_secs(12);
        loop {
            let state: Value = aws.control("GET", "kill", None).await?;
            if state["fired"] == true {
                killed += 1;
                break;
            }
            // Everything may be settled already.
            if tokio::time::Instant::now() > deadline {
                aws.control::<Value>("DELETE", "kill", None).await?;
                return Ok(killed);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        restart(clinic).await?;
    }
    Ok(killed)
}

/// A new process, which need not wait until the dead one's lease ends.
pub(super) async fn restart(clinic: &Clinic) -> Outcome {
    let mut operator = clinic.world.operator.lock().await;
    operator.ended(Duration::from_secs(5)).await;
    let leases = Api::<Lease>::namespaced(clinic.client(), OPERATOR.0);
    for lease in leases.list(&ListParams::default()).await?.items {
        leases
            .delete(
                &lease.metadata.name.unwrap_or_default(),
                &DeleteParams::default(),
            )
            .await?;
    }
    operator.restart()?;
    Ok(())
}

/// Two replicas; the leader is killed in the middle of its work. The other leads as soon as the
/// lease has run out, and goes on where the first one stopped.
pub async fn of_the_leader_are_taken_over(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "replicas").await?;
    clinic.platform().await?;
    let mut second = world
        .sandbox
        .operator(&world.replica("operator-second"))
        .await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    clinic
        .apply(clinic.openemr("twice", &json!({"profile": "Development"})))
        .await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let outcome = taken_over(&clinic).await;
    second.terminate(Duration::from_secs(20)).await;
    world.operator.lock().await.restart()?;
    outcome?;
    let found = clinic.aws.inventory().await?;
    ensure(
        found["instances"]
            .as_array()
            .is_some_and(|all| all.len() == 1),
        || Failure::Assertion(format!("{found}")).to_string(),
    )
}

async fn taken_over(clinic: &Clinic) -> Outcome {
    let leader = holder(clinic).await?;
    clinic.world.operator.lock().await.kill();
    let killed = Instant::now();
    while holder(clinic).await? == leader {
        ensure(killed.elapsed() < TAKE_OVER, || {
            format!("{leader:?} was killed and nobody took over within {TAKE_OVER:?}")
        })?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let leading = killed.elapsed();
    clinic.ready("twice").await?;
    let rest = killed.elapsed().saturating_sub(leading);
    println!("  taken over {leading:.1?} after the kill, ready {rest:.1?} later");
    ensure(rest < GOES_ON, || {
        format!("the work went on and took {rest:?}, with {GOES_ON:?} allowed")
    })
}

/// Who leads.
async fn holder(clinic: &Clinic) -> Outcome<Option<String>> {
    let leases = Api::<Lease>::namespaced(clinic.client(), OPERATOR.0);
    let all = leases.list(&ListParams::default()).await?.items;
    let spec = all.into_iter().next().and_then(|lease| lease.spec);
    Ok(spec.and_then(|spec| spec.holder_identity))
}
