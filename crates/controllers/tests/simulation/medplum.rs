//! The second application: from its manifest to Ready, a token that is replaced, and its end.

use emr_api::{CacheCluster, EmrInstance, conditions};
use k8s_openapi::api::{apps::v1::Deployment, core::v1::Secret};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, Patch, PatchParams},
};
use serde_json::{Value, json};

use crate::world::{NAMESPACE, Origin, World};

pub(crate) const NAME: &str = "lakeside";

impl World {
    pub(crate) async fn medplum(&self) {
        let manifest = json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrInstance",
            "metadata": {"name": NAME, "namespace": NAMESPACE},
            "spec": {
                "hostname": "lakeside.example.org", "profile": "Development",
                "medplum": {"version": "4.3.15", "workers": {"enabled": true}},
            },
        });
        self.apply(&manifest.to_string()).await;
    }

    pub(crate) async fn medplum_serves(&self) -> bool {
        let found = self.instances().get_opt(NAME).await.unwrap();
        let status = found.and_then(|found| found.status).unwrap_or_default();
        conditions::is_true(&status.conditions, conditions::READY)
    }

    pub(crate) async fn try_medplum(&self) -> Result<(), String> {
        self.until("Medplum is Ready", || self.medplum_serves())
            .await?;
        self.until_quiet().await
    }

    pub(crate) async fn until_medplum_serves(&self) {
        let ready = || self.medplum_serves();
        self.until("Medplum is Ready", ready).await.unwrap();
    }

    async fn rolled_by(&self) -> Option<String> {
        let api = Api::<Deployment>::namespaced(self.client.clone(), NAMESPACE);
        let server = api.get(&format!("{NAME}-medplum")).await.unwrap();
        let template = server.spec?.template.metadata?;
        template
            .annotations?
            .get(emr_api::labels::CONFIG_HASH)
            .cloned()
    }

    pub(crate) async fn config(&self) -> Value {
        let api = Api::<Secret>::namespaced(self.client.clone(), NAMESPACE);
        let secret = api.get(&format!("{NAME}-medplum-config")).await.unwrap();
        serde_json::from_slice(&secret.data.unwrap()["api.json"].0).unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn medplum_serves_takes_another_token_and_goes() {
    let world = World::running(Origin::ready());
    world.medplum().await;
    world.until_medplum_serves().await;
    let (before, revision) = (world.config().await, world.rolled_by().await);
    assert_eq!(before["database"]["username"], "medplum_a");
    assert_eq!(before["database"]["ssl"]["rejectUnauthorized"], true);

    // The cache's token is replaced: pods roll once, and the former token goes only then.
    let replaced = world.look(|room| room.tamper_replace_secrets("cache"));
    assert!(replaced > 0);
    world.judge.edited();
    let caches = Api::<CacheCluster>::namespaced(world.client.clone(), NAMESPACE);
    let settled = || async {
        let rolled = world.rolled_by().await != revision;
        let cache = caches.get(NAME).await.unwrap();
        let token = cache.status.and_then(|of| of.auth_token);
        rolled && token.is_some_and(|token| token.rotation.is_none())
    };
    world.until("the token is replaced", settled).await.unwrap();
    let after = world.config().await;
    assert_ne!(before["redis"]["password"], after["redis"]["password"]);
    assert_eq!(before["database"], after["database"]);

    let retain = json!({"spec": {"deletionPolicy": "Retain"}});
    let instances: Api<EmrInstance> = world.instances();
    instances
        .patch(NAME, &PatchParams::default(), &Patch::Merge(&retain))
        .await
        .unwrap();
    let kept = || async {
        let cache = caches.get(NAME).await.unwrap();
        cache.spec.deletion_policy == emr_api::policy::DeletionPolicy::Retain
    };
    world.until("the stores are told", kept).await.unwrap();
    instances
        .delete(NAME, &DeleteParams::default())
        .await
        .unwrap();
    let gone = || async { instances.get_opt(NAME).await.unwrap().is_none() };
    world.until("Medplum is gone", gone).await.unwrap();
    assert!(
        caches
            .get_opt(NAME)
            .await
            .unwrap()
            .is_none_or(|of| of.name_any() != NAME),
        "its stores' objects went with it"
    );
}
