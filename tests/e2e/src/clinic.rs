//! A scenario's own corner of the world: a namespace, a platform, an AWS account.

use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use emr_api::{EmrInstance, EmrPlatform};
use emr_sandbox::{ControlPlaneOptions, apply};
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, Client, Resource, ResourceExt, api::ListParams};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    Aws, Failure, Outcome, World,
    failure::ensure,
    kinds::{Told, until},
};

/// The region of every scenario.
pub const REGION: &str = "us-east-1";
/// How long a full stack may take.
pub const PATIENCE: Duration = Duration::from_mins(4);
/// Longer than the pause between two sweeps of what AWS works on.
const QUIET: Duration = Duration::from_secs(4);

static ACCOUNTS: AtomicU32 = AtomicU32::new(1);

/// A scenario's own corner of the world.
#[derive(Clone)]
pub struct Clinic {
    /// What all share.
    pub world: Arc<World>,
    /// The namespace, which is the scenario's name.
    pub namespace: String,
    /// The AWS account.
    pub aws: Aws,
    /// What was seeded there.
    pub seeded: Value,
}

impl Clinic {
    /// Makes namespace and account; the platform comes with [`platform`](Self::platform).
    pub async fn open(world: &Arc<World>, name: &str) -> Outcome<Self> {
        Self::open_in(world, name, &["us-east-1a", "us-east-1b", "us-east-1c"]).await
    }

    /// The same with a choice of zones.
    pub async fn open_in(world: &Arc<World>, name: &str, zones: &[&str]) -> Outcome<Self> {
        let account = format!("2{:011}", ACCOUNTS.fetch_add(1, Ordering::Relaxed));
        let seed = json!({"region": REGION, "clusterName": "clinics", "zones": zones});
        let seeded = world.sandbox.aws.seed_account(&account, &seed).await?;
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        apply(&world.client(), None, object).await?;
        let aws = Aws::new(&world.sandbox, &account);
        aws.run(
            "import json as j\niam.create_role(RoleName='emr-operator', AssumeRolePolicyDocument=\
             j.dumps({'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': \
             'sts:AssumeRole', 'Principal': {'AWS': '*'}}]}))",
        )
        .await?;
        Ok(Self {
            world: Arc::clone(world),
            namespace: name.to_owned(),
            aws,
            seeded,
        })
    }

    /// The same account and another cluster: the one that was there is lost.
    pub async fn rebuilt(self, control_plane: &ControlPlaneOptions) -> Outcome<Self> {
        let world = Arc::into_inner(self.world)
            .ok_or_else(|| Failure::Assertion("somebody else uses this cluster".into()))?;
        let world = world.rebuild(control_plane).await?;
        let name = &self.namespace;
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        apply(&world.client(), None, object).await?;
        Ok(Self { world, ..self })
    }

    /// A cluster admin's client.
    pub fn client(&self) -> Client {
        self.world.client()
    }

    /// Objects of a namespaced kind in this corner.
    pub fn api<K>(&self) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        Api::namespaced(self.client(), &self.namespace)
    }

    /// The platform's manifest; it has the scenario's name.
    pub fn platform_manifest(&self) -> Value {
        json!({
            "apiVersion": "emrstack.dev/v1alpha1",
            "kind": "EmrPlatform",
            "metadata": {"name": self.namespace},
            "spec": {
                "eks": {"clusterName": "clinics"},
                "aws": {
                    "region": REGION,
                    "roleArn": format!("arn:aws:iam::{}:role/emr-operator", self.aws.account()),
                },
                "tls": {"certificateArn": format!(
                    "arn:aws:acm:us-east-1:{}:certificate/5d0b7c1e-3f0a-4a52-9c1e-0f6b8a2d4c77",
                    self.aws.account()
                )},
                "tags": {"team": "records"},
            },
        })
    }

    /// Makes the platform and waits for it.
    pub async fn platform(&self) -> Outcome<EmrPlatform> {
        apply(&self.client(), None, self.platform_manifest()).await?;
        let api = Api::<EmrPlatform>::all(self.client());
        until(
            &api,
            &self.namespace,
            "settled",
            Duration::from_mins(1),
            Told::settled,
        )
        .await
    }

    /// An object of ours, with `platformRef` filled in.
    pub fn manifest(&self, kind: &str, name: &str, spec: Value) -> Value {
        let mut spec = spec;
        spec["platformRef"] = json!({"name": self.namespace});
        json!({
            "apiVersion": "emrstack.dev/v1alpha1",
            "kind": kind,
            "metadata": {"name": name, "namespace": self.namespace},
            "spec": spec,
        })
    }

    /// Applies a manifest.
    pub async fn apply(&self, manifest: Value) -> Outcome {
        apply(&self.client(), Some(&self.namespace), manifest).await?;
        Ok(())
    }

    /// The spec of an OpenEMR instance with `over` laid over it.
    pub fn openemr(&self, name: &str, over: &Value) -> Value {
        let mut spec = json!({
            "hostname": format!("{name}.{}.example.org", self.namespace),
            "openemr": {"version": "8.2.0"},
        });
        if let (Some(spec), Some(over)) = (spec.as_object_mut(), over.as_object()) {
            for (field, value) in over {
                spec.insert(field.clone(), value.clone());
            }
        }
        self.manifest("EmrInstance", name, spec)
    }

    /// Waits for an instance to be settled; a failure names the pods that no node takes.
    pub async fn ready(&self, name: &str) -> Outcome<EmrInstance> {
        let api = self.api::<EmrInstance>();
        match until(&api, name, "settled", PATIENCE, Told::settled).await {
            Err(Failure::Assertion(said)) => {
                let homeless = self.homeless_pods().await?;
                Err(Failure::Assertion(format!("{said}{homeless}")))
            }
            outcome => outcome,
        }
    }

    /// Pods that the scheduler finds no node for, and why, a line each.
    async fn homeless_pods(&self) -> Outcome<String> {
        let mut lines = String::new();
        for pod in self.api::<Pod>().list(&ListParams::default()).await?.items {
            let conditions = pod
                .status
                .as_ref()
                .and_then(|status| status.conditions.as_ref());
            let refused = conditions
                .into_iter()
                .flatten()
                .find(|condition| condition.type_ == "PodScheduled" && condition.status == "False");
            if let Some(refused) = refused {
                let why = refused.message.as_deref().unwrap_or_default();
                let _ = write!(lines, "\nno node for pod {}: {why}", pod.name_any());
            }
        }
        Ok(lines)
    }

    /// Waits until nothing has been changed in the account for a while.
    pub async fn quiet(&self) -> Outcome {
        let begun = Instant::now();
        let (mut last, mut since) = (begun, 0);
        while last.elapsed() < QUIET {
            let (made, next) = self.mutations(since).await?;
            if !made.is_empty() {
                last = Instant::now();
            }
            since = next;
            ensure(begun.elapsed() < PATIENCE, || {
                format!("AWS is changed without end: {made:?}")
            })?;
            sleep(Duration::from_millis(200)).await;
        }
        Ok(())
    }

    /// Everything that the account holds, with its properties, in words that another clinic's share.
    pub async fn properties(&self) -> Outcome<Value> {
        let snippet = include_str!("../aws/properties.py");
        let named = format!("namespace = {:?}\n{snippet}", self.namespace);
        self.aws.run(&named).await
    }

    /// The number of AWS mutations so far, by anybody but boto3, and where counting goes on.
    pub async fn mutations(&self, since: u64) -> Outcome<(Vec<String>, u64)> {
        let calls = self
            .world
            .sandbox
            .aws
            .calls(self.aws.account(), since)
            .await?;
        let ours = calls
            .calls
            .iter()
            .filter(|call| call.mutating && call.service != "sts");
        let named = ours
            .map(|call| {
                format!(
                    "{}:{}",
                    call.service,
                    call.operation.clone().unwrap_or_default()
                )
            })
            .collect();
        Ok((named, calls.next))
    }
}
