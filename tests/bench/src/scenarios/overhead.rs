//! One full stack: what the operator adds to the time that AWS and the pods take by themselves.
//!
//! The delays are those of AWS at a sixtieth: Aurora's ten minutes are ten seconds.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use emr_e2e::Outcome;
use emr_sandbox::NodeOptions;
use futures::StreamExt as _;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, Client, ResourceExt as _,
    runtime::{WatchStreamExt as _, watcher},
};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::databases::seconds;
use crate::{
    Options,
    calls::{Log, answered, arrived},
    gantt::{Span, chain, chart},
    load::{self, Settled},
    manifests,
    report::{Report, Row},
    world::{Limits, NAMESPACE, Setup, World},
};

/// What sets a delay off, the delay's name, and its seconds.
const DELAYS: &[(&str, &str, f64)] = &[
    ("CreateDBCluster", "rds.cluster.creating", 10.0),
    ("CreateDBInstance", "rds.instance.creating", 6.0),
    (
        "CreateServerlessCache",
        "elasticache.serverless.creating",
        5.0,
    ),
    ("CreateUserGroup", "elasticache.usergroup.creating", 1.0),
    ("CreateFileSystem", "efs.filesystem.creating", 1.0),
    ("CreateMountTarget", "efs.mounttarget.creating", 2.0),
    ("CreateAccessPoint", "efs.accesspoint.creating", 1.0),
];
const POD_READY: Duration = Duration::from_secs(1);
const JOB_TAKES: Duration = Duration::from_secs(1);
const WIDTH: usize = 60;

/// Measures it.
pub(crate) async fn run(options: &Options) -> Outcome<Report> {
    let delays: serde_json::Map<String, Value> = DELAYS
        .iter()
        .map(|(_, delay, seconds)| ((*delay).to_owned(), json!(seconds)))
        .collect();
    let world = World::start(&Setup {
        binary: &options.operator,
        nodes: Some(NodeOptions {
            pod_ready_after: POD_READY,
            job_takes: JOB_TAKES,
            ..NodeOptions::default()
        }),
        delays: Value::Object(delays),
        limits: Limits::RdsOnly,
    })
    .await?;
    let mut log = world.calls().await?;
    let pods = Pods::watch(&world.client());
    let manifest = manifests::instance("clinic");
    let api = load::api(&world.client(), &manifest).await?;
    let settled = Settled::watch(api.clone(), "Ready");
    let begun = Timestamp::now();
    load::create(&api, std::iter::once(manifest)).await?;
    let ready = settled.all(1, options.patience()).await?;
    log.read(&world.sandbox.aws).await?;

    let end = seconds(begun, ready);
    let mut spans = in_aws(&log, begun);
    spans.extend(pods.spans(begun));
    let chain = chain(&spans, end);
    let told: f64 = chain.iter().map(|place| spans[*place].length()).sum();
    let mut report = Report::new("overhead: one full OpenEMR stack");
    let over = end - told;
    report.row(
        Row::new(
            "From apply to Ready, less the chain of delays",
            format!("{over:.1} s"),
        )
        .target("< 5 s", over < 5.0),
    );
    report.row(Row::new("From apply to Ready", format!("{end:.1} s")));
    report.row(Row::new("The chain of delays", format!("{told:.1} s")));
    let drawn = chart(&spans, &chain, end, WIDTH);
    report.note(format!(
        "```text\n{drawn}```\n`#` is the chain; Ready after {end:.1} s."
    ));
    let calls = mutations(&log, begun);
    report.note(format!(
        "```text\n{calls}```\nEvery mutation, when it was asked for."
    ));
    Ok(report)
}

fn in_aws(log: &Log, begun: Timestamp) -> Vec<Span> {
    let spans = DELAYS.iter().flat_map(|(operation, _, lasts)| {
        log.accepted(operation).filter_map(move |call| {
            let from = seconds(begun, answered(call)?);
            Some(Span {
                name: (*operation).to_owned(),
                from,
                to: from + lasts,
            })
        })
    });
    // Mount targets come in zones, at once: one line is enough.
    let mut seen = BTreeMap::new();
    for span in spans {
        #[expect(clippy::cast_possible_truncation, reason = "seconds of one run")]
        let tenth = (span.from * 5.0) as i64;
        seen.entry((span.name.clone(), tenth)).or_insert(span);
    }
    seen.into_values().collect()
}

fn mutations(log: &Log, begun: Timestamp) -> String {
    let lines = log.calls.iter().filter(|call| call.mutating);
    let lines = lines.filter_map(|call| {
        let at = seconds(begun, arrived(call)?);
        let code = call.code.as_deref().unwrap_or_default();
        let operation = call.operation.as_deref().unwrap_or_default();
        Some(
            format!("{at:6.2} {}:{operation} {code}", call.service)
                .trim_end()
                .to_owned()
                + "\n",
        )
    });
    lines.collect()
}

type Ends = Arc<Mutex<BTreeMap<String, (Timestamp, bool)>>>;

/// When pods became ready or succeeded.
#[derive(Debug)]
struct Pods {
    ends: Ends,
    task: JoinHandle<()>,
}

impl Drop for Pods {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Pods {
    fn watch(client: &Client) -> Self {
        let ends = Ends::default();
        let seen = Arc::clone(&ends);
        let api = Api::<Pod>::namespaced(client.clone(), NAMESPACE);
        let task = tokio::spawn(async move {
            let mut pods = watcher(api, watcher::Config::default())
                .default_backoff()
                .applied_objects()
                .boxed();
            while let Some(next) = pods.next().await {
                let Ok(pod) = next else { continue };
                let of_job = pod
                    .owner_references()
                    .iter()
                    .any(|owner| owner.kind == "Job");
                let status = pod.status.clone().unwrap_or_default();
                let ready = status
                    .conditions
                    .iter()
                    .flatten()
                    .any(|told| told.type_ == "Ready" && told.status == "True");
                let over = if of_job {
                    status.phase.as_deref() == Some("Succeeded")
                } else {
                    ready
                };
                if over {
                    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                    seen.entry(pod.name_any())
                        .or_insert((Timestamp::now(), of_job));
                }
            }
        });
        Self { ends, task }
    }

    /// What each was told to last, up to the moment when it was over.
    fn spans(&self, begun: Timestamp) -> Vec<Span> {
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let span = |(at, of_job): &(Timestamp, bool)| {
            let (name, lasts) = if *of_job {
                ("the install's pod", POD_READY + JOB_TAKES)
            } else {
                ("a worker's pod", POD_READY)
            };
            let to = seconds(begun, *at);
            Span {
                name: name.to_owned(),
                from: to - lasts.as_secs_f64(),
                to,
            }
        };
        ends.values().map(span).collect()
    }
}
