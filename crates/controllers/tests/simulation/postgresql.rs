//! A database of the other engine: made, changed, lost and deleted like the first.

use emr_api::{ManagedDatabase, conditions};
use k8s_openapi::api::core::v1::Secret;
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams},
};
use serde_json::{Value, json};

use crate::world::{NAMESPACE, Origin, World};

pub(crate) const NAME: &str = "records";

impl World {
    pub(crate) fn databases(&self) -> Api<ManagedDatabase> {
        Api::namespaced(self.client.clone(), NAMESPACE)
    }

    async fn postgresql(&self) {
        let manifest = json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": "ManagedDatabase",
            "metadata": {"name": NAME, "namespace": NAMESPACE},
            "spec": {"auroraPostgresql": {
                "readers": 1, "capacity": {"minAcu": 1, "maxAcu": 16},
                "parameters": {"statement_timeout": "60000"},
            }},
        });
        self.apply(&manifest.to_string()).await;
    }

    pub(crate) async fn says(&self, kind: &str) -> Option<String> {
        let database = self.databases().get(NAME).await.unwrap();
        let status = database.status.unwrap_or_default();
        let told = conditions::find(&status.conditions, kind)?;
        Some(if told.status == "True" {
            told.reason.clone()
        } else {
            told.status.clone()
        })
    }

    async fn until_records_are_ready(&self) {
        let ready = || async {
            self.says(conditions::READY).await.as_deref() == Some("Available")
                && self.says(conditions::RECONCILING).await.is_none()
        };
        self.until("the database is Ready", ready).await.unwrap();
    }

    async fn change(&self, postgresql: Value) {
        let patch = json!({"spec": {"auroraPostgresql": postgresql}});
        let patched = self.databases();
        patched
            .patch(NAME, &PatchParams::default(), &Patch::Merge(&patch))
            .await
            .unwrap();
        self.judge.edited();
    }
}

#[tokio::test(start_paused = true)]
async fn postgresql_is_made_changed_lost_and_deleted_like_mysql() {
    let world = World::running(Origin::ready());
    world.postgresql().await;
    world.until_records_are_ready().await;
    let status = world.databases().get(NAME).await.unwrap().status.unwrap();
    assert_eq!(status.port, Some(5432));
    assert_eq!(status.engine_version.as_deref(), Some("16.6"));
    assert_eq!(status.max_connections, Some(3604));
    let secret = status.master_secret_ref.unwrap().name;
    let secrets = Api::<Secret>::namespaced(world.client.clone(), NAMESPACE);
    let binding = secrets.get(&secret).await.unwrap().data.unwrap();
    assert_eq!(binding["type"].0, b"postgresql");
    assert_eq!(binding["port"].0, b"5432");
    assert!(binding.contains_key("ca.crt"), "TLS is verified");

    world
        .change(json!({"readers": 2, "parameters": {"statement_timeout": "30000"}}))
        .await;
    world.until_records_are_ready().await;
    let name = world.look(|room| {
        let mut all = room.clusters();
        all.retain(|name| name.contains(NAME));
        all.remove(0)
    });
    // Drift is put right.
    world.look(|room| {
        room.tamper_cluster(&name, |settings| settings.backup_retention_days = 1);
    });
    world.until_quiet().await.unwrap();

    // A loss is told, and nothing is put in its place.
    assert!(world.look(|room| room.tamper_lose_cluster(&name)));
    let told = || async {
        world.says(conditions::STALLED).await.as_deref() == Some("DataResourceMissing")
    };
    world.until("the loss is told", told).await.unwrap();
    assert!(!world.look(|room| room.clusters()).contains(&name));
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn postgresql_leaves_a_snapshot() {
    let world = World::running(Origin::ready());
    world.postgresql().await;
    world.until_records_are_ready().await;
    let before = world.look(|room| room.copies().0.len());
    let databases = world.databases();
    databases
        .delete(NAME, &DeleteParams::default())
        .await
        .unwrap();
    let gone = || async { databases.get_opt(NAME).await.unwrap().is_none() };
    world.until("it is gone", gone).await.unwrap();
    assert_eq!(world.look(|room| room.copies().0.len()), before + 1);
    assert_eq!(world.look(|room| room.clusters().len()), 1);
    world.judge.verdict(&world).unwrap();
}
