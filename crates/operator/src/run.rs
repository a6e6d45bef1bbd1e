//! Wiring: client, lease, AWS, controllers, admin server; and an orderly end.

use std::{sync::Arc, time::Duration};

use emr_cloud::{Accounts, limits::Limits, sdk::Sdk};
use emr_controllers::{Context, LeasePermit, start};
use emr_resource::ids::Region;
use emr_runtime::{
    Events, Metrics,
    admin::{self, Health},
    controller::{Ended, Runtime},
    gate::gated,
    lease,
};
use kube::Client;
use prometheus_client::registry::Registry;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::arguments::Options;

/// The Lease's name, and the controller's name in events.
const NAME: &str = "emr-operator";
/// Libraries that would log what requests carry, passwords included, below `warn`. Comes after the
/// user's filter, so that it can't be undone (invariant 7).
const NO_PAYLOADS: &str = "aws_config=warn,aws_runtime=warn,aws_sigv4=warn,\
     aws_smithy_http_client=warn,aws_smithy_runtime=warn,aws_smithy_runtime_api=warn,\
     aws_sdk_elasticache=warn,aws_sdk_rds=warn,aws_sdk_secretsmanager=warn,hyper=warn,h2=warn";
/// How long a write to Kubernetes may take; it must fit into what remains of the lease.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the operator ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    /// No cluster to talk to.
    #[error("failed to find the cluster: {0}")]
    Cluster(#[source] kube::Error),
    /// The log filter makes no sense.
    #[error("--log is not a filter: {0}")]
    Log(#[from] tracing_subscriber::filter::ParseError),
    /// The admin port is taken.
    #[error("failed to listen on {0}: {1}")]
    Admin(std::net::SocketAddr, #[source] std::io::Error),
    /// Another replica leads now; this process starts anew to be its successor.
    #[error("the lease was lost")]
    LeaseLost,
}

pub(crate) async fn run(options: Options) -> Result<(), RunError> {
    let filter = EnvFilter::try_new(format!("{},{NO_PAYLOADS}", options.log))?;
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let client = Client::try_default().await.map_err(RunError::Cluster)?;
    let (metrics, cloud_metrics, health) = <(Metrics, emr_cloud::Metrics, Health)>::default();
    let mut registry = Registry::default();
    metrics.register(&mut registry);
    cloud_metrics.register(&mut registry);
    let of_work = emr_controllers::Metrics::default();
    of_work.register(&mut registry);
    let shutdown = CancellationToken::new();
    let admin = serve_admin(&options, health.clone(), registry, shutdown.clone()).await?;
    tokio::spawn(end_on_signal(shutdown.clone(), health.clone()));

    // A random part, so that a restarted pod is not taken for its former self.
    let identity = format!("{}-{:08x}", options.identity, rand::random::<u32>());
    let config = lease::Config::new(&options.lease_namespace, NAME, &identity);
    tracing::info!(%identity, "waiting for the lease");
    let leadership = tokio::select! {
        leadership = lease::acquire(client.clone(), config) => leadership,
        () = shutdown.cancelled() => return Ok(()),
    };
    metrics.leading(true);
    tracing::info!("leading");

    let gated = gated(client, leadership.clone(), metrics.clone(), WRITE_TIMEOUT);
    let events = Events::new(gated.clone(), NAME, &identity);
    let limits = Limits {
        share: options.aws_share,
        raised: options
            .aws_limits
            .iter()
            .map(|one| (one.service, one.rate))
            .collect(),
    };
    let accounts = Arc::new(Accounts::new(Arc::new(Sdk), limits, cloud_metrics));
    let permit = Arc::new(LeasePermit(leadership.clone()));
    let mut context = Context::new(
        gated.clone(),
        events.clone(),
        accounts,
        permit,
        Region::new(options.region),
    );
    context.metrics = of_work;
    context.namespace = Some(options.lease_namespace.clone());
    let runtime = Runtime {
        client: gated,
        events,
        metrics: metrics.clone(),
        health,
        leadership: leadership.clone(),
        shutdown: shutdown.clone(),
    };
    let ended = Box::pin(start(runtime, context, options.concurrency)).await;
    metrics.leading(false);
    shutdown.cancel();
    let _ = admin.await;
    match ended {
        Ended::Shutdown => {
            leadership.release().await;
            tracing::info!("ended");
            Ok(())
        }
        Ended::LeaseLost => Err(RunError::LeaseLost),
    }
}

async fn serve_admin(
    options: &Options,
    health: Health,
    registry: Registry,
    shutdown: CancellationToken,
) -> Result<tokio::task::JoinHandle<std::io::Result<()>>, RunError> {
    let address = options.admin_address;
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(|error| RunError::Admin(address, error))?;
    let end = shutdown.cancelled_owned();
    Ok(tokio::spawn(admin::serve(
        listener,
        health,
        Arc::new(registry),
        end,
    )))
}

/// SIGTERM and Ctrl-C: not ready any more, then passes that run are let end.
async fn end_on_signal(shutdown: CancellationToken, health: Health) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("ending");
    health.shutting_down();
    shutdown.cancel();
}
