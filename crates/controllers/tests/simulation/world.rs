//! Both fakes, the kubelet, and an operator that can be stopped and started anew.

use std::{
    future::Future,
    sync::{LazyLock, Once},
    thread,
    time::Duration,
};

use emr_api::{EmrInstance, conditions};
use emr_cloud::memory::{self, Inventory, Memory, Room};
use emr_resource::{
    Tags,
    ids::{AccountId, Region},
};
use emr_runtime::memory::{self as kubernetes, MemoryServer};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api, Client,
    api::{ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams},
};
use serde_json::Value;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

use crate::{
    judge::Judge,
    kubelet,
    lies::Lie,
    lives,
    operator::{self, Surroundings},
    points::Troubles,
    prerequisites,
};

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
    pub(crate) troubles: Troubles,
    pub(crate) judge: Judge,
    pub(crate) lie: Lie,
    pub(crate) seed: u64,
    kubelet: JoinHandle<()>,
    operator: Option<JoinHandle<()>>,
}

/// A world at rest, from which any number of runs start.
pub(crate) struct Origin {
    aws: memory::Frozen,
    kube: kubernetes::Frozen,
}

impl Origin {
    /// With the sample Ready. Simulated once, for all tests.
    pub(crate) fn ready() -> &'static Self {
        static READY: LazyLock<Origin> = LazyLock::new(|| {
            let life = thread::spawn(|| {
                lives::run(async {
                    let mut world = World::new().await;
                    world.start();
                    world.until_ready().await;
                    world.kill().await;
                    world.freeze()
                })
            });
            life.join().unwrap()
        });
        &READY
    }
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
        Self::with(SAMPLE).await
    }

    /// The same in another region of AWS.
    pub(crate) async fn in_region(region: &str) -> Self {
        let eks = "    clusterName: clinics\n";
        let there = format!("{eks}  aws:\n    region: {region}\n");
        Self::with(&SAMPLE.replacen(eks, &there, 1)).await
    }

    /// With these objects.
    pub(crate) async fn with(manifests: &str) -> Self {
        let world = Self::empty();
        prerequisites::install(&world).await;
        world.apply(manifests).await;
        world
    }

    /// Without any object.
    pub(crate) fn empty() -> Self {
        static CRDS: LazyLock<Vec<CustomResourceDefinition>> = LazyLock::new(emr_api::crd::all);
        let kube = MemoryServer::new(1);
        for crd in CRDS.iter() {
            kube.define(crd);
        }
        kube.create_namespace(NAMESPACE);
        Self::of(Memory::new(1), kube)
    }

    /// Goes on from there.
    pub(crate) fn thaw(origin: &Origin) -> Self {
        Self::of(Memory::thaw(&origin.aws), MemoryServer::thaw(&origin.kube))
    }

    pub(crate) fn freeze(&self) -> Origin {
        Origin {
            aws: self.aws.freeze().expect("AWS is at rest"),
            kube: self.kube.freeze(),
        }
    }

    fn of(aws: Memory, kube: MemoryServer) -> Self {
        log();
        let (troubles, judge) = (Troubles::default(), Judge::new(&kube));
        troubles.watch(&aws, &kube, &judge);
        aws.remember_lists(true);
        Self {
            client: kube.client(),
            kubelet: tokio::spawn(kubelet::run(kube.clone())),
            aws,
            kube,
            troubles,
            judge,
            lie: Lie::default(),
            seed: 1,
            operator: None,
        }
    }

    /// With an operator one of whose rules is broken.
    pub(crate) fn lying(self, lie: &Lie) -> Self {
        let mut world = self;
        world.lie = lie.clone();
        world
    }

    pub(crate) async fn apply(&self, manifest: &str) {
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

    pub(crate) fn surroundings(&self) -> Surroundings {
        Surroundings {
            aws: self.aws.clone(),
            kube: self.kube.clone(),
            lie: self.lie.clone(),
            seed: self.seed,
        }
    }

    /// Starts an operator that knows nothing.
    pub(crate) fn start(&mut self) {
        self.operator = Some(operator::start(&self.surroundings()));
    }

    /// Ends the operator as SIGKILL does.
    pub(crate) async fn kill(&mut self) {
        if let Some(operator) = self.operator.take() {
            operator.abort();
            let _ = operator.await;
        }
    }

    /// Waits until the operator crashes, and starts another.
    pub(crate) async fn survive(&mut self) -> Result<(), String> {
        let (aws, kube) = (self.aws.clone(), self.kube.clone());
        let crashed = async {
            tokio::select! {
                () = aws.crash() => {}
                () = kube.crash() => {}
            }
        };
        tokio::time::timeout(LONG, crashed)
            .await
            .map_err(|_| format!("it never crashed:\n{}", self.state()))?;
        self.kill().await;
        self.start();
        Ok(())
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

    /// What a user does with `kubectl patch`.
    pub(crate) async fn edit(&self, patch: &Value) {
        self.judge.edited();
        self.instances()
            .patch(INSTANCE, &PatchParams::default(), &Patch::Merge(patch))
            .await
            .unwrap();
    }

    /// What a user does with `kubectl annotate`.
    pub(crate) async fn annotate(&self, patch: &Value) {
        self.instances()
            .patch(INSTANCE, &PatchParams::default(), &Patch::Merge(patch))
            .await
            .unwrap();
    }

    /// Ready at its latest generation.
    pub(crate) async fn ready(&self) -> bool {
        let Some(instance) = self.instances().get_opt(INSTANCE).await.unwrap() else {
            return false;
        };
        let generation = instance.metadata.generation;
        instance.status.is_some_and(|status| {
            Some(status.observed_generation) == generation
                && conditions::is_true(&status.conditions, conditions::READY)
                && conditions::find(&status.conditions, conditions::RECONCILING).is_none()
                && conditions::find(&status.conditions, conditions::STALLED).is_none()
        })
    }

    /// Ready, whatever else is wrong with it.
    pub(crate) async fn serves(&self) -> bool {
        let instance = self.instances().get(INSTANCE).await.unwrap();
        let status = instance.status.unwrap_or_default();
        conditions::is_true(&status.conditions, conditions::READY)
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
        self.try_ready().await.unwrap();
    }

    pub(crate) async fn try_ready(&self) -> Result<(), String> {
        self.until("the instance is Ready", || self.ready()).await?;
        self.until_settled().await
    }

    /// Until the instance is gone and nothing moves any more.
    pub(crate) async fn until_gone(&self) {
        self.try_gone().await.unwrap();
    }

    pub(crate) async fn try_gone(&self) -> Result<(), String> {
        self.until("the instance is gone", || self.gone()).await?;
        self.until_settled().await
    }

    /// Until nothing is under way, stalled or unknown, and nobody writes.
    async fn until_settled(&self) -> Result<(), String> {
        let settled = || async {
            let all = self.kube.snapshot();
            let mut conditions = all
                .iter()
                .filter_map(|object| object["status"]["conditions"].as_array())
                .flatten();
            !conditions.any(|of| {
                of["type"] == "Stalled" || of["type"] == "Reconciling" || of["status"] == "Unknown"
            })
        };
        let end = Instant::now() + LONG;
        while Instant::now() < end {
            self.until("all is settled", settled).await?;
            self.until_quiet().await?;
            // AWS may work on something for longer than anybody writes.
            if settled().await {
                return Ok(());
            }
        }
        Err(format!("it settles and unsettles:\n{}", self.state()))
    }

    /// Until so many instances are Ready and nothing moves any more.
    pub(crate) async fn until_all_ready(&self, count: usize) {
        let all = || async {
            let all = self.instances().list(&ListParams::default()).await.unwrap();
            let ready = all.iter().filter(|instance| {
                let status = instance.status.as_ref();
                status.is_some_and(|of| conditions::is_true(&of.conditions, conditions::READY))
            });
            ready.count() == count
        };
        self.until("all are Ready", all).await.unwrap();
        self.until_settled().await.unwrap();
    }

    /// Until nobody has written anything for two minutes.
    pub(crate) async fn until_quiet(&self) -> Result<(), String> {
        let end = Instant::now() + LONG;
        let mut writes = (usize::MAX, usize::MAX);
        while writes != self.writes() {
            if Instant::now() > end {
                return Err(format!("it never comes to rest:\n{}", self.state()));
            }
            writes = self.writes();
            sleep(Duration::from_mins(2)).await;
        }
        Ok(())
    }

    /// How many changes were asked of AWS and of Kubernetes, the lease aside.
    pub(crate) fn writes(&self) -> (usize, usize) {
        let all = self.kube.mutations();
        let but_lease = all.iter().filter(|mutation| mutation.plural != "leases");
        (self.aws.writes(), but_lease.count())
    }

    /// Until it is so; says what stood in the way when it never is.
    pub(crate) async fn until<F: Future<Output = bool>>(
        &self,
        what: &str,
        is_so: impl Fn() -> F,
    ) -> Result<(), String> {
        let end = Instant::now() + LONG;
        while !is_so().await {
            if Instant::now() > end {
                return Err(format!(
                    "it never came to be that {what}:\n{}",
                    self.state()
                ));
            }
            sleep(GLANCE).await;
        }
        Ok(())
    }

    /// True while there is a DB cluster.
    pub(crate) fn holds_a_cluster(&self) -> bool {
        self.look(|room| !room.clusters().is_empty())
    }

    /// True when some object says that its data is missing.
    pub(crate) fn says_missing(&self) -> bool {
        let all = self.kube.snapshot();
        let mut conditions = all
            .iter()
            .filter_map(|object| object["status"]["conditions"].as_array())
            .flatten();
        conditions.any(|of| of["type"] == "Stalled" && of["reason"] == "DataResourceMissing")
    }

    /// Somebody deletes the only DB cluster.
    pub(crate) fn lose_the_cluster(&self) {
        self.look(|room| {
            let cluster = room.clusters().remove(0);
            assert!(room.tamper_lose_cluster(&cluster));
        });
    }

    /// Somebody takes our tags from the only DB cluster. Hands them back.
    pub(crate) fn disown_the_cluster(&self) -> Tags {
        self.look(|room| {
            let cluster = room.clusters().remove(0);
            room.tamper_tags(&cluster, Tags::new()).unwrap()
        })
    }

    /// Somebody changes a setting of the only DB cluster.
    pub(crate) fn drift(&self) {
        self.look(|room| {
            let cluster = room.clusters().remove(0);
            assert!(room.tamper_cluster(&cluster, |settings| settings.backup_retention_days = 3));
        });
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
        let last = calls.iter().rev().take(10);
        lines.extend(last.map(|call| call.describe.clone()));
        lines.join("\n")
    }
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
