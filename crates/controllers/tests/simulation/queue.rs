//! A cache that holds jobs: made, changed, its token replaced, lost, deleted.

use std::time::Duration;

use emr_api::{CacheCluster, cache_cluster::TokenPhase, conditions, labels};
use emr_cloud::memory::{Memory, Room};
use emr_resource::ids::{AccountId, Region};
use k8s_openapi::api::core::v1::Secret;
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::world::{ACCOUNT, NAMESPACE, Origin, REGION, World};

const NAME: &str = "jobs";
const GLANCE: Duration = Duration::from_secs(15);

/// Who uses the queue: makes it, changes it, rolls its pods, and deletes it in the end.
#[derive(Clone)]
pub(crate) struct User {
    client: Client,
    aws: Memory,
    judge: crate::judge::Judge,
}

impl User {
    pub(crate) fn of(world: &World) -> Self {
        Self {
            client: world.client.clone(),
            aws: world.aws.clone(),
            judge: world.judge.clone(),
        }
    }

    fn caches(&self) -> Api<CacheCluster> {
        Api::namespaced(self.client.clone(), NAMESPACE)
    }

    async fn make(&self) {
        let cache = json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": "CacheCluster",
            "metadata": {"name": NAME, "namespace": NAMESPACE},
            "spec": {
                "replicationGroup": {"engine": "redis", "nodeType": "cache.r6g.large"},
                "snapshotRetentionDays": 7,
            },
        });
        let cache: CacheCluster = serde_json::from_value(cache).unwrap();
        let params = PostParams::default();
        self.caches().create(&params, &cache).await.unwrap();
    }

    async fn patch(&self, patch: &Value) {
        let params = PatchParams::default();
        let patched = self
            .caches()
            .patch(NAME, &params, &Patch::Merge(patch))
            .await;
        patched.unwrap();
    }

    async fn change(&self, group: Value) {
        self.judge.edited();
        self.patch(&json!({"spec": {"replicationGroup": group}}))
            .await;
    }

    async fn delete(&self) {
        let params = DeleteParams::default();
        self.caches().delete(NAME, &params).await.unwrap();
    }

    async fn until_ready(&self) {
        while !self.is_ready().await {
            sleep(GLANCE).await;
        }
    }

    async fn is_ready(&self) -> bool {
        let cache = self.caches().get(NAME).await.unwrap();
        let generation = cache.metadata.generation;
        cache.status.is_some_and(|status| {
            let has = |kind| conditions::find(&status.conditions, kind).is_some();
            Some(status.observed_generation) == generation
                && conditions::is_true(&status.conditions, conditions::READY)
                && !has(conditions::RECONCILING)
                && !has(conditions::STALLED)
        })
    }

    async fn phase(&self) -> Option<TokenPhase> {
        let status = self.caches().get(NAME).await.unwrap().status?;
        Some(status.auth_token?.rotation?.phase)
    }

    /// Somebody puts a new value into the token's secret.
    fn replace_token(&self) {
        let (account, region) = (AccountId::new(ACCOUNT), Region::new(REGION));
        let replaced = self.aws.within(&account, &region, |room| {
            room.tamper_replace_secrets(&format!("/{NAME}/"))
        });
        assert_eq!(replaced, 1);
    }

    async fn secret(&self) -> Secret {
        let secrets = Api::<Secret>::namespaced(self.client.clone(), NAMESPACE);
        let status = self.caches().get(NAME).await.unwrap().status.unwrap();
        let name = status.connection_secret_ref.unwrap().name;
        secrets.get(&name).await.unwrap()
    }

    /// Pods are rolled, and whoever did it says so: again when the Secret came to hold a newer
    /// revision than the one they took up.
    async fn roll(&self) {
        while self.phase().await != Some(TokenPhase::Rolling) {
            sleep(GLANCE).await;
        }
        while self.phase().await == Some(TokenPhase::Rolling) {
            let secret = self.secret().await;
            let revision = &secret.annotations()[labels::SOURCE_HASH];
            let annotations = json!({labels::ROLLED: revision});
            self.patch(&json!({"metadata": {"annotations": annotations}}))
                .await;
            sleep(GLANCE).await;
        }
    }

    /// What the cache accepts, newest first.
    fn accepted(&self) -> Vec<String> {
        let (account, region) = (AccountId::new(ACCOUNT), Region::new(REGION));
        self.aws.within(&account, &region, |room| {
            let groups = room.replication_groups();
            groups.iter().flat_map(|id| room.tokens_of(id)).collect()
        })
    }

    /// The token that consumers are given is one that the cache accepts.
    async fn is_let_in(&self) -> bool {
        let data = self.secret().await.data.unwrap();
        let given = String::from_utf8(data["password"].0.clone()).unwrap();
        self.accepted().contains(&given)
    }

    /// The whole life.
    pub(crate) async fn live(self) {
        self.make().await;
        self.until_ready().await;
        self.change(json!({"replicasPerShard": 2, "parameters": {"timeout": "60"}}))
            .await;
        self.until_ready().await;
        self.replace_token();
        self.roll().await;
        self.until_ready().await;
        self.delete().await;
    }
}

impl World {
    /// Until the queue's life is over, with its snapshot left.
    pub(crate) async fn until_the_queue_is_gone(&self) -> Result<(), String> {
        let user = User::of(self);
        let gone = || async {
            let left = !self.look(|room| room.cache_snapshots()).is_empty();
            left && user.caches().get_opt(NAME).await.unwrap().is_none()
        };
        self.until("the queue is gone and has left a snapshot", gone)
            .await?;
        self.until_quiet().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_queue_is_made_changed_lost_and_never_replaced() {
    let world = World::running(Origin::ready());
    let user = User::of(&world);
    user.make().await;
    user.until_ready().await;
    let status = user.caches().get(NAME).await.unwrap().status.unwrap();
    assert_eq!(status.port, Some(6379));
    assert!(status.engine_version.unwrap().starts_with("7.1"));
    let secret = user.secret().await;
    let data = secret.data.unwrap();
    assert_eq!(data["type"].0, b"redis");
    assert_eq!(data["port"].0, b"6379");
    assert!(data.contains_key("ca.crt") && data.contains_key("reader"));
    assert!(!data.contains_key("username"), "AUTH knows no users");
    assert!(user.is_let_in().await);

    user.change(json!({"replicasPerShard": 0, "automaticFailover": false, "multiAz": false}))
        .await;
    user.until_ready().await;
    world.until_quiet().await.unwrap();
    assert_eq!(world.look(Room::tamper_lose_replication_groups), 1);
    let told = || async {
        let status = user.caches().get(NAME).await.unwrap().status.unwrap();
        let stalled = conditions::find(&status.conditions, conditions::STALLED);
        stalled.is_some_and(|told| told.reason == "DataResourceMissing")
    };
    world.until("the loss is told", told).await.unwrap();
    sleep(Duration::from_hours(1)).await;
    assert_eq!(world.look(|room| room.replication_groups()), [""; 0]);
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_new_token_shuts_nobody_out_and_the_old_one_goes_when_all_have_rolled() {
    let world = World::running(Origin::ready());
    let user = User::of(&world);
    user.make().await;
    user.until_ready().await;
    let before = user.accepted();
    user.replace_token();
    while user.phase().await != Some(TokenPhase::Rolling) {
        assert!(user.is_let_in().await, "shut out on the way");
        sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(user.accepted().len(), 2, "both are valid");
    assert!(user.accepted().contains(&before[0]));
    // Nobody is hurried.
    sleep(Duration::from_hours(48)).await;
    assert_eq!(user.accepted().len(), 2);
    assert!(user.is_let_in().await);
    user.roll().await;
    user.until_ready().await;
    assert_eq!(user.accepted().len(), 1);
    assert_ne!(user.accepted(), before);
    assert!(user.is_let_in().await);
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_queue_lives_and_leaves_its_snapshot() {
    let world = World::running(Origin::ready());
    tokio::spawn(User::of(&world).live());
    world.until_the_queue_is_gone().await.unwrap();
    let groups = world.inventory();
    assert!(!groups.contains_key("cache-subnet-group"), "{groups:?}");
    world.judge.verdict(&world).unwrap();
}
