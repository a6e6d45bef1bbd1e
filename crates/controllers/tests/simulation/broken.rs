//! A deliberately broken rule for each invariant: the judge, or the comparison, has to notice. What
//! is not noticed here would not be noticed in any other run either.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use emr_cloud::{CloudError, ErrorKind, memory::Fault};
use emr_resource::{
    Tags,
    db_cluster::DbCluster,
    file_system::{self, FileSystem},
};
use tokio::time::sleep;

use crate::{
    judge::{self, Table},
    lies::{Liar, Lie, bent_requests},
    points::{Point, Request, Trouble},
    rules,
    same::End,
    world::{Origin, World},
};

/// What is said of a world whose operator is broken.
async fn violations(world: &World) -> String {
    sleep(Duration::from_hours(1)).await;
    world.judge.violations(world).join("\n")
}

fn assert_says(said: &str, what: &str) {
    assert!(said.contains(what), "it says: {said:?}");
}

#[tokio::test(start_paused = true)]
async fn invariant_1_deletion_without_waiting_for_the_copies() {
    let mut world = World::thaw(Origin::ready()).lying(&rules::copies_look_complete());
    world.start();
    world.delete().await;
    assert_says(&violations(&world).await, "without a copy of");
}

#[tokio::test(start_paused = true)]
async fn invariant_1_creation_after_a_loss() {
    let mut world = World::thaw(Origin::ready()).lying(&rules::the_database_is_forgotten());
    world.start();
    world.lose_the_cluster();
    assert_says(
        &violations(&world).await,
        "an empty one where a full one was",
    );
}

/// A token that differs each time.
#[tokio::test(start_paused = true)]
async fn invariant_2_something_is_made_twice() {
    let lie = Lie::about_aws(|ports| {
        let times = AtomicU32::new(0);
        let liar = Liar::<FileSystem>::of(&ports.file_system).sending(move |change| {
            if let file_system::Change::Create(desired) = change {
                let time = times.fetch_add(1, Ordering::Relaxed);
                desired.token = format!("{}-{time}", desired.token).as_str().into();
            }
        });
        ports.file_system = Arc::new(liar);
    });
    let wanted = World::thaw(Origin::ready());
    let mut world = World::new().await.lying(&lie);
    world.start();
    sleep(Duration::from_hours(1)).await;
    let told = End::of(&wanted).compare(&End::of(&world)).unwrap_err();
    assert_says(&told, "+ file-system");
}

/// It takes somebody else's cluster for its own.
#[tokio::test(start_paused = true)]
async fn invariant_3_what_is_not_ours_is_changed() {
    let mut world = World::thaw(Origin::ready());
    let tags = world.disown_the_cluster();
    let lie = Lie::about_aws(move |ports| {
        let tags: Tags = tags.clone();
        let liar = Liar::<DbCluster>::of(&ports.db_cluster);
        ports.db_cluster = Arc::new(liar.seeing(move |cluster| cluster.tags = tags.clone()));
    });
    world.start();
    world.drift();
    assert_says(&format!("{:?}", violations(&world).await), "\"\"");
    world.kill().await;
    world.lie = lie;
    world.start();
    let told = violations(&world).await;
    assert!(
        told.contains("it is not ours"),
        "{told:?}\n{}",
        world.state()
    );
}

/// It writes into the user's spec.
#[tokio::test(start_paused = true)]
async fn invariant_4_the_spec_is_written() {
    let lie = Lie::about_kubernetes(|client| {
        bent_requests(client, |sent| {
            if sent.path.ends_with("/emrinstances/riverside") && sent.body.is_object() {
                sent.body["spec"]["scaling"]["maxReplicas"] = 50.into();
            }
        })
    });
    let mut world = World::new().await.lying(&lie);
    world.start();
    assert_says(
        &violations(&world).await,
        "specs changed 1 times, of which users did 0",
    );
}

/// It sees drift that is not there.
#[tokio::test(start_paused = true)]
async fn invariant_5_it_never_rests() {
    let lie = Lie::about_aws(|ports| {
        let liar = Liar::<DbCluster>::of(&ports.db_cluster);
        ports.db_cluster = Arc::new(liar.seeing(|cluster| {
            cluster.settings.backup_retention_days = 1;
        }));
    });
    let mut world = World::thaw(Origin::ready()).lying(&lie);
    world.start();
    let told = world.until_quiet().await.unwrap_err();
    assert_says(&told, "it never comes to rest");
}

/// It never tries again what failed once.
#[tokio::test(start_paused = true)]
async fn invariant_6_an_error_is_not_retried() {
    let lie = Lie::about_aws(|ports| {
        let liar = Liar::<DbCluster>::of(&ports.db_cluster).giving_up();
        ports.db_cluster = Arc::new(liar);
    });
    let mut world = World::new().await.lying(&lie);
    world.troubles.arm(
        &Point {
            request: Request::Call("CreateDBCluster"),
            nth: 1,
        },
        Trouble::Aws(Fault::Refuse(ErrorKind::Transient)),
    );
    world.start();
    let told = world.try_ready().await.unwrap_err();
    assert_says(&told, "it never came to be that the instance is Ready");
}

/// An error's text holds a password.
#[tokio::test(start_paused = true)]
async fn invariant_7_a_secret_leaves_its_secret() {
    let password = Arc::new(Mutex::new(String::new()));
    let told = Arc::clone(&password);
    let lie = Lie::about_aws(move |ports| {
        let told = Arc::clone(&told);
        let liar = Liar::<DbCluster>::of(&ports.db_cluster).failing(move |_| {
            let text = format!("can't log in with {}", told.lock().unwrap());
            CloudError::new(ErrorKind::Invalid, "CreateDBCluster", text)
        });
        ports.db_cluster = Arc::new(liar);
    });
    let mut world = World::new().await.lying(&lie);
    let secrets = Point {
        request: Request::Call("CreateDBCluster"),
        nth: 1,
    };
    let refused = Trouble::Aws(Fault::Refuse(ErrorKind::Invalid));
    world.troubles.arm(&secrets, refused);
    world.start();
    let made = || async {
        let passwords = world.look(|room| room.passwords());
        passwords.last().cloned().is_some_and(|found| {
            *password.lock().unwrap() = found;
            true
        })
    };
    while !made().await {
        sleep(Duration::from_millis(10)).await;
    }
    assert_says(&violations(&world).await, "holds a password");
}

/// The policy lacks an action that is used.
#[tokio::test(start_paused = true)]
async fn invariant_8_a_call_is_not_in_the_table() {
    let mut world = World::new().await;
    world.start();
    world.until_ready().await;
    let calls = world.aws.mutations();
    let table = Table::shipped().without("rds:CreateDBCluster");
    let told = judge::beyond(&calls, &table).join("\n");
    assert_says(&told, "rds:CreateDBCluster is not permitted");
}

/// It reports on a generation that it has not seen.
#[tokio::test(start_paused = true)]
async fn invariant_9_a_status_is_ahead() {
    let lie = Lie::about_kubernetes(|client| {
        bent_requests(client, |sent| {
            if sent.path.ends_with("/emrinstances/riverside/status") {
                sent.body["status"]["observedGeneration"] = 9.into();
            }
        })
    });
    let mut world = World::new().await.lying(&lie);
    world.start();
    assert_says(&violations(&world).await, "observed generation 9 of 1");
}

/// A status grows without bound.
#[tokio::test(start_paused = true)]
async fn invariant_10_a_message_has_no_bound() {
    let lie = Lie::about_aws(|ports| {
        let liar = Liar::<DbCluster>::of(&ports.db_cluster).failing(|mut error| {
            error.message = "no ".repeat(10_000);
            error
        });
        ports.db_cluster = Arc::new(liar);
    });
    let mut world = World::new().await.lying(&lie);
    let creation = Point {
        request: Request::Call("CreateDBCluster"),
        nth: 1,
    };
    let refused = Trouble::Aws(Fault::Refuse(ErrorKind::Invalid));
    world.troubles.arm(&creation, refused);
    world.start();
    assert_says(&violations(&world).await, "characters long");
}
