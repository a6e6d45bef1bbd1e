//! What people do with a restore of Medplum, and what they wait for.

use std::collections::BTreeSet;

use emr_api::{
    EmrRestore,
    emr_restore::{EmrRestoreStatus, RestorePhase},
    labels,
};
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, ResourceExt,
    api::{ListParams, Patch, PatchParams},
};
use serde_json::{Value, json};

use super::BACK;
use crate::{
    medplum::NAME,
    world::{NAMESPACE, SET, World},
};

impl World {
    /// What a user does who wants a set of Medplum.
    pub(crate) async fn back_medplum_up(&self, consistency: &str) {
        let manifest = json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrBackup",
            "metadata": {"name": SET, "namespace": NAMESPACE},
            "spec": {"instanceRef": {"name": NAME}, "consistency": consistency},
        });
        self.apply(&manifest.to_string()).await;
    }

    /// What a user does who wants Medplum as it was.
    pub(super) async fn put_medplum_back(&self, more: &Value) {
        let mut spec = json!({"instanceRef": {"name": NAME}, "from": {"backup": SET}});
        for (key, value) in more.as_object().unwrap() {
            spec[key] = value.clone();
        }
        let manifest = json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrRestore",
            "metadata": {"name": BACK, "namespace": NAMESPACE}, "spec": spec,
        });
        self.apply(&manifest.to_string()).await;
    }

    pub(super) fn medplum_restores(&self) -> Api<EmrRestore> {
        Api::namespaced(self.client.clone(), NAMESPACE)
    }

    pub(super) async fn medplum_restore(&self) -> EmrRestoreStatus {
        let restore = self.medplum_restores().get(BACK).await.unwrap();
        restore.status.unwrap_or_default()
    }

    pub(super) async fn until_medplum_restore(&self, phase: RestorePhase) -> Result<(), String> {
        let is_so = || async { self.medplum_restore().await.phase == phase };
        self.until(&format!("the restore is {phase:?}"), is_so)
            .await
    }

    pub(super) async fn annotate_restore(&self, annotations: Value) {
        let patch = Patch::Merge(json!({"metadata": {"annotations": annotations}}));
        self.medplum_restores()
            .patch(BACK, &PatchParams::default(), &patch)
            .await
            .unwrap();
    }

    pub(super) async fn release_medplum(&self) {
        let patch = json!({"metadata": {"annotations": {labels::RELEASED: BACK}}});
        self.instances()
            .patch(NAME, &PatchParams::default(), &Patch::Merge(&patch))
            .await
            .unwrap();
    }

    /// The components of the pods that run, each once.
    pub(super) async fn components_of_medplum(&self) -> BTreeSet<String> {
        let pods = Api::<Pod>::namespaced(self.client.clone(), NAMESPACE);
        let ours = ListParams::default().labels(&format!("{}={NAME}", labels::INSTANCE));
        let component = |pod: &Pod| pod.labels()[labels::COMPONENT].clone();
        let all = pods.list(&ours).await.unwrap();
        let mut all: BTreeSet<_> = all.iter().map(component).collect();
        all.remove("database");
        all
    }

    pub(super) async fn until_medplum_runs(&self, components: &[&str]) -> Result<(), String> {
        let wanted: BTreeSet<_> = components.iter().map(|of| (*of).to_owned()).collect();
        let is_so = || async {
            self.components_of_medplum().await == wanted && self.medplum_serves().await
        };
        self.until(&format!("{components:?} run"), is_so).await
    }

    /// Its databases in AWS.
    pub(super) fn databases_of_medplum(&self) -> Vec<String> {
        let mut all = self.look(|room| room.rds_instances());
        all.retain(|id| id.contains(NAME));
        all
    }

    /// Objects in Kubernetes whose name begins as the instance's does.
    pub(super) fn named(&self, kind: &str) -> usize {
        let all = self.kube.snapshot();
        let ours = all.iter().filter(|object| {
            let name = object["metadata"]["name"].as_str();
            object["kind"] == kind && name.is_some_and(|name| name.starts_with(NAME))
        });
        ours.count()
    }

    /// The rest of the way, from wherever it is, with all that a person does on it.
    pub(super) async fn medplum_goes_back(&self) -> Result<(), String> {
        let switched = || async {
            use RestorePhase::{Complete, Discarded, Discarding};
            let phase = self.medplum_restore().await.phase;
            matches!(phase, Complete | Discarding | Discarded)
        };
        self.until("it runs on the set", switched).await?;
        let instance = self.instances().get(NAME).await.unwrap();
        if !instance.annotations().contains_key(labels::RELEASED) {
            self.until_medplum_runs(&["app", "web"]).await?;
        }
        self.annotate_restore(json!({labels::CONFIRM_DELETE: BACK}))
            .await;
        self.until_medplum_restore(RestorePhase::Discarded).await?;
        self.release_medplum().await;
        self.until_medplum_runs(&["app", "web", "workers"]).await?;
        self.until_quiet().await
    }
}
