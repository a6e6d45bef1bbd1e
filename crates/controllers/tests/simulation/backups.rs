//! Recurring backups: taken by the platform's plans, and told when they are not.

use std::time::Duration;

use emr_api::conditions;
use serde_json::json;
use tokio::time::sleep;

use crate::world::{INSTANCE, World};

/// `BackupHealthy` of the instance: status, reason, message.
async fn told(world: &World) -> Option<(String, String, String)> {
    let status = world.instances().get(INSTANCE).await.unwrap().status?;
    let found = conditions::find(&status.conditions, conditions::BACKUP_HEALTHY)?.clone();
    Some((found.status, found.reason, found.message))
}

async fn is(world: &World, reason: &str) -> bool {
    told(world).await.is_some_and(|told| told.1 == reason)
}

#[tokio::test(start_paused = true)]
async fn what_is_not_backed_up_is_told_until_it_is_again() {
    let mut world = World::new().await;
    world.start();
    world.until_ready().await;
    let due = || async { is(&world, "FirstBackupDue").await };
    world.until("the first backup is due", due).await.unwrap();
    world.look(|room| assert_eq!(room.run_backup_plans(true), 3));
    sleep(Duration::from_hours(30)).await;
    let (status, reason, message) = told(&world).await.unwrap();
    assert_eq!(
        (status.as_str(), reason.as_str()),
        ("True", "BackedUp"),
        "{message}"
    );

    // Days pass, and nothing is written.
    let quiet = world.writes();
    sleep(Duration::from_hours(72)).await;
    assert_eq!(world.writes(), quiet);

    // AWS Backup takes none any more.
    world.look(|room| room.run_backup_plans(false));
    sleep(Duration::from_hours(40)).await;
    let (status, reason, message) = told(&world).await.unwrap();
    assert_eq!(
        (status.as_str(), reason.as_str()),
        ("False", "BackupOverdue")
    );
    assert!(
        message.contains("the database: last recovery point at"),
        "{message}"
    );
    assert!(
        message.contains("the files: last recovery point at"),
        "{message}"
    );
    world.look(|room| room.run_backup_plans(true));
    sleep(Duration::from_hours(26)).await;
    assert!(is(&world, "BackedUp").await);
}

#[tokio::test(start_paused = true)]
async fn an_edited_plan_is_put_right_and_an_edited_wish_followed() {
    let mut world = World::new().await;
    world.start();
    world.until_ready().await;
    let before = world.inventory();
    let plans = before["backup-plan"].clone();
    assert_eq!(plans.len(), 3);
    assert!(world.look(emr_cloud::memory::Room::tamper_plans) > 0);
    let restored = || async { world.inventory()["backup-plan"] == plans };
    world
        .until("the plans are as before", restored)
        .await
        .unwrap();

    let patch = json!({"spec": {"backup": {"weekly": {"retentionDays": 120}}}});
    world.edit_platform(&patch).await;
    let followed = || async {
        let plans = &world.inventory()["backup-plan"];
        plans
            .iter()
            .all(|plan| plan.contains("delete_after_days: Some(120)"))
    };
    world.until("the plans follow", followed).await.unwrap();

    // Tags decide what is covered: one that somebody took away comes back.
    world.look(|room| assert!(room.tamper_untag("emrstack.dev/backup") > 1));
    assert!(!covered(&world));
    let tagged = || async { covered(&world) };
    world.until("both are covered again", tagged).await.unwrap();
}

/// Whether a cluster and a file system carry the tag that plans select by.
fn covered(world: &World) -> bool {
    let inventory = world.inventory();
    let tagged = |kind: &str| {
        inventory[kind]
            .iter()
            .all(|line| line.contains("\"emrstack.dev/backup\""))
    };
    tagged("db-cluster") && tagged("file-system")
}
