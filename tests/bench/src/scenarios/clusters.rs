//! A thousand databases at once: AWS requests, time, processor and memory, as measured for ACK.

use emr_e2e::Outcome;

use super::databases::{Measured, number, ours};
use crate::{
    Options, ack,
    calls::total,
    report::{Report, Row},
    world::Limits,
};

/// Measures our operator.
pub(crate) async fn run(options: &Options) -> Outcome<Report> {
    let wanted = options.objects;
    let measured = ours(options, Limits::Lifted).await?;
    let title = format!("clusters: {wanted} ManagedDatabases");
    Ok(report(title, wanted, &measured))
}

/// The table, whoever was measured.
pub(crate) fn report(title: String, wanted: usize, measured: &Measured) -> Report {
    let scale = ack::scale(wanted);
    let tally = &measured.tally;
    let (mutations, reads) = (total(&tally.mutations), total(&tally.reads));
    let sweeps = total(&tally.sweeps);
    let share = number(reads) / number(mutations.max(1));
    let wall = ack::WALL * scale;
    let mut report = Report::new(title);
    report.row(
        Row::new(
            "Reads for each mutation, beyond sweep pages",
            format!("{:.1} %", share * 100.0),
        )
        .target("≤ 10 %", share <= 0.1)
        .beside_ack("700 %", share, ack::READS),
    );
    let available = measured.available;
    report.row(
        Row::new(
            "Until every cluster is available in AWS",
            format!("{available:.1} s"),
        )
        .target(format!("≤ {:.1} s", wall / 3.0), available <= wall / 3.0)
        .beside_ack(&format!("{wall:.1} s, 20 workers"), available, wall),
    );
    report.row(Row::new(
        "Until every object is Ready, with what else belongs to it",
        format!("{:.1} s", measured.ready),
    ));
    let all = mutations + reads + sweeps;
    let requests = ack::REQUESTS * scale;
    report.row(
        Row::new(
            "AWS requests, with what else belongs to it",
            all.to_string(),
        )
        .beside_ack(
            &format!("{requests:.0}, cluster only"),
            number(all),
            requests,
        ),
    );
    let processor = ack::PROCESSOR * scale;
    report.row(
        Row::new("Processor time", format!("{:.1} s", measured.processor)).beside_ack(
            &format!("{processor:.1} s, cluster only"),
            measured.processor,
            processor,
        ),
    );
    report.row(
        Row::new("Memory, peak", format!("{:.1} MiB", measured.used.peak)).beside_ack(
            "95 MiB for 1,000",
            measured.used.peak,
            ack::RESIDENT,
        ),
    );
    report.row(Row::new(
        "Memory 30 s later",
        format!("{:.1} MiB", measured.rested.resident),
    ));
    report.row(Row::new(
        "Until the API server had taken all in",
        format!("{:.1} s", measured.taken_in),
    ));
    let made = measured.made;
    report.row(
        Row::new("Clusters made", made.to_string()).target(wanted.to_string(), made == wanted),
    );
    tally.told().into_iter().for_each(|told| report.note(told));
    report
}
