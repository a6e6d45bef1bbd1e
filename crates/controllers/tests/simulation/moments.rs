//! An instance as it was at a moment: nothing is made before somebody accepts what database and files
//! disagree about.

use emr_api::{EmrRestore, conditions, emr_backup::BackupPhase, emr_restore::RestorePhase};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{
    Api,
    api::{Patch, PatchParams},
};
use serde_json::json;

use crate::world::{INSTANCE, NAMESPACE, Origin, World};

const WORD: &str = "emrstack.dev/approved=";

/// A world in which files were copied after a moment, and that moment.
async fn after_a_moment() -> (World, String) {
    let world = World::running(Origin::ready());
    let moment = format!("{:.0}", world.aws.now());
    world.back_up("later", &json!({})).await;
    world
        .until_phase("later", BackupPhase::Complete)
        .await
        .unwrap();
    world.until_ready().await;
    (world, moment)
}

/// The word that is asked for.
fn word(told: &[Condition]) -> Option<String> {
    let asked = conditions::find(told, conditions::STALLED)?;
    let (_, word) = asked.message.split_once(WORD)?;
    (asked.reason == "ApprovalNeeded").then(|| word.trim_end_matches('.').to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_copy_comes_from_a_moment_once_that_is_accepted() {
    let (world, time) = after_a_moment().await;
    let original = world.look(|room| room.clusters().remove(0));
    let moment = json!({"instance": INSTANCE, "time": time});
    world.restore_from(&json!({"pointInTime": moment})).await;
    let asked = || async {
        let copy = world.instances().get("copy").await.unwrap();
        copy.status.and_then(|status| word(&status.conditions))
    };
    let is_asked = || async { asked().await.is_some() };
    world.until("it asks", is_asked).await.unwrap();
    assert_eq!(
        world.look(|room| room.clusters().len()),
        1,
        "nothing is made"
    );

    let accepted = json!({"metadata": {"annotations": {"emrstack.dev/approved": asked().await}}});
    let patch = PatchParams::default();
    let instances = world.instances();
    instances
        .patch("copy", &patch, &Patch::Merge(&accepted))
        .await
        .unwrap();
    world.until_copy_ready().await.unwrap();
    let copy = world.instances().get("copy").await.unwrap();
    let set = copy.status.unwrap().restored.unwrap();
    assert_eq!(set.database_at.unwrap().time, time);
    assert!(
        set.may_lack.unwrap().contains(&time),
        "what may lack is told"
    );
    world.look(|room| {
        let made = room.clusters().into_iter().find(|one| *one != original);
        assert_eq!(room.data_in(&made.unwrap()).unwrap().0, original);
    });
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_instance_goes_back_to_a_moment_in_place() {
    let (world, time) = after_a_moment().await;
    let moment = json!({"from": {"pointInTime": {"time": time}}, "release": "Automatic"});
    world.put_back(&moment).await;
    let restores = Api::<EmrRestore>::namespaced(world.client.clone(), NAMESPACE);
    let asked = || async {
        let restore = restores.get("back").await.unwrap();
        restore.status.and_then(|status| word(&status.conditions))
    };
    let is_asked = || async { asked().await.is_some() };
    world.until("it asks", is_asked).await.unwrap();
    let accepted = json!({"metadata": {"annotations": {"emrstack.dev/approved": asked().await}}});
    restores
        .patch("back", &PatchParams::default(), &Patch::Merge(&accepted))
        .await
        .unwrap();
    world.until_put_back(RestorePhase::Complete).await.unwrap();
    assert!(world.serves().await);
    world.judge.verdict(&world).unwrap();
}
