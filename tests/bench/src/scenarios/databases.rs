//! Objects that each make one database cluster, created all at once: the load that `clusters`,
//! `limited` and a peer share.

use std::time::Duration;

use emr_e2e::Outcome;
use emr_sandbox::{Operator, Sandbox};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    Options,
    calls::{Log, Tally, answered},
    load::{self, Settled},
    manifests,
    process::Usage,
    world::{ACCOUNT, Limits, Setup, World},
};

/// How long memory may settle.
const REST: Duration = Duration::from_secs(30);

/// What came of it.
#[derive(Debug)]
pub(crate) struct Measured {
    /// Seconds until the API server had taken every object in.
    pub(crate) taken_in: f64,
    /// Seconds until every cluster was available in AWS.
    pub(crate) available: f64,
    /// Seconds until every object was ready.
    pub(crate) ready: f64,
    /// Clusters that AWS made.
    pub(crate) made: usize,
    /// AWS calls.
    pub(crate) tally: Tally,
    /// Seconds of processor time until then.
    pub(crate) processor: f64,
    /// What was used when all were ready.
    pub(crate) used: Usage,
    /// What was used half a minute later.
    pub(crate) rested: Usage,
}

/// Measures our operator in a world of its own, under these limits.
pub(crate) async fn ours(options: &Options, limits: Limits) -> Outcome<Measured> {
    let world = World::start(&Setup {
        binary: &options.operator,
        nodes: None,
        delays: json!({}),
        limits,
    })
    .await?;
    measure(
        &world.sandbox,
        &world.operator,
        options.objects,
        manifests::database,
        "Ready",
        options.patience(),
    )
    .await
}

/// Creates `wanted` objects and waits for each one's condition.
pub(crate) async fn measure(
    sandbox: &Sandbox,
    controller: &Operator,
    wanted: usize,
    manifest: impl Fn(&str) -> Value,
    condition: &str,
    patience: Duration,
) -> Outcome<Measured> {
    let api = load::api(&sandbox.control_plane.client(), &manifest("any")).await?;
    let mut log = Log::from_now(&sandbox.aws, ACCOUNT).await?;
    let settled = Settled::watch(api.clone(), condition);
    let (before, begun) = (Usage::of(controller.pid())?, Timestamp::now());
    let manifests = (0..wanted).map(|number| manifest(&load::name(number)));
    load::create(&api, manifests).await?;
    let taken_in = Timestamp::now();
    let ready = settled.all(wanted, patience).await?;
    let used = Usage::of(controller.pid())?;
    log.read(&sandbox.aws).await?;
    tokio::time::sleep(REST).await;
    let available = log.accepted("CreateDBCluster").filter_map(answered).max();
    Ok(Measured {
        taken_in: seconds(begun, taken_in),
        available: available.map_or(f64::NAN, |last| seconds(begun, last)),
        ready: seconds(begun, ready),
        made: log.accepted("CreateDBCluster").count(),
        tally: log.tally(),
        processor: used.cpu.saturating_sub(before.cpu).as_secs_f64(),
        used,
        rested: Usage::of(controller.pid())?,
    })
}

/// Seconds between two moments.
pub(crate) fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

/// A count, to reckon with.
#[expect(clippy::cast_precision_loss, reason = "counts of calls and objects")]
pub(crate) fn number(count: u64) -> f64 {
    count as f64
}
