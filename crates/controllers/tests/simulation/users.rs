//! The pods' database user is replaced by the other one: in steps that a crash at any point leads to the same
//! end, and back again with another password.

use emr_api::{
    conditions,
    emr_instance::{DatabaseUser, DatabaseUsers, EmrInstanceStatus},
    labels,
};
use k8s_openapi::api::{apps::v1::Deployment, batch::v1::Job, core::v1::Secret};
use kube::{Api, ResourceExt, api::ListParams};
use serde_json::json;

use crate::{
    lives::{self, assert_all_well},
    points::Crash,
    world::{INSTANCE, NAMESPACE, Origin, World},
};

impl World {
    async fn asks_for_another_user(&self, word: &str) {
        let annotations =
            json!({"metadata": {"annotations": {labels::ROTATE_DATABASE_USER: word}}});
        self.annotate(&annotations).await;
    }

    async fn status(&self) -> EmrInstanceStatus {
        let instance = self.instances().get(INSTANCE).await.unwrap();
        instance.status.unwrap_or_default()
    }

    async fn users(&self) -> DatabaseUsers {
        self.status().await.database_users.unwrap_or_default()
    }

    /// Until a request is carried out; the pods never stop serving on the way.
    async fn until_rotated(&self, word: &str) -> Result<(), String> {
        let rotated = || async {
            let users = self.users().await;
            users.rotation.is_none() && users.answered.as_deref() == Some(word)
        };
        self.until("the database user is another", rotated).await?;
        self.try_ready().await
    }

    async fn roll_of_pods(&self) -> Option<String> {
        let api = Api::<Deployment>::namespaced(self.client.clone(), NAMESPACE);
        let workers = api.get(&format!("{INSTANCE}-openemr")).await.unwrap();
        let template = workers.spec?.template.metadata?;
        template.annotations?.get(labels::CONFIG_HASH).cloned()
    }

    async fn password(&self, purpose: &str) -> Vec<u8> {
        let api = Api::<Secret>::namespaced(self.client.clone(), NAMESPACE);
        let secret = api.get(&format!("{INSTANCE}-{purpose}")).await.unwrap();
        secret.data.unwrap()["password"].0.clone()
    }

    /// The Jobs that deal with users, by what they do.
    async fn jobs(&self) -> Vec<String> {
        let api = Api::<Job>::namespaced(self.client.clone(), NAMESPACE);
        let of_users = ListParams::default().labels(&format!("{}=user", labels::COMPONENT));
        let all = api.list(&of_users).await.unwrap();
        let purpose = |job: &Job| job.name_any().rsplit('-').nth(1).unwrap().to_owned();
        all.iter().map(purpose).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn the_users_take_turns_and_pods_are_rolled_once_each_time() {
    let world = World::running(Origin::ready());
    world.until_ready().await;
    assert_eq!(world.status().await.database_users, None);
    let (first, rolled) = (world.password("app").await, world.roll_of_pods().await);

    world.asks_for_another_user("spring").await;
    world.until_rotated("spring").await.unwrap();
    let users = world.users().await;
    assert_eq!(users.active, DatabaseUser::B);
    assert_ne!(world.password("app-b").await, first);
    let rolled_again = world.roll_of_pods().await;
    assert_ne!(rolled_again, rolled);
    assert_eq!(world.jobs().await, ["retire"]);
    let told = world.status().await.conditions;
    let told = conditions::find(&told, conditions::DATABASE_USER_ROTATED).unwrap();
    assert_eq!((&*told.status, &*told.reason), ("True", "Rotated"));
    assert!(told.message.contains("openemr_b"), "{}", told.message);

    // The same word asks for nothing: but for the annotation nobody writes.
    let (aws, kubernetes) = world.writes();
    world.asks_for_another_user("spring").await;
    world.until_quiet().await.unwrap();
    assert_eq!(world.writes(), (aws, kubernetes + 1));

    world.asks_for_another_user("autumn").await;
    world.until_rotated("autumn").await.unwrap();
    assert_eq!(world.users().await.active, DatabaseUser::A);
    assert_ne!(world.password("app").await, first);
    assert_ne!(world.roll_of_pods().await, rolled_again);

    world.judge.verdict(&world).unwrap();
}

fn crashes() -> Vec<Crash> {
    Crash::at_each(lives::run(async {
        let world = World::running(Origin::ready());
        world.asks_for_another_user("spring").await;
        world.until_rotated("spring").await.unwrap();
        world.troubles.points()
    }))
}

#[test]
fn a_rotation_that_is_cut_off_anywhere_is_finished() {
    let crashes = crashes();
    let bad = lives::each(&crashes, async |Crash(point, trouble)| {
        let mut world = World::thaw(Origin::ready());
        world.troubles.arm_for(point, *trouble, 1);
        world.start();
        world.asks_for_another_user("spring").await;
        world.survive().await?;
        world.until_rotated("spring").await?;
        world.judge.verdict(&world)?;
        let (users, jobs) = (world.users().await, world.jobs().await);
        if users.active != DatabaseUser::B || jobs != ["retire"] {
            return Err(format!("{users:?}, {jobs:?}"));
        }
        Ok(())
    });
    println!("simulation: {} crashes of a rotation", crashes.len());
    assert!(crashes.len() > 20, "{}", crashes.len());
    assert_all_well(&bad);
}
