//! Former parameter groups go, an hour or two after their last database left them, and no other
//! does.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use crate::world::{Origin, World};

/// With a packet size of one's own, or with the operator's.
async fn set(world: &World, packet: Option<&str>) {
    let parameters = json!({"max_allowed_packet": packet});
    let database = json!({"managed": {"parameters": parameters}});
    world.edit(&json!({"spec": {"database": database}})).await;
    world.until_ready().await;
}

fn groups(world: &World) -> Vec<String> {
    world
        .inventory()
        .remove("parameter-group")
        .unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_parameter_group_goes_once_nobody_has_used_it_for_long() {
    let mut world = World::thaw(Origin::ready());
    world.start();
    world.until_ready().await;
    let first = groups(&world);
    assert_eq!(first.len(), 1);

    set(&world, Some("67108864")).await;
    let both = groups(&world);
    assert_eq!(both.len(), 2, "the former group stays for now");
    sleep(Duration::from_mins(40)).await;
    // The first settings are wanted again: what is used again is not removed.
    set(&world, None).await;
    sleep(Duration::from_hours(3)).await;
    assert_eq!(groups(&world), first);

    let mutations = world.aws.writes();
    sleep(Duration::from_hours(5)).await;
    assert_eq!(world.aws.writes(), mutations);
    world.judge.verdict(&world).unwrap();
}
