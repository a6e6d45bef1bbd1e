//! What a set holds, to the last byte: a real `MariaDB` and real files are taken, spoilt, lost and brought
//! back by the operator and the scripts of its Jobs.
//!
//! The control plane is real, and so are the pods' scripts, which a kubelet of the test's own runs as
//! processes. AWS is the stand-in with contents: its snapshots and recovery points are copies on disk.
//! Played are the image's own script and the cache.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    reason = "a test fails by panicking, and leaves to others a part of what it brings"
)]

#[path = "contents/databases.rs"]
mod databases;
#[path = "contents/hospital.rs"]
mod hospital;
#[path = "contents/kubelet.rs"]
mod kubelet;
#[path = "contents/life.rs"]
mod life;
#[path = "contents/mariadb.rs"]
mod mariadb;
#[path = "contents/nudged.rs"]
mod nudged;
#[path = "contents/pod.rs"]
mod pod;
#[path = "contents/volumes.rs"]
mod volumes;

use std::fs;

use emr_api::{
    EmrBackup, EmrDrill, EmrInstance, EmrRestore,
    emr_backup::{BackupPhase, Set},
    emr_drill::{DrillPhase, EmrDrillStatus},
    emr_instance::DatabaseUser,
    emr_restore::RestorePhase,
    labels,
};
use kube::api::{Patch, PatchParams};
use serde_json::json;

use hospital::{Hospital, LOOK};
use mariadb::MariaDb;
use nudged::Nudged;

const SECRET: &str = "HIV test: negative";
/// The password that the files hold.
const PASSWORD: &str = ". ./sql.sh; of pass";
/// Whether the database opens.
const KNOCK: &str = "\n. ./sql.sh; echo 'SELECT 1' | sql";

/// The lines that two looks don't share.
fn difference<'a>(one: &'a str, other: &'a str) -> Vec<&'a str> {
    let only = |these: &'a str, those: &'a str| {
        these
            .lines()
            .filter(move |line| !those.lines().any(|of| of == *line))
    };
    only(one, other).chain(only(other, one)).collect()
}

/// A set of `riverside`, taken while nothing runs.
async fn take(hospital: &Hospital) -> Set {
    let spec = json!({"instanceRef": {"name": "riverside"}, "consistency": "Quiesced"});
    hospital.apply("EmrBackup", "nightly", &spec).await;
    let phase = |of: &EmrBackup| of.status.as_ref().map(|of| of.phase);
    let complete = |of: &EmrBackup| phase(of) == Some(BackupPhase::Complete);
    let backup: EmrBackup = hospital.until("nightly", "complete", complete).await;
    hospital.ready("riverside").await;
    let set = backup.status.and_then(|status| status.set);
    set.expect("a complete backup tells its set")
}

/// `riverside` signs in to its database as another user from now on, and the former one can't.
async fn another_user(hospital: &Hospital) {
    let login = ". ./sql.sh; of login; of pass";
    let former = hospital.run("riverside", login).await.unwrap();
    let (name, password) = former.trim().split_once('\n').unwrap();
    assert_eq!(name, "openemr_a");
    let ask = json!({"metadata": {"annotations": {labels::ROTATE_DATABASE_USER: "spring"}}});
    let instances = hospital.clinic.api::<EmrInstance>();
    let (params, ask) = (PatchParams::default(), Patch::Merge(&ask));
    instances.patch("riverside", &params, &ask).await.unwrap();
    let rotated = |of: &EmrInstance| {
        let users = of.status.as_ref().and_then(|of| of.database_users.clone());
        users.is_some_and(|of| of.rotation.is_none() && of.active == DatabaseUser::B)
    };
    hospital.until("riverside", "another user's", rotated).await;
    hospital.ready("riverside").await;
    let now = hospital.run("riverside", login).await.unwrap();
    assert!(now.starts_with("openemr_b\n"), "{now}");
    assert_eq!(hospital.run("riverside", KNOCK).await, Ok("1\n".to_owned()));
    let as_before = format!(
        ". ./sql.sh\nMYSQL_PWD={password} mariadb --host=\"$(of host)\" --port=\"$(of port)\" \
         --user={name} --ssl-ca=/root/certs/mysql/server/mysql-ca --execute='SELECT 1'"
    );
    let denied = hospital.run("riverside", &as_before).await;
    assert!(denied.is_err_and(|said| said.contains("denied")));
}

/// `riverside` put back to its set, in place.
async fn put_back(hospital: &Hospital) {
    let spec = json!({
        "instanceRef": {"name": "riverside"}, "from": {"backup": "nightly"},
        "safetySet": "Skip", "release": "Automatic",
    });
    hospital.apply("EmrRestore", "back", &spec).await;
    let nudged = Nudged::often(hospital.clinic.api::<EmrRestore>(), "back");
    let phase = |of: &EmrRestore| of.status.as_ref().map(|of| of.phase);
    let complete = |of: &EmrRestore| phase(of) == Some(RestorePhase::Complete);
    hospital.until("back", "complete", complete).await;
    drop(nudged);
    hospital.ready("riverside").await;
}

/// A drill with the set, and what it says when it is over.
async fn drill(hospital: &Hospital, name: &'static str) -> EmrDrillStatus {
    let spec = json!({"instanceRef": {"name": "riverside"}});
    hospital.apply("EmrDrill", name, &spec).await;
    let nudged = Nudged::often(hospital.clinic.api::<EmrDrill>(), name);
    let over = |of: &EmrDrill| of.status.as_ref().is_some_and(|of| of.phase.is_over());
    let drill: EmrDrill = hospital.until(name, "over", over).await;
    drop(nudged);
    drill.status.unwrap_or_default()
}

/// One bit of a document that the set holds is another.
fn flip(hospital: &Hospital, set: &Set) {
    let (_, point) = set
        .files
        .recovery_point_arn
        .as_ref()
        .unwrap()
        .rsplit_once(':')
        .unwrap();
    let document = "sites/default/documents/1/scan.pdf";
    let path = hospital
        .contents()
        .join("points")
        .join(point)
        .join(document);
    let mut bytes = fs::read(&path).unwrap();
    bytes[1000] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn everything_is_lost_and_comes_back_to_the_last_byte() {
    let Some(mariadb) = MariaDb::find() else {
        return;
    };
    let hospital = Hospital::open(mariadb).await;
    hospital.install("riverside", &json!({})).await;
    hospital.ready("riverside").await;
    another_user(&hospital).await;
    let before = hospital.look("riverside").await;
    assert!(before.contains(SECRET), "{before}");
    // The image prints a password; the operator's script keeps it.
    let logs = hospital.logs("riverside-openemr-install");
    assert!(logs.contains("password of the application: ***"), "{logs}");
    let set = take(&hospital).await;
    assert_eq!(hospital.look("riverside").await, before);

    // Wrong records: the instance is put back, in place.
    let password = hospital.run("riverside", PASSWORD).await.unwrap();
    hospital.run("riverside", ". ./spoil.sh").await.unwrap();
    let (Ok(spoilt) | Err(spoilt)) = hospital.run("riverside", LOOK).await;
    assert!(difference(&before, &spoilt).len() > 5, "{spoilt}");
    assert!(!spoilt.contains(SECRET), "another key opens it");
    put_back(&hospital).await;
    assert_eq!(hospital.look("riverside").await, before);

    // A drill proves the set, and finds the one bit that is not as it was stored.
    let passed = drill(&hospital, "first").await;
    assert_eq!(passed.phase, DrillPhase::Passed, "{:?}", passed.failure);
    let checked = passed.checked.unwrap();
    assert_eq!(checked, "7 tables, 5014 rows; 2 keys; 2 of 2 documents");
    flip(&hospital, &set);
    let failed = drill(&hospital, "second").await;
    assert_eq!(failed.phase, DrillPhase::Failed);
    let why = failed.failure.unwrap();
    assert!(why.contains("document 1 is not what was stored"), "{why}");
    flip(&hospital, &set);

    // The cluster with everything in it, the database and the files are lost. AWS holds the set.
    let hospital = hospital.lost().await;
    let from = json!({"restoreFrom": {"snapshotArn": set.database.snapshot_arn}});
    hospital.install("again", &from).await;
    hospital.fenced("again").await;
    assert_eq!(hospital.look("again").await, before);
    let with_the_old = format!("PASSWORD={password}{KNOCK}");
    let denied = hospital.run("again", &with_the_old).await;
    assert!(denied.is_err_and(|said| said.contains("Access denied")));
    assert_eq!(hospital.run("again", KNOCK).await, Ok("1\n".to_owned()));

    // A look that can't fail would prove nothing: one bit of one file is another.
    let scan = "sites/default/documents/1/scan.pdf";
    hospital
        .run("again", &format!("printf x >>{scan}"))
        .await
        .unwrap();
    let after = hospital.look("again").await;
    let lines = difference(&before, &after);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines.iter().all(|line| line.ends_with("/1/scan.pdf")),
        "{lines:?}"
    );
}
