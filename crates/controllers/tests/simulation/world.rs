//! Both fakes, the kubelet, and an operator that can be stopped and started anew.

mod hands;
mod origin;
mod waits;

use std::{
    future::Future,
    sync::{LazyLock, Once},
    time::Duration,
};

use emr_api::EmrInstance;
use emr_cloud::memory::{Inventory, Memory, Room};
use emr_resource::ids::{AccountId, Region};
use emr_runtime::memory::MemoryServer;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api, Client,
    api::{ApiResource, DynamicObject, PostParams},
};
use serde_json::Value;
use tokio::task::JoinHandle;

pub(crate) use origin::{Origin, SET};

use crate::{
    judge::Judge,
    kubelet,
    lies::Lie,
    operator::{self, Surroundings},
    points::Troubles,
    prerequisites,
    servers::Servers,
};

const SAMPLE: &str = include_str!("../../../../deploy/samples/openemr.yaml");
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const NAMESPACE: &str = "clinics";
pub(crate) const INSTANCE: &str = "riverside";
/// Longer than anything takes.
pub(crate) const LONG: Duration = Duration::from_hours(6);

/// Both fakes and who moves in them.
pub(crate) struct World {
    pub(crate) aws: Memory,
    pub(crate) kube: MemoryServer,
    pub(crate) client: Client,
    pub(crate) servers: Servers,
    pub(crate) troubles: Troubles,
    pub(crate) judge: Judge,
    pub(crate) lie: Lie,
    pub(crate) seed: u64,
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

    pub(super) fn of(aws: Memory, kube: MemoryServer) -> Self {
        log();
        let (troubles, judge) = (Troubles::default(), Judge::new(&kube));
        troubles.watch(&aws, &kube, &judge);
        aws.remember_lists(true);
        Self {
            client: kube.client(),
            kubelet: tokio::spawn(kubelet::run(kube.clone())),
            servers: Servers::of(&kube),
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
            servers: self.servers.clone(),
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

    /// Waits until a fault ends the operator.
    pub(crate) fn crash(&self) -> impl Future<Output = ()> + use<> {
        let (aws, kube) = (self.aws.clone(), self.kube.clone());
        async move {
            tokio::select! {
                () = aws.crash() => {}
                () = kube.crash() => {}
            }
        }
    }

    /// Waits until the operator crashes, and starts another.
    pub(crate) async fn survive(&mut self) -> Result<(), String> {
        tokio::time::timeout(LONG, self.crash())
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
