//! Both fakes, the kubelet, and an operator that can be stopped and started anew.

use std::{
    fmt::Write as _,
    future::Future,
    sync::{Arc, LazyLock, Once},
    time::Duration,
};

use emr_api::{EmrInstance, conditions};
use emr_cloud::{
    Accounts,
    account::Unlimited,
    limits::Limits,
    memory::{Inventory, Memory, Room},
};
use emr_controllers::{Context, start};
use emr_resource::ids::{AccountId, Region};
use emr_runtime::{
    Events, Leadership, Metrics, admin::Health, controller::Runtime, memory::MemoryServer,
};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api, Client,
    api::{ApiResource, DeleteParams, DynamicObject, PostParams},
};
use serde_json::Value;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::kubelet;

const SAMPLE: &str = include_str!("../../../../deploy/samples/openemr.yaml");
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const NAMESPACE: &str = "clinics";
pub(crate) const INSTANCE: &str = "riverside";
/// Longer than anything takes.
pub(crate) const LONG: Duration = Duration::from_hours(6);
const GLANCE: Duration = Duration::from_secs(15);

/// Both fakes and who moves in them.
pub(crate) struct World {
    pub(crate) aws: Memory,
    pub(crate) kube: MemoryServer,
    pub(crate) client: Client,
    kubelet: JoinHandle<()>,
    operator: Option<JoinHandle<()>>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.kubelet.abort();
        if let Some(operator) = &self.operator {
            operator.abort();
        }
    }
}

impl World {
    /// With the sample applied and no operator yet.
    pub(crate) async fn new() -> Self {
        static CRDS: LazyLock<Vec<CustomResourceDefinition>> = LazyLock::new(emr_api::crd::all);
        log();
        let aws = Memory::new(1);
        let kube = MemoryServer::new(1);
        for crd in CRDS.iter() {
            kube.define(crd);
        }
        kube.create_namespace(NAMESPACE);
        let world = Self {
            aws,
            client: kube.client(),
            kubelet: tokio::spawn(kubelet::run(kube.clone())),
            kube,
            operator: None,
        };
        world.apply(SAMPLE).await;
        world
    }

    async fn apply(&self, manifest: &str) {
        let documents: Vec<Value> = serde_saphyr::from_multiple(manifest).unwrap();
        for document in documents {
            let object: DynamicObject = serde_json::from_value(document).unwrap();
            let types = object.types.clone().unwrap();
            if types.kind == "Namespace" {
                continue;
            }
            let gvk = kube::api::GroupVersionKind::try_from(&types).unwrap();
            let resource = ApiResource::from_gvk(&gvk);
            let api: Api<DynamicObject> = match &object.metadata.namespace {
                Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &resource),
                None => Api::all_with(self.client.clone(), &resource),
            };
            api.create(&PostParams::default(), &object).await.unwrap();
        }
    }

    /// Starts an operator that knows nothing.
    pub(crate) fn start(&mut self) {
        let client = self.client.clone();
        let events = Events::new(client.clone(), "emr-operator", "simulation");
        let accounts = Accounts::new(
            Arc::new(self.aws.clone()),
            Limits::default(),
            emr_cloud::Metrics::default(),
        );
        let mut context = Context::new(
            client.clone(),
            events.clone(),
            Arc::new(accounts),
            Arc::new(Unlimited),
            Region::new(REGION),
        );
        let aws = self.aws.clone();
        context.clock = Arc::new(move || aws.now());
        let runtime = Runtime {
            client,
            events,
            metrics: Metrics::default(),
            health: Health::default(),
            leadership: Leadership::forever(),
            shutdown: CancellationToken::new(),
        };
        let operator = tokio::spawn(async move {
            Box::pin(start(runtime, context, 16)).await;
        });
        self.operator = Some(operator);
    }

    /// Ends the operator as SIGKILL does.
    pub(crate) async fn kill(&mut self) {
        if let Some(operator) = self.operator.take() {
            operator.abort();
            let _ = operator.await;
        }
    }

    pub(crate) fn look<T>(&self, look: impl FnOnce(&mut Room) -> T) -> T {
        let (account, region) = (AccountId::new(ACCOUNT), Region::new(REGION));
        self.aws.within(&account, &region, look)
    }

    pub(crate) fn inventory(&self) -> Inventory {
        self.look(|room| room.inventory())
    }

    pub(crate) fn instances(&self) -> Api<EmrInstance> {
        Api::namespaced(self.client.clone(), NAMESPACE)
    }

    pub(crate) async fn ready(&self) -> bool {
        let instance = self.instances().get_opt(INSTANCE).await.unwrap();
        let status = instance.and_then(|instance| instance.status);
        status.is_some_and(|status| conditions::is_true(&status.conditions, conditions::READY))
    }

    pub(crate) async fn gone(&self) -> bool {
        self.instances().get_opt(INSTANCE).await.unwrap().is_none()
    }

    pub(crate) async fn delete(&self) {
        let instances = self.instances();
        instances
            .delete(INSTANCE, &DeleteParams::default())
            .await
            .unwrap();
    }

    /// Until the instance is Ready and nothing moves any more.
    pub(crate) async fn until_ready(&self) {
        self.until("the instance is Ready", || self.ready()).await;
        self.until_quiet().await;
    }

    /// Until the instance is gone and nothing moves any more.
    pub(crate) async fn until_gone(&self) {
        self.until("the instance is gone", || self.gone()).await;
        self.until_quiet().await;
    }

    /// Until nobody has written anything for two minutes.
    pub(crate) async fn until_quiet(&self) {
        let end = Instant::now() + LONG;
        let mut writes = (usize::MAX, usize::MAX);
        while writes != (self.aws.writes(), self.kube.writes()) {
            assert!(Instant::now() < end, "it never comes to rest");
            writes = (self.aws.writes(), self.kube.writes());
            sleep(Duration::from_mins(2)).await;
        }
    }

    /// Until it is so; says what stood in the way when it never is.
    pub(crate) async fn until<F: Future<Output = bool>>(&self, what: &str, is_so: impl Fn() -> F) {
        let end = Instant::now() + LONG;
        while !is_so().await {
            assert!(
                Instant::now() <= end,
                "it never came to be that {what}:\n{}",
                self.state()
            );
            sleep(GLANCE).await;
        }
    }

    /// The conditions of every custom resource, and the last changes of AWS.
    pub(crate) fn state(&self) -> String {
        let mut lines = Vec::new();
        for object in self.kube.snapshot() {
            let Some(conditions) = object["status"]["conditions"].as_array() else {
                continue;
            };
            lines.push(format!("{} {}", object["kind"], object["metadata"]["name"]));
            for condition in conditions {
                let text = |field: &str| condition[field].as_str().unwrap_or("-").to_owned();
                let (kind, status) = (text("type"), text("status"));
                lines.push(format!(
                    "  {kind}={status} {}: {}",
                    text("reason"),
                    text("message")
                ));
            }
        }
        let calls = self.aws.mutations();
        lines.extend(
            calls
                .iter()
                .rev()
                .take(10)
                .map(|call| call.describe.clone()),
        );
        lines.join("\n")
    }
}

/// Says where two inventories differ.
pub(crate) fn assert_same(point: &str, wanted: &Inventory, seen: &Inventory) {
    if wanted == seen {
        return;
    }
    let lines = |inventory: &Inventory| {
        let each = inventory
            .iter()
            .flat_map(|(kind, lines)| lines.iter().map(move |line| format!("{kind}: {line}")));
        each.collect::<Vec<_>>()
    };
    let (wanted, seen) = (lines(wanted), lines(seen));
    let mut text = String::new();
    for line in wanted.iter().filter(|line| !seen.contains(line)) {
        let _ = writeln!(text, "- {line}");
    }
    for line in seen.iter().filter(|line| !wanted.contains(line)) {
        let _ = writeln!(text, "+ {line}");
    }
    panic!("{point}: another end than the undisturbed run:\n{text}");
}

fn log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if let Ok(filter) = std::env::var("EMR_SIMULATION_LOG") {
            tracing_subscriber::fmt()
                .with_env_filter(filter)
                .with_writer(std::io::stderr)
                .init();
        }
    });
}
