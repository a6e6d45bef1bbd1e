//! What a restart does to objects that are settled: nothing, and soon.

use std::time::{Duration, Instant};

use emr_e2e::{Failure, Outcome};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    calls::total,
    report::{Report, Row},
    scenarios::steady::writes_since,
    world::World,
};

/// Quiet is a second with less than this share of one core.
const QUIET: f64 = 0.05;
const PATIENCE: Duration = Duration::from_mins(3);
/// How long mutations are looked for.
const AFTERWARDS: Duration = Duration::from_mins(1);

/// Stops the operator in an orderly way, starts it anew, and adds what that took. Targets hold
/// at `full` size.
pub(crate) async fn restart(world: &mut World, report: &mut Report, full: bool) -> Outcome {
    let mut log = world.calls().await?;
    let (_, writes) = world.sandbox.control_plane.mutations(0)?;
    if !world.operator.terminate(Duration::from_secs(30)).await {
        return Err(Failure::Assertion(
            "the operator does not end in 30 s".to_owned(),
        ));
    }
    let begun = Instant::now();
    world.operator.restart()?;
    while !is_ready(world.admin_port).await {
        patient(begun, "ready")?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let ready = begun.elapsed().as_secs_f64();
    let quiet = loop {
        let (before, at) = (world.usage()?, begun.elapsed());
        tokio::time::sleep(Duration::from_secs(1)).await;
        let share = world
            .usage()?
            .share_since(&before, begun.elapsed().saturating_sub(at));
        if share < QUIET {
            break at.as_secs_f64();
        }
        patient(begun, "quiet")?;
    };
    let used = world.usage()?;
    tokio::time::sleep(AFTERWARDS).await;
    log.read(&world.sandbox.aws).await?;
    let (tally, written) = (log.tally(), writes_since(world, writes)?);
    report.row(
        Row::new(
            "Restart: until ready and quiet",
            format!("{quiet:.1} s (ready after {ready:.1} s)"),
        )
        .target_at(full, "< 10 s", quiet < 10.0),
    );
    let mutations = total(&tally.mutations);
    report.row(
        Row::new("Restart: AWS mutations", mutations.to_string()).target_at(
            full,
            "0",
            mutations == 0,
        ),
    );
    report.row(
        Row::new(
            "Restart: Kubernetes writes beside the Lease",
            written.len().to_string(),
        )
        .target_at(full, "0", written.is_empty()),
    );
    report.row(Row::new(
        "Restart: processor time",
        format!("{:.1} s", used.cpu.as_secs_f64()),
    ));
    report.row(Row::new(
        "Restart: peak memory",
        format!("{:.1} MiB", used.peak),
    ));
    report.note(format!(
        "Restart, AWS requests: {}.",
        total(&tally.services)
    ));
    tally.told().into_iter().for_each(|told| report.note(told));
    written
        .iter()
        .take(5)
        .for_each(|write| report.note(format!("Written: {write}")));
    Ok(())
}

fn patient(begun: Instant, what: &str) -> Outcome {
    if begun.elapsed() < PATIENCE {
        return Ok(());
    }
    Err(Failure::Assertion(format!(
        "the operator is not {what} {} s after its restart",
        PATIENCE.as_secs()
    )))
}

async fn is_ready(port: u16) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let request = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    ask.await
        .is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}
