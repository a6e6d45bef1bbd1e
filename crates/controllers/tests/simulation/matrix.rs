//! Crashes and failures at every change of AWS: the same end as if nothing had happened, and
//! nothing twice (invariant 2).

use emr_cloud::{
    ErrorKind,
    memory::{Call, Fault, Inventory},
};

use crate::{
    deletion::{Log, violations},
    points::{self, Point, arm, sample},
    world::{World, assert_same},
};

/// An undisturbed life: what stands when it is Ready, what is left in the end, and the calls of
/// both halves.
struct Undisturbed {
    ready: Inventory,
    gone: Inventory,
    creation: Vec<Call>,
    deletion: Vec<Call>,
}

async fn undisturbed() -> Undisturbed {
    let mut world = World::new().await;
    world.start();
    world.until_ready().await;
    let (ready, creation) = (world.inventory(), world.aws.mutations());
    world.delete().await;
    world.until_gone().await;
    Undisturbed {
        ready,
        gone: world.inventory(),
        deletion: world.aws.mutations().split_off(creation.len()),
        creation,
    }
}

/// Every point with each fault.
fn pairs(calls: &[Call], faults: &[Fault]) -> Vec<(Point, Fault)> {
    let points = points::all(calls);
    let each = points
        .iter()
        .flat_map(|point| faults.iter().map(|fault| (*point, *fault)));
    each.collect()
}

/// Waits for the crash, and starts an operator anew.
async fn survive(world: &mut World) {
    let end = tokio::time::sleep(crate::world::LONG);
    let aws = world.aws.clone();
    tokio::select! {
        () = aws.crash() => {}
        () = end => panic!("it never crashed:\n{}", world.state()),
    }
    world.kill().await;
    world.start();
}

const CRASHES: [Fault; 2] = [Fault::CrashBefore, Fault::CrashAfter];

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_change_of_creation_leads_to_the_same_end() {
    let wanted = undisturbed().await;
    let all = pairs(&wanted.creation, &CRASHES);
    let tried = sample(&all, 3);
    for (point, fault) in &tried {
        let mut world = World::new().await;
        arm(&world.aws, Some((*point, *fault)), |_, _| {});
        world.start();
        survive(&mut world).await;
        world.until_ready().await;
        assert_same(
            &format!("{fault:?} at {point}"),
            &wanted.ready,
            &world.inventory(),
        );
    }
    println!(
        "simulation: {} of {} crashes of creation",
        tried.len(),
        all.len()
    );
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_change_of_deletion_leads_to_the_same_end() {
    let wanted = undisturbed().await;
    let all = pairs(&wanted.deletion, &CRASHES);
    let tried = sample(&all, 1);
    for (point, fault) in &tried {
        let mut world = World::new().await;
        world.start();
        world.until_ready().await;
        let log = Log::default();
        let notes = log.clone();
        arm(&world.aws, Some((*point, *fault)), move |call, room| {
            notes.note(call, room);
        });
        world.delete().await;
        survive(&mut world).await;
        world.until_gone().await;
        let name = format!("{fault:?} at {point}");
        assert_same(&name, &wanted.gone, &world.inventory());
        assert_eq!(violations(&log.calls()), [""; 0], "{name}");
    }
    println!(
        "simulation: {} of {} crashes of deletion",
        tried.len(),
        all.len()
    );
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_any_change_of_creation_leads_to_the_same_end() {
    let wanted = undisturbed().await;
    let faults = [
        Fault::Refuse(ErrorKind::Throttled),
        Fault::Refuse(ErrorKind::Transient),
        Fault::LostAfter,
        Fault::Refuse(ErrorKind::AccessDenied),
    ];
    let all = pairs(&wanted.creation, &faults);
    let tried = sample(&all, 5);
    for (point, fault) in &tried {
        let mut world = World::new().await;
        let fired = arm(&world.aws, Some((*point, *fault)), |_, _| {});
        world.start();
        world.until_ready().await;
        let name = format!("{fault:?} at {point}");
        assert!(fired.get(), "{name} never happened");
        assert_same(&name, &wanted.ready, &world.inventory());
    }
    println!(
        "simulation: {} of {} failures of creation",
        tried.len(),
        all.len()
    );
}
