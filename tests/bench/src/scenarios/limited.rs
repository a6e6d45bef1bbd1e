//! The same load while RDS allows twelve requests a second: how near the operator comes to the time
//! that the limit alone sets.

use emr_e2e::Outcome;

use super::databases::{number, ours};
use crate::{
    Options,
    report::{Report, Row},
    world::Limits,
};

/// Requests a second that RDS documents, and how many may come at once.
const RATE: f64 = 12.0;
const BURST: f64 = 300.0;

/// Measures it.
pub(crate) async fn run(options: &Options) -> Outcome<Report> {
    let wanted = options.objects;
    let measured = ours(options, Limits::RdsOnly).await?;
    let tally = &measured.tally;
    let needed: u64 = tally
        .mutations
        .iter()
        .filter(|(name, _)| name.starts_with("rds:"))
        .map(|(_, count)| count)
        .sum();
    let bound = bound(number(needed));
    let ratio = measured.ready / bound;
    let mut report = Report::new(format!(
        "limited: {wanted} ManagedDatabases, RDS at 12 requests a second"
    ));
    let row = Row::new(
        "Until every object is Ready",
        format!("{:.1} s, {ratio:.2} × the bound", measured.ready),
    );
    // With a load that the burst alone carries there is no bound to speak of.
    report.row(if bound >= 30.0 {
        row.target(format!("≤ 1.2 × {bound:.0} s"), ratio <= 1.2)
    } else {
        row.aim("≤ 1.2 × the bound; too few objects to tell")
    });
    let rds = tally.services.get("rds").copied().unwrap_or_default();
    report.row(Row::new(
        "RDS requests, of them mutations",
        format!("{rds}, {needed}"),
    ));
    report.note(format!(
        "The bound is ({needed} mutations of RDS − {BURST} at once) / {RATE} a second."
    ));
    tally.told().into_iter().for_each(|told| report.note(told));
    Ok(report)
}

/// Seconds below which so many requests can't be made.
fn bound(requests: f64) -> f64 {
    ((requests - BURST) / RATE).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_burst_is_free_and_the_rest_takes_its_time() {
        assert!((bound(1500.0) - 100.0).abs() < 1e-9);
        assert!(bound(200.0).abs() < 1e-9);
    }
}
