//! `emr-sandbox up`: everything, until Ctrl-C.

use std::{error::Error, time::Instant};

use emr_sandbox::{Sandbox, SandboxOptions};

use crate::progress::Shown;

/// What to start.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Nodes in each of the three zones.
    #[arg(long, default_value_t = 2)]
    nodes_per_zone: usize,
    /// Leave metrics-server out: the HPA then sees no load.
    #[arg(long)]
    no_metrics: bool,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let mut options = SandboxOptions::default();
    options.control_plane.metrics = !arguments.no_metrics;
    if let Some(nodes) = &mut options.control_plane.nodes {
        nodes.per_zone = arguments.nodes_per_zone;
    }
    let begun = Instant::now();
    let shown = Shown::new();
    let sandbox = Sandbox::start(&options, &|line| shown.line(line)).await?;
    shown.done();

    println!(
        "Ready after {:.1} s. Ctrl-C stops everything.\n",
        begun.elapsed().as_secs_f64()
    );
    println!("export KUBECONFIG={}", sandbox.kubeconfig().display());
    println!(
        "export PATH={}:$PATH",
        sandbox.control_plane.binaries().folder().display()
    );
    println!(
        "export AWS_ENDPOINT_URL={} AWS_REGION=us-east-1",
        sandbox.aws.endpoint()
    );
    println!("export AWS_ACCESS_KEY_ID=111111111111 AWS_SECRET_ACCESS_KEY=sandbox");
    println!("\nLogs: {}", sandbox.control_plane.state_dir().display());
    tokio::signal::ctrl_c().await?;
    Ok(())
}
