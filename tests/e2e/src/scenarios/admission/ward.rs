//! A namespace behind the door, and what is tried there.

use std::sync::Arc;

use emr_api::{EmrInstance, ManagedDatabase, SharedFileSystem, labels};
use emr_sandbox::apply;
use kube::{
    Api, Resource, ResourceExt,
    api::{DeleteParams, Patch, PatchParams},
};
use serde_json::{Value, json};
use tokio::process::Command;

use super::{DOOR, SOON, run};
use crate::{
    Failure, Outcome, World,
    failure::ensure,
    kinds::{Told, until, until_gone},
};

/// A namespace in which the policies hold.
pub(super) struct Ward {
    pub(super) world: Arc<World>,
    pub(super) namespace: &'static str,
}

impl Ward {
    pub(super) async fn open(world: &Arc<World>, namespace: &'static str) -> Outcome<Self> {
        let (label, value) = DOOR;
        let object = json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": namespace, "labels": {label: value}},
        });
        apply(&world.client(), None, object).await?;
        Ok(Self {
            world: Arc::clone(world),
            namespace,
        })
    }

    pub(super) fn api<K>(&self) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        Api::namespaced(self.world.client(), self.namespace)
    }

    pub(super) async fn make(&self, kind: &str, name: &str, mut spec: Value) -> Outcome {
        spec["platformRef"] = json!({"name": "nowhere"});
        let object = json!({
            "apiVersion": "emrstack.dev/v1alpha1",
            "kind": kind,
            // How the operator knows the children of instances.
            "metadata": {"name": name, "labels": {labels::INSTANCE: name}},
            "spec": spec,
        });
        apply(&self.world.client(), Some(self.namespace), object).await?;
        Ok(())
    }

    /// An instance that the operator has seen, with the stores that it would have.
    pub(super) async fn instance(&self, name: &str, profile: Option<&str>) -> Outcome {
        let mut spec = json!({
            "hostname": format!("{name}.{}.example.org", self.namespace),
            "openemr": {"version": "8.2.0"},
        });
        if let Some(profile) = profile {
            spec["profile"] = profile.into();
        }
        self.make("EmrInstance", name, spec).await?;
        self.make("ManagedDatabase", name, json!({"auroraMysql": {}}))
            .await?;
        self.make("SharedFileSystem", name, json!({})).await?;
        let held = |finalizers: &[String]| finalizers.iter().any(|held| held == labels::FINALIZER);
        let instances = self.api::<EmrInstance>();
        until(&instances, name, "held", SOON, |it| held(it.finalizers())).await?;
        let databases = self.api::<ManagedDatabase>();
        until(&databases, name, "held", SOON, |it| held(it.finalizers())).await?;
        let files = self.api::<SharedFileSystem>();
        until(&files, name, "held", SOON, |it| held(it.finalizers())).await?;
        Ok(())
    }

    /// All three are there and nobody has begun to delete them.
    pub(super) async fn untouched(&self, name: &str) -> Outcome {
        stays(&self.api::<EmrInstance>(), name).await?;
        stays(&self.api::<ManagedDatabase>(), name).await?;
        stays(&self.api::<SharedFileSystem>(), name).await
    }

    /// All three are gone.
    pub(super) async fn gone(&self, name: &str) -> Outcome {
        until_gone(&self.api::<EmrInstance>(), name, SOON).await?;
        until_gone(&self.api::<ManagedDatabase>(), name, SOON).await?;
        until_gone(&self.api::<SharedFileSystem>(), name, SOON).await
    }

    /// kubectl, as an admin of the cluster calls it.
    pub(super) async fn kubectl(&self, arguments: &str) -> Outcome<(bool, String, String)> {
        let plane = &self.world.sandbox.control_plane;
        let mut kubectl = Command::new(plane.binaries().program("kubectl"));
        kubectl
            .env("KUBECONFIG", plane.kubeconfig())
            .args(arguments.split(' '));
        run(kubectl).await
    }

    /// Runs the command that a refusal ends with.
    pub(super) async fn heed(&self, refusal: &str) -> Outcome {
        let remedy = refusal.trim().split_once("To confirm, run: kubectl ");
        let (_, arguments) = remedy.ok_or_else(|| Failure::Assertion(refusal.to_owned()))?;
        let (done, _, errors) = self.kubectl(arguments).await?;
        ensure(done, || format!("kubectl {arguments}: {errors}"))
    }
}

pub(super) async fn stays<K: Told>(api: &Api<K>, name: &str) -> Outcome {
    let marked = api.get(name).await?.meta().deletion_timestamp.is_some();
    let kind = K::kind(&());
    ensure(!marked, || format!("{kind} {name} is being deleted"))
}

/// Deletes, and expects to be refused; gives what the API server said.
pub(super) async fn refused<K: Told>(
    api: &Api<K>,
    name: &str,
    how: &DeleteParams,
) -> Outcome<String> {
    match api.delete(name, how).await {
        Err(kube::Error::Api(status)) if status.code == 403 => Ok(status.message.clone()),
        Err(error) => Err(error.into()),
        Ok(_) => Err(Failure::Assertion(format!(
            "{} {name} was deleted without a confirmation",
            K::kind(&())
        ))),
    }
}

pub(super) async fn annotate<K: Told>(api: &Api<K>, name: &str, value: Option<&str>) -> Outcome {
    let patch = json!({"metadata": {"annotations": {labels::CONFIRM_DELETE: value}}});
    api.patch(name, &PatchParams::default(), &Patch::Merge(&patch))
        .await?;
    Ok(())
}
