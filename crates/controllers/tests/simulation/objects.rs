//! Object stores: made, changed, lost, and deleted under each policy.

use emr_api::{ObjectStore, conditions, labels};
use k8s_openapi::api::{apps::v1::DaemonSet, core::v1::Namespace};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};

use crate::world::{NAMESPACE, Origin, World};

/// The name of the store.
pub(crate) const STORE: &str = "scans";

impl World {
    pub(crate) fn stores(&self) -> Api<ObjectStore> {
        Api::namespaced(self.client.clone(), NAMESPACE)
    }

    /// As the EKS add-on makes it.
    pub(crate) async fn install_pod_identity_agent(&self) {
        let agent: DaemonSet = serde_json::from_value(json!({
            "metadata": {"name": "eks-pod-identity-agent", "namespace": "kube-system"},
        }))
        .unwrap();
        let system: Namespace =
            serde_json::from_value(json!({"metadata": {"name": "kube-system"}})).unwrap();
        let namespaces = Api::<Namespace>::all(self.client.clone());
        namespaces
            .create(&PostParams::default(), &system)
            .await
            .unwrap();
        let api = Api::<DaemonSet>::namespaced(self.client.clone(), "kube-system");
        api.create(&PostParams::default(), &agent).await.unwrap();
    }

    /// Somebody makes an object store for pods of the service account `viewer`.
    pub(crate) async fn store_objects(&self, policy: &str) {
        let manifest = json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": "ObjectStore",
            "metadata": {"name": STORE, "namespace": NAMESPACE},
            "spec": {
                "access": {"serviceAccount": "viewer"},
                "cors": {"allowedOrigins": ["https://viewer.example.org"]},
                "deletionPolicy": policy,
            },
        });
        self.apply(&manifest.to_string()).await;
    }

    async fn store_says(&self, kind: &str) -> Option<String> {
        let store = self.stores().get_opt(STORE).await.unwrap()?;
        let status = store.status.unwrap_or_default();
        let told = conditions::find(&status.conditions, kind)?;
        Some(format!("{} {}", told.status, told.reason))
    }

    /// Until it is Ready and nothing moves any more.
    pub(crate) async fn until_stored(&self) -> Result<(), String> {
        let ready = || async {
            let store = self.stores().get_opt(STORE).await.unwrap();
            store.is_some_and(|store| {
                let status = store.status.unwrap_or_default();
                Some(status.observed_generation) == store.metadata.generation
                    && conditions::is_true(&status.conditions, conditions::READY)
                    && conditions::find(&status.conditions, conditions::RECONCILING).is_none()
                    && conditions::find(&status.conditions, conditions::STALLED).is_none()
            })
        };
        self.until("the object store is Ready", ready).await?;
        self.try_ready().await
    }

    pub(crate) async fn change_store(&self, patch: &Value) {
        let params = PatchParams::default();
        let stores = self.stores();
        stores
            .patch(STORE, &params, &Patch::Merge(patch))
            .await
            .unwrap();
        self.judge.edited();
    }

    /// What a person does who has read what the policy says.
    pub(crate) async fn delete_store(&self) {
        let confirmed = json!({"metadata": {"annotations": {labels::CONFIRM_DELETE: STORE}}});
        let stores = self.stores();
        let params = PatchParams::default();
        let patch = Patch::Merge(&confirmed);
        stores.patch(STORE, &params, &patch).await.unwrap();
        let params = DeleteParams::default();
        stores.delete(STORE, &params).await.unwrap();
    }

    pub(crate) async fn until_store_gone(&self) -> Result<(), String> {
        let gone = || async { self.stores().get_opt(STORE).await.unwrap().is_none() };
        self.until("the object store is gone", gone).await?;
        self.try_ready().await
    }

    /// The bucket with the objects.
    fn bucket(&self) -> String {
        let all = self.look(|room| room.buckets());
        all.into_iter()
            .find(|name| !name.ends_with("-logs"))
            .unwrap()
    }

    fn lines(&self, kind: &str) -> Vec<String> {
        self.inventory().remove(kind).unwrap_or_default()
    }

    /// The notes of events of a reason.
    fn notes(&self, reason: &str) -> Vec<String> {
        let all = self.kube.snapshot();
        let of =
            |event: &&std::sync::Arc<Value>| event["kind"] == "Event" && event["reason"] == reason;
        let notes = all.iter().filter(of);
        notes.map(|event| event["note"].to_string()).collect()
    }
}

/// A world with a store that is Ready.
async fn stored(policy: &str) -> World {
    let world = World::running(Origin::ready());
    world.install_pod_identity_agent().await;
    world.store_objects(policy).await;
    world.until_stored().await.unwrap();
    world
}

#[tokio::test(start_paused = true)]
async fn made_changed_mended_and_never_replaced() {
    let world = stored("Snapshot").await;
    let store = world.stores().get(STORE).await.unwrap();
    let status = store.status.clone().unwrap();
    let bucket = world.bucket();
    assert_eq!(status.bucket.as_deref(), Some(bucket.as_str()));
    assert_eq!(status.logs_bucket, Some(format!("{bucket}-logs")));
    assert!(
        status
            .role_arn
            .unwrap()
            .contains(":role/emrstack/pods/emr-")
    );
    assert_eq!(status.resources.len(), 4);
    assert!(store.finalizers().contains(&labels::FINALIZER.to_owned()));

    let longer = json!({"spec": {"lifecycle": {"glacierAfterDays": 730}, "cors": null}});
    world.change_store(&longer).await;
    world.until_stored().await.unwrap();
    let lines = world.lines("bucket").join("\n");
    assert!(lines.contains("glacier_after_days: Some(730)"), "{lines}");
    assert!(!lines.contains("viewer.example.org"), "{lines}");

    // Somebody opens it: that is seen within an hour and put right.
    world.look(|room| {
        room.tamper_bucket(&bucket, |told| {
            told.public_access_blocked = false;
            told.policy = None;
        })
    });
    let mended = || async {
        let mut closed = false;
        world.look(|room| {
            room.tamper_bucket(&bucket, |told| {
                closed = told.public_access_blocked && told.policy.is_some();
            })
        });
        closed
    };
    world.until("it is closed again", mended).await.unwrap();
    world.until_stored().await.unwrap();

    // A loss is told, and nothing is put in its place.
    assert!(world.look(|room| room.tamper_lose_bucket(&bucket)));
    let told = || async {
        world.store_says(conditions::STALLED).await.as_deref() == Some("True DataResourceMissing")
    };
    world.until("the loss is told", told).await.unwrap();
    assert_eq!(world.look(|room| room.buckets().len()), 1, "the logs' own");
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn under_snapshot_the_bucket_stays_and_nobody_gets_at_it() {
    let world = stored("Snapshot").await;
    let bucket = world.bucket();
    world.delete_store().await;
    world.until_store_gone().await.unwrap();
    assert_eq!(world.look(|room| room.buckets().len()), 2);
    assert!(world.lines("pod-role").is_empty());
    assert!(world.lines("pod-identity-association").is_empty());
    let notes = world.notes("Kept").join("\n");
    assert!(notes.contains(&bucket), "{notes}");
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn under_retain_everything_stays() {
    let world = stored("Retain").await;
    world.delete_store().await;
    world.until_store_gone().await.unwrap();
    assert_eq!(world.look(|room| room.buckets().len()), 2);
    assert_eq!(world.lines("pod-identity-association").len(), 1);
    assert!(world.notes("Kept").join("\n").contains("as it is"));
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn under_delete_an_empty_bucket_goes_and_a_full_one_stays() {
    for full in [false, true] {
        let world = stored("Delete").await;
        let bucket = world.bucket();
        assert!(world.look(|room| room.tamper_objects(&bucket, full)));
        world.delete_store().await;
        world.until_store_gone().await.unwrap();
        let left = world.look(|room| room.buckets().len());
        assert_eq!(left, if full { 2 } else { 0 });
        assert!(world.lines("pod-role").is_empty());
        let notes = world.notes("Kept").join("\n");
        assert_eq!(notes.contains("not empty"), full, "{notes}");
        world.judge.verdict(&world).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_agent_is_told_by_the_platform() {
    let world = World::running(Origin::ready());
    world.store_objects("Snapshot").await;
    let told = || async {
        let all = world.kube.snapshot();
        all.iter().any(|object| {
            object["kind"] == "EmrPlatform"
                && object["status"]
                    .to_string()
                    .contains("eks-pod-identity-agent")
        })
    };
    world
        .until("the missing agent is told", told)
        .await
        .unwrap();
}
