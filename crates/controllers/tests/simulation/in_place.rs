//! EmrRestore: the old instance whole or the new one, whatever happens, and what was put aside kept until
//! somebody says that it may go.

use emr_api::{EmrRestore, conditions, emr_restore::RestorePhase};
use emr_cloud::memory::Room;
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams},
};
use serde_json::{Value, json};

use crate::world::{INSTANCE, NAMESPACE, Origin, SET, World};

/// The name of the restore.
const BACK: &str = "back";

impl World {
    /// What a user does who wants the instance as it was.
    pub(crate) async fn put_back(&self, more: &Value) {
        let mut spec = json!({"instanceRef": {"name": INSTANCE}, "from": {"backup": SET}});
        for (key, value) in more.as_object().unwrap() {
            spec[key] = value.clone();
        }
        let manifest = json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrRestore",
            "metadata": {"name": BACK, "namespace": NAMESPACE}, "spec": spec,
        });
        self.apply(&manifest.to_string()).await;
    }

    fn restores(&self) -> Api<EmrRestore> {
        Api::namespaced(self.client.clone(), NAMESPACE)
    }

    pub(crate) async fn until_put_back(&self, phase: RestorePhase) -> Result<(), String> {
        let is_so = || self.is_put_back(phase);
        self.until(&format!("the restore is {phase:?}"), is_so)
            .await
    }

    pub(crate) async fn is_put_back(&self, phase: RestorePhase) -> bool {
        let restore = self.restores().get_opt(BACK).await.unwrap();
        restore.is_some_and(|of| of.status.unwrap_or_default().phase == phase)
    }

    /// Every restore comes to its end, and goes. Of one that was complete, what the instance ran on before
    /// goes too; the instance is whole either way.
    pub(crate) async fn end_restores(&self, stands: bool) -> Result<(), String> {
        let Some(restore) = self.restores().get_opt(BACK).await.unwrap() else {
            return Ok(());
        };
        if stands {
            let is_so = || async {
                self.is_put_back(RestorePhase::Complete).await
                    || self.is_put_back(RestorePhase::Failed).await
            };
            self.until("the restore ends", is_so).await?;
            if self.is_put_back(RestorePhase::Complete).await {
                self.confirm_restore().await;
                self.until_put_back(RestorePhase::Discarded).await?;
            }
            self.until("the instance is Ready", || self.ready()).await?;
        }
        // It may go by itself, with the instance.
        let _ = self.restores().delete(BACK, &DeleteParams::default()).await;
        let gone = || async { self.restores().get_opt(BACK).await.unwrap().is_none() };
        self.until("the restore is gone", gone).await?;
        let left = self.clusters();
        let name = restore.status.and_then(|of| of.candidate);
        let whole = !stands || left.len() == 1;
        whole
            .then_some(())
            .ok_or_else(|| format!("{left:?} are left of {name:?} and what was there"))
    }

    async fn confirm_restore(&self) {
        let confirm = json!({"metadata": {"annotations": {"emrstack.dev/confirm-delete": BACK}}});
        let patch = PatchParams::default();
        let restores = self.restores();
        restores
            .patch(BACK, &patch, &Patch::Merge(&confirm))
            .await
            .unwrap();
    }

    async fn restore(&self) -> EmrRestore {
        self.restores().get(BACK).await.unwrap()
    }

    fn clusters(&self) -> Vec<String> {
        self.look(|room| room.clusters())
    }
}

/// How many stores of a kind there are in Kubernetes.
fn stores(world: &World, kind: &str) -> usize {
    let all = world.kube.snapshot();
    all.iter().filter(|object| object["kind"] == kind).count()
}

#[tokio::test(start_paused = true)]
async fn an_instance_changes_over_and_what_it_ran_on_goes_only_when_that_is_said() {
    let world = World::running(Origin::backed_up());
    let original = world.clusters().remove(0);
    world.put_back(&json!({})).await;
    world.until_put_back(RestorePhase::Complete).await.unwrap();
    let status = world.restore().await.status.unwrap();
    assert!(status.quiet_for.is_some());
    assert_eq!(status.previous.as_deref(), Some(INSTANCE));
    let instance = world.instances().get(INSTANCE).await.unwrap();
    assert_eq!(Some(instance.stores()), status.candidate);
    let told = instance.status.unwrap();
    assert_eq!(told.phase.as_deref(), Some("Fenced"));
    let exposed = conditions::find(&told.conditions, conditions::EXPOSED).unwrap();
    assert!(
        exposed.message.contains("emrstack.dev/released=back"),
        "{}",
        exposed.message
    );
    assert_eq!(
        stores(&world, "Ingress"),
        1,
        "its address is kept, and closed"
    );
    world.until_ready().await;
    assert_eq!(world.clusters().len(), 2, "what it ran on is kept");
    world.look(|room| {
        let made = room
            .clusters()
            .into_iter()
            .find(|name| *name != original)
            .unwrap();
        assert_eq!(room.data_in(&made).unwrap().0, original);
    });
    world.judge.verdict(&world).unwrap();

    world
        .annotate(&json!({"metadata": {"annotations": {"emrstack.dev/released": BACK}}}))
        .await;
    let out = || async {
        let status = world
            .instances()
            .get(INSTANCE)
            .await
            .unwrap()
            .status
            .unwrap();
        let exposed = conditions::find(&status.conditions, conditions::EXPOSED);
        exposed.is_some_and(|told| told.status == "True")
    };
    world.until("it is let out", out).await.unwrap();
    assert_eq!(world.clusters().len(), 2);

    world.confirm_restore().await;
    world.until_put_back(RestorePhase::Discarded).await.unwrap();
    world.until_ready().await;
    assert_eq!(
        (world.clusters().len(), stores(&world, "SharedFileSystem")),
        (1, 1)
    );
    // The set, the safety set, and the last one of what went.
    assert_eq!(world.look(|room| room.copies().0.len()), 3);
    world.judge.verdict(&world).unwrap();
    world.delete().await;
    world.until_gone().await;
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_restore_that_is_cancelled_leaves_nothing_but_its_safety_set() {
    let world = World::running(Origin::backed_up());
    for phase in [
        RestorePhase::Securing,
        RestorePhase::Making,
        RestorePhase::Verifying,
    ] {
        world.put_back(&json!({})).await;
        world.until_put_back(phase).await.unwrap();
        world
            .restores()
            .delete(BACK, &DeleteParams::default())
            .await
            .unwrap();
        let gone = || async { world.restores().get_opt(BACK).await.unwrap().is_none() };
        world.until("it is cancelled", gone).await.unwrap();
        world.until_ready().await;
        assert_eq!(world.clusters().len(), 1, "{phase:?}");
        for kind in ["ManagedDatabase", "SharedFileSystem"] {
            assert_eq!(stores(&world, kind), 1, "{phase:?}: {kind}");
        }
        assert_eq!(stores(&world, "PersistentVolume"), 2, "{phase:?}");
        assert_eq!(stores(&world, "EmrBackup"), 2);
        let instance = world.instances().get(INSTANCE).await.unwrap();
        assert_eq!(instance.stores(), INSTANCE);
    }
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_restore_that_fails_is_told_and_nothing_stands_still() {
    let world = World::running(Origin::backed_up());
    world.put_back(&json!({})).await;
    world.until_put_back(RestorePhase::Securing).await.unwrap();
    let taking = || async { world.look(|room| room.inventory()["snapshot"].len()) == 2 };
    world
        .until("the safety set is being taken", taking)
        .await
        .unwrap();
    world.look(Room::tamper_fail_snapshots);
    world.until_put_back(RestorePhase::Failed).await.unwrap();
    assert!(world.serves().await);
    let status = world.restore().await.status.unwrap();
    let stalled = conditions::find(&status.conditions, conditions::STALLED).unwrap();
    assert!(
        stalled.message.contains("back-safety"),
        "{}",
        stalled.message
    );
    assert!(
        stalled.message.contains("runs on as before"),
        "{}",
        stalled.message
    );
    assert_eq!(world.clusters().len(), 1);
    world.judge.verdict(&world).unwrap();
}

/// The database is gone, so nothing can be copied first: the instance comes back all the same.
#[tokio::test(start_paused = true)]
async fn an_instance_that_lost_its_database_is_put_back() {
    let world = World::running(Origin::backed_up());
    world.lose_the_cluster();
    world.try_loss().await.unwrap();
    world
        .put_back(&json!({"safetySet": "Skip", "release": "Automatic"}))
        .await;
    world.until_put_back(RestorePhase::Complete).await.unwrap();
    assert!(world.serves().await);
    assert_eq!(world.clusters().len(), 1);
    world.judge.verdict(&world).unwrap();
}
