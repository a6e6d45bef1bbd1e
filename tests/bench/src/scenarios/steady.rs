//! A thousand settled instances: what watching over them costs, and what a restart does.
//!
//! They come in as fast as the control plane takes them, a bounded number at a time, for a bounded time:
//! what is measured is the rest afterwards, of as many as there are then.

use std::time::{Duration, Instant};

use emr_e2e::{Failure, Outcome};
use emr_sandbox::NodeOptions;
use kube::{
    Api,
    api::{DynamicObject, ListParams},
};
use serde_json::json;

use super::databases::number;
use crate::{
    Options,
    calls::{Tally, listed, total},
    load::{self, Settled},
    manifests,
    process::Usage,
    report::{Report, Row},
    restart::restart,
    world::{Limits, Setup, World},
};

/// Instances on their way at a time: more only queue up in the control plane.
const SIDE_BY_SIDE: usize = 40;
/// What the targets speak of.
const FULL: usize = 1000;
/// What was settled a moment ago may still be told.
const CALM: Duration = Duration::from_secs(90);

/// Measures it.
pub(crate) async fn run(options: &Options) -> Outcome<Report> {
    let mut world = World::start(&Setup {
        binary: &options.operator,
        nodes: Some(NodeOptions {
            size: 60,
            pod_ready_after: Duration::from_millis(100),
            job_takes: Duration::from_millis(100),
            ..NodeOptions::default()
        }),
        delays: json!({}),
        limits: Limits::Lifted,
    })
    .await?;
    let idle = world.usage()?;
    let begun = Instant::now();
    let there = fill(&world, options).await?;
    let filled = begun.elapsed();
    let while_filling = world.usage()?;
    eprintln!("  {there} instances after {} s", filled.as_secs());
    tokio::time::sleep(CALM).await;

    let Rest {
        before,
        after,
        over,
        tally,
        written,
    } = rest(&world, options.rest()).await?;

    let minutes = over.as_secs_f64() / 60.0;
    let mut report = Report::new(format!(
        "steady: {there} EmrInstances at rest for {minutes:.1} minutes"
    ));
    // The targets are those of a thousand.
    let full = there >= FULL;
    report.row(
        Row::new("Instances", there.to_string())
            .target(options.instances.to_string(), there >= options.instances),
    );
    let requests = number(total(&tally.services)) / minutes;
    report.row(
        Row::new("AWS requests a minute", format!("{requests:.0}")).target_at(
            full,
            "≤ 200",
            requests <= 200.0,
        ),
    );
    let mutations = total(&tally.mutations);
    report.row(Row::new("AWS mutations", mutations.to_string()).target_at(
        full,
        "0",
        mutations == 0,
    ));
    report.row(
        Row::new(
            "Kubernetes writes beside the Lease",
            written.len().to_string(),
        )
        .target_at(full, "0", written.is_empty()),
    );
    let share = after.share_since(&before, over) * 100.0;
    report.row(
        Row::new("Share of one core", format!("{share:.2} %")).target_at(
            full,
            "< 2 %",
            share < 2.0,
        ),
    );
    let memory = after.resident;
    report.row(
        Row::new("Resident memory", format!("{memory:.1} MiB")).target_at(
            full,
            "≤ 100 MiB",
            memory <= 100.0,
        ),
    );
    let count = number(u64::try_from(there.max(1)).unwrap_or(u64::MAX));
    let each = (memory - idle.resident) * 1024.0 / count;
    report.row(Row::new(
        "Resident memory an instance",
        format!("{each:.1} KiB"),
    ));
    came(&mut report, &idle, &while_filling, filled);
    report.note(format!(
        "By service in {minutes:.1} minutes: {}.",
        listed(&tally.services)
    ));
    tally.told().into_iter().for_each(|told| report.note(told));
    written
        .iter()
        .take(5)
        .for_each(|write| report.note(format!("Written: {write}")));
    restart(&mut world, &mut report, full).await?;
    Ok(report)
}

/// What their coming took.
fn came(report: &mut Report, idle: &Usage, then: &Usage, took: Duration) {
    report.row(Row::new(
        "Peak while they came",
        format!("{:.1} MiB", then.peak),
    ));
    let processor = then.cpu.saturating_sub(idle.cpu).as_secs_f64();
    let took = took.as_secs_f64();
    let took = format!("{took:.0} s, {processor:.0} s of processor");
    report.row(Row::new("While they came", took));
}

/// What happened while nothing was asked for.
struct Rest {
    before: Usage,
    after: Usage,
    over: Duration,
    tally: Tally,
    written: Vec<String>,
}

async fn rest(world: &World, time: Duration) -> Outcome<Rest> {
    let mut log = world.calls().await?;
    let (_, writes) = world.sandbox.control_plane.mutations(0)?;
    let (before, at) = (world.usage()?, Instant::now());
    tokio::time::sleep(time).await;
    let (after, over) = (world.usage()?, at.elapsed());
    log.read(&world.sandbox.aws).await?;
    Ok(Rest {
        before,
        after,
        over,
        tally: log.tally(),
        written: writes_since(world, writes)?,
    })
}

/// Creates instances until all are there or the time is over; gives how many are ready.
async fn fill(world: &World, options: &Options) -> Outcome<usize> {
    let api = load::api(&world.client(), &manifests::instance("any")).await?;
    let settled = Settled::watch(api.clone(), "Ready");
    let (begun, mut told) = (Instant::now(), Instant::now());
    let mut made = 0;
    while made < options.instances && begun.elapsed() < options.fill() {
        if told.elapsed() > Duration::from_secs(15) {
            told = Instant::now();
            eprintln!(
                "  {} of {made} after {} s",
                settled.count(),
                begun.elapsed().as_secs()
            );
        }
        let more = (settled.count() + SIDE_BY_SIDE).min(options.instances);
        if more <= made {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        }
        let manifests = (made..more).map(|one| manifests::instance(&load::name(one)));
        load::create(&api, manifests).await?;
        made = more;
    }
    match settled.all(made, Duration::from_mins(3)).await {
        Ok(_) => Ok(made),
        Err(failure) => Err(Failure::Assertion(format!(
            "{failure}\n{}",
            unsettled(&api).await?
        ))),
    }
}

/// What the first few that are not ready say.
async fn unsettled(api: &Api<DynamicObject>) -> Outcome<String> {
    let all = api.list(&ListParams::default()).await?;
    let told = all.items.iter().filter_map(|object| {
        let conditions = object.data["status"]["conditions"].as_array()?;
        let ready = conditions.iter().find(|told| told["type"] == "Ready")?;
        (ready["status"] != "True").then(|| ready["message"].to_string())
    });
    Ok(told.take(3).collect::<Vec<_>>().join("\n"))
}

/// What the operator wrote to Kubernetes beside its Lease.
pub(crate) fn writes_since(world: &World, since: u64) -> Outcome<Vec<String>> {
    let (all, _) = world.sandbox.control_plane.mutations(since)?;
    let ours = all
        .into_iter()
        .filter(|write| write.user.ends_with(":emr-operator") && write.resource != "leases");
    Ok(ours
        .map(|write| format!("{} {} {}", write.verb, write.resource, write.name))
        .collect())
}
