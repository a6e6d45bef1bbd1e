//! How a history is lived, and what must be so once it is over.

use std::{
    collections::BTreeMap,
    sync::{LazyLock, Mutex},
    time::Duration,
};

use emr_runtime::memory::Mutation;
use k8s_openapi::api::{apps::v1::Deployment, core::v1::Secret};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams},
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until};

use super::deeds::{Deed, Drift, Edit};
use crate::{
    lies::Lie,
    same::End,
    world::{NAMESPACE, Origin, World},
};

/// How long a process takes to be started again.
const RESTART: Duration = Duration::from_secs(5);
/// By then everything that is only looked at now and then was looked at.
const ROUNDS: Duration = Duration::from_mins(15);
/// By then a parameter group that nobody uses any more is gone: two looks of a platform later.
const TIDIED: Duration = Duration::from_hours(3);
/// A history may cause no more mutating calls than this, far fewer than one that goes in circles.
const MOST_CALLS: usize = 400;

/// What must be so in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Stands,
    Lost,
    Deleted,
}

/// Lives a history from a stack that is Ready.
pub(super) async fn live(history: &[Deed], seed: u64, lie: &Lie) -> Result<(), String> {
    // A restore and a drill need a set, and leave something: stores of other names, a word on what is
    // proven.
    let put_back = history.contains(&Deed::PutBack);
    let with_a_set = put_back || history.contains(&Deed::Drill);
    let origin = if with_a_set {
        Origin::backed_up()
    } else {
        Origin::ready()
    };
    let mut world = World::thaw(origin).lying(lie);
    world.seed = seed;
    world.start();
    let mut edits = BTreeMap::new();
    let mut fate = Fate::Stands;
    let mut began = false;
    for deed in history {
        match deed {
            Deed::LoseCluster if with_a_set => continue,
            Deed::PutBack if began || fate == Fate::Deleted => continue,
            Deed::PutBack => began = true,
            Deed::LoseCluster if fate == Fate::Stands && world.holds_a_cluster() => {
                fate = Fate::Lost;
            }
            Deed::Delete if fate == Fate::Stands => fate = Fate::Deleted,
            Deed::LoseCluster | Deed::Delete => continue,
            Deed::Edit(edit) => {
                edits.insert(edit.field(), *edit);
            }
            _ => {}
        }
        perform(&mut world, deed, fate).await;
    }
    let ended = end(&mut world, fate).await;
    world.judge.verdict(&world)?;
    ended?;
    let edits: Vec<Edit> = edits.into_values().collect();
    tidied(&edits).await;
    if fate == Fate::Stands && !with_a_set {
        expected(&edits)?.compare(&End::of(&world))?;
    }
    rests(&world).await?;
    world.judge.verdict(&world)?;
    let calls = world.aws.writes();
    if calls > MOST_CALLS {
        return Err(format!("it took {calls} mutating calls"));
    }
    Ok(())
}

async fn perform(world: &mut World, deed: &Deed, fate: Fate) {
    let deleted = fate == Fate::Deleted;
    match *deed {
        Deed::Delete => world.delete().await,
        Deed::LoseCluster => world.lose_the_cluster(),
        Deed::PutBack => world.put_back(&json!({"release": "Automatic"})).await,
        Deed::Drill => {
            let name = format!("drill-{}", world.kube.writes());
            world.drill_as(&name, &json!({})).await;
        }
        Deed::BackUp(exact) => {
            let consistency = if exact { "Quiesced" } else { "Online" };
            let name = format!("set-{}", world.kube.writes());
            let spec = json!({"consistency": consistency, "deletionPolicy": "Delete"});
            world.back_up(&name, &spec).await;
        }
        // What a user edits while it goes changes nothing about how it goes; and it may be gone.
        Deed::Edit(_) | Deed::Pause(_) | Deed::Observe(_) | Deed::Drift(_) if deleted => {}
        Deed::Edit(edit) => world.edit(&edit.patch()).await,
        Deed::Pause(on) => {
            let value = on.then_some("true");
            let paused = json!({"metadata": {"annotations": {"emrstack.dev/paused": value}}});
            world.annotate(&paused).await;
        }
        Deed::Observe(on) => {
            let policy = if on { "Observe" } else { "Full" };
            world
                .edit(&json!({"spec": {"managementPolicy": policy}}))
                .await;
        }
        Deed::Drift(drift) => drift_by(world, drift).await,
        Deed::Trouble(kind, nth, trouble) => world.troubles.arm_next(kind, nth, trouble),
        Deed::Crash => {
            world.kill().await;
            sleep(RESTART).await;
            world.start();
        }
        Deed::BreakWatches => world.kube.break_watches(),
        Deed::ForgetHistory => world.kube.expire_watches(),
        Deed::Wait(seconds) => wait(world, Duration::from_secs(seconds.into())).await,
    }
    wait(world, Duration::from_secs(1)).await;
}

/// Waits, and starts the process anew when it crashed.
async fn wait(world: &mut World, time: Duration) {
    let end = Instant::now() + time;
    loop {
        tokio::select! {
            () = sleep_until(end) => return,
            () = world.crash() => {}
        }
        world.kill().await;
        sleep(RESTART).await;
        world.start();
    }
}

async fn drift_by(world: &World, drift: Drift) {
    match drift {
        Drift::Retention | Drift::Protection => world.look(|room| {
            for cluster in room.clusters() {
                room.tamper_cluster(&cluster, |settings| match drift {
                    Drift::Retention => settings.backup_retention_days = 3,
                    _ => settings.deletion_protection = false,
                });
            }
        }),
        Drift::MountTarget => world.look(|room| {
            for files in room.file_systems() {
                room.tamper_lose_mount_target(&files);
            }
        }),
        Drift::SecurityGroup => {
            world.look(|room| room.tamper_open("-database"));
        }
        Drift::BackupTag => {
            world.look(|room| room.tamper_untag("emrstack.dev/backup"));
        }
        Drift::Deployment => {
            let deployments = Api::<Deployment>::namespaced(world.client.clone(), NAMESPACE);
            delete_all(&deployments).await;
        }
        Drift::Secret => {
            let secrets = Api::<Secret>::namespaced(world.client.clone(), NAMESPACE);
            delete_all(&secrets).await;
        }
    }
}

async fn delete_all<K>(api: &Api<K>)
where
    K: kube::Resource<DynamicType = ()> + Clone + std::fmt::Debug + serde::de::DeserializeOwned,
{
    for object in api.list(&ListParams::default()).await.unwrap() {
        let name = object.name_any();
        api.delete(&name, &DeleteParams::default()).await.unwrap();
    }
}

/// All trouble is over, nothing is held, and time passes.
async fn end(world: &mut World, fate: Fate) -> Result<(), String> {
    world.troubles.disarm();
    wait(world, ROUNDS).await;
    if fate != Fate::Deleted {
        let free = json!({"metadata": {"annotations": {"emrstack.dev/paused": null}}});
        world.annotate(&free).await;
        world
            .edit(&json!({"spec": {"managementPolicy": "Full"}}))
            .await;
    }
    world.end_drills().await?;
    world.end_restores(fate == Fate::Stands).await?;
    drop_sets(world).await?;
    match fate {
        Fate::Stands => world.try_ready().await,
        Fate::Deleted => world.try_gone().await,
        Fate::Lost => world.try_loss().await,
    }
}

/// Every set goes, however far it came: nothing of it is left, and the application serves as before.
async fn drop_sets(world: &World) -> Result<(), String> {
    for backup in world.backups().list(&ListParams::default()).await.unwrap() {
        world.drop_backup(&backup.name_any()).await;
    }
    let none = || async {
        let all = world.backups().list(&ListParams::default()).await;
        all.unwrap().items.is_empty()
    };
    world.until("all sets are gone", none).await
}

/// What other parameters left behind goes.
async fn tidied(edits: &[Edit]) {
    if edits.iter().any(|edit| matches!(edit, Edit::Parameter(_))) {
        sleep(TIDIED).await;
    }
}

/// An hour passes, and nobody writes; but that recovery points come and go with sets may be told once.
async fn rests(world: &World) -> Result<(), String> {
    let writes = (world.aws.writes(), world.kube.writes());
    let before = End::of(world);
    sleep(Duration::from_hours(1)).await;
    let last = world.kube.mutations().split_off(writes.1);
    let told = |one: &Mutation| {
        one.plural == "emrinstances" && one.subresource.as_deref() == Some("status")
    };
    let alike = before.compare(&End::of(world)).is_ok();
    let rests = last.is_empty() || (last.len() == 1 && last.iter().all(told) && alike);
    if rests && writes.0 == world.aws.writes() {
        return Ok(());
    }
    Err(format!("it does not rest: {last:?}\n{}", world.state()))
}

/// How a stack ends that these edits alone were made to, all at once and without trouble.
fn expected(edits: &[Edit]) -> Result<End, String> {
    static KNOWN: LazyLock<Mutex<BTreeMap<Vec<Edit>, End>>> = LazyLock::new(Mutex::default);
    if let Some(end) = KNOWN.lock().unwrap().get(edits) {
        return Ok(end.clone());
    }
    let wanted = edits.to_vec();
    let life = std::thread::spawn(move || {
        crate::lives::run(async {
            let mut world = World::thaw(Origin::ready());
            world.start();
            world
                .edit(&json!({"spec": {"managementPolicy": "Full"}}))
                .await;
            for edit in &wanted {
                world.edit(&edit.patch()).await;
            }
            world.try_ready().await?;
            tidied(&wanted).await;
            Ok::<_, String>(End::of(&world))
        })
    });
    let end = life.join().unwrap()?;
    KNOWN.lock().unwrap().insert(edits.to_vec(), end.clone());
    Ok(end)
}

impl Edit {
    /// Which field it changes: of two edits of one field the later counts.
    const fn field(self) -> u8 {
        match self {
            Self::MaxAcu(_) => 0,
            Self::Readers(_) => 1,
            Self::Retention(_) => 2,
            Self::Parameter(_) => 3,
            Self::MinReplicas(_) => 4,
            Self::Networks(_) => 5,
            Self::CacheGb(_) => 6,
        }
    }

    fn patch(self) -> Value {
        let database = |value: Value| json!({"spec": {"database": {"managed": value}}});
        match self {
            Self::MaxAcu(most) => database(json!({"capacity": {"minAcu": 1, "maxAcu": most}})),
            Self::Readers(count) => database(json!({"readers": count})),
            Self::Retention(days) => database(json!({"backupRetentionDays": days})),
            Self::Parameter(which) => {
                let size = (which > 0).then(|| (u32::from(which) << 26).to_string());
                database(json!({"parameters": {"max_allowed_packet": size}}))
            }
            Self::MinReplicas(least) => json!({"spec": {"scaling": {"minReplicas": least}}}),
            Self::Networks(count) => {
                let networks = (0..count).map(|net| format!("198.51.{net}.0/24"));
                let networks: Vec<_> = networks.collect();
                json!({"spec": {"access": {"allowedCidrs": networks}}})
            }
            Self::CacheGb(most) => json!({"spec": {"cache": {"managed": {"maxDataGb": most}}}}),
        }
    }
}
