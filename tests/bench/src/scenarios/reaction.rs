//! How soon the operator goes on once something is `available` in AWS, with a set number of clusters
//! on their way at any time.
//!
//! The stand-in's log says when a cluster was asked for and, with the delay that it was told, when it
//! became available; the next mutation for the same cluster is its first member.

use std::{collections::BTreeMap, time::Duration};

use emr_e2e::Outcome;
use emr_sandbox::Call;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::databases::seconds;
use crate::{
    Options, ack,
    calls::{Log, answered, arrived},
    load::{self, Settled},
    manifests,
    report::{Report, Row, quantile},
    world::{Limits, Setup, World},
};

/// The least time that a cluster takes: it must outlast what the operator does before.
const LEAST: f64 = 10.0;
/// Reactions beyond the number in transition.
const MORE: usize = 60;
/// Objects a second at most: what the API server takes in beside everything else.
const PER_SECOND: f64 = 10.0;

/// Measures it.
pub(crate) async fn run(options: &Options) -> Outcome<Report> {
    let moving = options.transitions.max(1);
    let wanted = moving + MORE;
    let count = f64::from(u32::try_from(moving).unwrap_or(u32::MAX));
    let delay = (count / PER_SECOND).max(LEAST);
    let world = World::start(&Setup {
        binary: &options.operator,
        nodes: None,
        delays: json!({"rds.cluster.creating": delay}),
        limits: Limits::Lifted,
    })
    .await?;
    let mut log = world.calls().await?;
    let manifest = manifests::database;
    let api = load::api(&world.client(), &manifest("any")).await?;
    let settled = Settled::watch(api.clone(), "Ready");
    for number in 0..wanted {
        tokio::time::sleep(pause(number, delay / count)).await;
        load::create(&api, std::iter::once(manifest(&load::name(number)))).await?;
    }
    settled.all(wanted, options.patience()).await?;
    log.read(&world.sandbox.aws).await?;
    let reactions = reactions(&log, delay);

    let mut report = Report::new(format!("reaction: {moving} clusters in transition"));
    let value = |part: f64| quantile(&reactions, part).unwrap_or(f64::NAN);
    for (name, part, target) in [("median", 0.5, 2.0), ("99th percentile", 0.99, 5.0)] {
        let figure = format!("From `available` to the next mutation, {name}");
        let row = Row::new(figure, format!("{:.2} s", value(part)));
        // The targets are for ten; beyond, the question is how it grows.
        let row = if moving <= 10 {
            row.target(format!("< {target} s"), value(part) < target)
        } else {
            row.aim(format!("< {target} s with ten"))
        };
        report.row(row.beside_ack("30 s poll", value(part), ack::POLL));
    }
    report.note(format!(
        "{} reactions; a cluster takes {delay:.0} s, one more is asked for every {:.2} s or so.",
        reactions.len(),
        delay / count
    ));
    Ok(report)
}

/// Between half of `mean` seconds and one and a half: an even pace would meet the operator's own rhythm
/// at the same few places each time. Multiples of the golden ratio spread over all of it.
fn pause(number: usize, mean: f64) -> Duration {
    let number = f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    Duration::from_secs_f64(mean * (0.5 + (number * 0.618_034).fract()))
}

/// Seconds between a cluster's being available and the first mutation for it.
fn reactions(log: &Log, delay: f64) -> Vec<f64> {
    let delay = SignedDuration::try_from_secs_f64(delay).unwrap_or_default();
    let available: BTreeMap<String, Timestamp> = log
        .accepted("CreateDBCluster")
        .filter_map(|call| Some((cluster(call)?, answered(call)?.checked_add(delay).ok()?)))
        .collect();
    let mut first = BTreeMap::new();
    for call in log.accepted("CreateDBInstance") {
        if let (Some(cluster), Some(at)) = (cluster(call), arrived(call)) {
            first.entry(cluster).or_insert(at);
        }
    }
    first
        .into_iter()
        .filter_map(|(cluster, at)| Some(seconds(*available.get(&cluster)?, at)))
        .collect()
}

fn cluster(call: &Call) -> Option<String> {
    let name = call.request_summary.get("DBClusterIdentifier")?;
    Some(name.as_str()?.to_owned())
}
