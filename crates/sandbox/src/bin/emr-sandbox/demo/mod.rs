//! `emr-sandbox demo`: one instance from its manifest to Ready, shown while it happens.

mod calls;
mod closing;
mod gather;
mod guard;
mod install;
mod kinds;
mod screen;
mod states;
mod tree;

use std::{
    error::Error,
    time::{Duration, Instant},
};

use emr_sandbox::{
    AwsStandInOptions, Binaries, ControlPlaneOptions, Operator, Sandbox, SandboxOptions, apply_file,
};
use serde_json::json;

use self::{calls::Calls, gather::Names, screen::Screen, tree::seconds};
use crate::progress::Shown;

/// The account that everything in AWS belongs to.
const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";
const SAMPLE: &str = "deploy/samples/openemr.yaml";
const LIMIT: Duration = Duration::from_mins(5);
const LOOK: Duration = Duration::from_millis(250);

/// How to run it.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Stop when the sample is ready instead of staying up until Ctrl-C.
    #[arg(long)]
    once: bool,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    // Refused before minutes of building, not after.
    guard::endpoints(std::env::vars(), "http://127.0.0.1")?;
    let shown = Shown::new();
    tokio::task::block_in_place(|| Binaries::ensure(&|line| shown.line(line)))?;
    // From here on Ctrl-C ends everything in order: the sandbox is dropped, not torn away.
    tokio::select! {
        outcome = bring_up(arguments, &shown) => outcome,
        interrupted = tokio::signal::ctrl_c() => {
            shown.done();
            interrupted?;
            println!("\nstopped");
            Ok(())
        }
    }
}

async fn bring_up(arguments: &Arguments, shown: &Shown) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let aws = AwsStandInOptions {
        delays: Some(delays()),
    };
    let control_plane = ControlPlaneOptions {
        // Claims are looked at again every 15 seconds by default.
        controller_manager_arguments: vec!["--pvclaimbinder-sync-period=1s".to_owned()],
        ..ControlPlaneOptions::default()
    };
    let options = SandboxOptions { control_plane, aws };
    let mut sandbox = Sandbox::start(&options, &|line| shown.line(line)).await?;
    shown.done();
    step(
        begun,
        "Kubernetes 1.35 with six nodes in three zones, and the AWS stand-in, are up",
    );

    let client = sandbox.control_plane.client();
    sandbox
        .aws
        .seed_account(
            ACCOUNT,
            &json!({"region": REGION, "clusterName": "clinics"}),
        )
        .await?;
    install::kinds(&client).await?;
    install::rights(&client).await?;
    step(begun, "CRDs and the operator's roles are installed");
    let admin = install::free_address()?;
    let mut operator = install::operator(&sandbox, admin).await?;
    step(
        begun,
        "the operator runs as system:serviceaccount:emr-system:emr-operator",
    );
    apply_file(&client, None, &install::root().join(SAMPLE)).await?;
    step(begun, &format!("{SAMPLE} is applied"));
    println!();

    let outcome = watch(&sandbox, &mut operator).await;
    if outcome.is_err() {
        sandbox.control_plane.keep_logs();
        sandbox.aws.keep_logs();
    }
    let took = outcome?;
    println!(
        "Ready {} after it was applied, {} after the start.",
        seconds(took),
        seconds(begun.elapsed())
    );
    if !arguments.once {
        println!(
            "\n{}",
            closing::look_around(&sandbox, operator.log(), admin)
        );
        std::future::pending::<()>().await;
    }
    Ok(())
}

fn step(begun: Instant, what: &str) {
    println!("{:>8}  {what}", seconds(begun.elapsed()));
}

/// Long enough that waiting shows, short enough to watch: AWS takes minutes.
fn delays() -> serde_json::Value {
    json!({
        "rds.cluster.creating": 6.0, "rds.instance.creating": 5.0,
        "elasticache.serverless.creating": 5.0, "elasticache.usergroup.creating": 1.0,
        "efs.filesystem.creating": 2.0, "efs.mounttarget.creating": 2.0,
        "efs.accesspoint.creating": 1.0,
    })
}

/// Shows the tree until the instance is ready; gives how long that took.
async fn watch(sandbox: &Sandbox, operator: &mut Operator) -> Result<Duration, Box<dyn Error>> {
    let names = Names {
        platform: "default".to_owned(),
        namespace: "clinics".to_owned(),
        instance: "riverside".to_owned(),
    };
    let client = sandbox.control_plane.client();
    let (mut screen, mut calls) = (Screen::new(), Calls::default());
    loop {
        calls.read(&sandbox.aws, ACCOUNT, screen.elapsed()).await?;
        let seen = gather::gather(&client, &names).await?;
        screen.show(&seen.nodes, &calls, &seen.waits_for);
        if seen.ready {
            let took = screen.elapsed();
            screen.finish(&seen.nodes);
            return Ok(took);
        }
        let ended = !operator.runs();
        if ended || screen.elapsed() >= LIMIT {
            screen.finish(&seen.nodes);
            return Err(closing::failure(ended, &seen.messages, operator.log()).into());
        }
        tokio::time::sleep(LOOK).await;
    }
}
