//! The sample comes to be, and then rests.

use std::time::Duration;

use tokio::time::sleep;

use crate::world::World;

#[tokio::test(start_paused = true)]
async fn the_sample_becomes_ready_and_rests() {
    let mut world = World::new().await;
    world.start();
    world.until_ready().await;
    let writes = (world.aws.writes(), world.kube.writes());
    let reads = (world.aws.reads(), world.kube.reads());
    println!("simulation: Ready after {writes:?} writes and {reads:?} reads (AWS, Kubernetes)");

    sleep(Duration::from_hours(1)).await;
    let calls = world.aws.mutations();
    let late: Vec<_> = calls
        .iter()
        .skip(writes.0)
        .map(|call| &call.describe)
        .collect();
    assert!(late.is_empty(), "an hour of rest changed AWS: {late:?}");
    let mutations = world.kube.mutations();
    let late: Vec<_> = mutations.iter().skip(writes.1).collect();
    assert!(
        late.is_empty(),
        "an hour of rest changed Kubernetes: {late:?}"
    );
    let (aws, kube) = (world.aws.reads() - reads.0, world.kube.reads() - reads.1);
    println!("simulation: an hour of rest took {aws} reads of AWS and {kube} of Kubernetes");

    // An operator that starts anew finds everything as it should be.
    world.kill().await;
    world.start();
    sleep(Duration::from_hours(1)).await;
    assert_eq!(world.aws.writes(), writes.0, "a restart changed AWS");
    let mutations = world.kube.mutations();
    let late: Vec<_> = mutations.iter().skip(writes.1).collect();
    assert!(late.is_empty(), "a restart changed Kubernetes: {late:?}");
    assert!(world.ready().await);
    world.judge.verdict(&world).unwrap();
}
