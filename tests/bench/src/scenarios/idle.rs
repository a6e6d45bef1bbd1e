//! One platform and nothing else: what the operator costs where nobody uses it yet.

use std::time::Duration;

use emr_e2e::Outcome;
use serde_json::json;

use crate::{
    Options,
    calls::{listed, total},
    report::{Report, Row},
    world::{Limits, Setup, World},
};

const REST: Duration = Duration::from_mins(1);

/// Measures it.
pub(crate) async fn run(options: &Options) -> Outcome<Report> {
    let world = World::start(&Setup {
        binary: &options.operator,
        nodes: None,
        delays: json!({}),
        limits: Limits::Lifted,
    })
    .await?;
    let mut log = world.calls().await?;
    let before = world.usage()?;
    tokio::time::sleep(REST).await;
    let after = world.usage()?;
    log.read(&world.sandbox.aws).await?;
    let tally = log.tally();
    let mut report = Report::new("idle: one platform, a minute");
    let memory = after.resident;
    report.row(
        Row::new("Resident memory", format!("{memory:.1} MiB")).target("≤ 30 MiB", memory <= 30.0),
    );
    let share = after.share_since(&before, REST) * 100.0;
    report.row(Row::new("Share of one core", format!("{share:.2} %")));
    report.row(Row::new(
        "AWS requests in the minute",
        total(&tally.services).to_string(),
    ));
    report.note(format!("By service: {}.", listed(&tally.services)));
    Ok(report)
}
