//! The upgrade Job's script on a real `MariaDB` that refuses connections without TLS, around stand-ins for what
//! the image's own script does: it touches nothing that it doesn't understand, and believes nobody's word but
//! the database's.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    reason = "a test fails by panicking, and uses a part of what contents bring"
)]

#[path = "contents/clinic.rs"]
mod clinic;
#[path = "contents/mariadb.rs"]
mod mariadb;
#[path = "contents/pod.rs"]
mod pod;

use clinic::Clinic;
use pod::OPENEMR;

const UPGRADE: &str = include_str!("../../../crates/model/src/openemr/scripts/upgrade.sh");
const START: &str = include_str!("../../../crates/model/src/openemr/scripts/start.sh");
/// A database of the release before.
const BEFORE: &str = "
    CREATE OR REPLACE TABLE version (v_major int(11) NOT NULL, v_database int(11) NOT NULL);
    INSERT INTO version VALUES (8, 510)";
/// What the image does where its statements go through.
const GOES_WELL: &str = "sh -c \"$SQL -e 'UPDATE version SET v_database = 523' openemr\" || exit 1";
/// The level that it notes in the end.
const NOTES: &str = "printf 15 > sites/default/docker-version";

impl Clinic {
    /// With data of a level, and an image whose script does this.
    async fn with(&self, level: &str, does: &[&str]) {
        self.sql(BEFORE, "openemr").await;
        let root = &self.root;
        let openemr = |path: &str| format!("/{OPENEMR}/{path}");
        root.mount_file(&openemr("sites/default/docker-version"), level);
        root.mount_file(&openemr("docker-version"), "15\n");
        root.mount_file("/root/docker-version", "15\n");
        root.mount_file(
            &openemr("version.php"),
            "<?php\n$v_minor = '4';\n$v_database = 523;\n",
        );
        root.mount_file("/opt/emr-operator/start.sh", START);
        root.mount_file("/opt/emr-operator/upgrade.sh", UPGRADE);
        let sql = root.rewritten(clinic::SQL);
        let does = does.join("\n");
        let image = format!("#!/bin/sh\nSQL='{sql}'\ntouch ran\n{does}\n");
        root.program(&openemr("openemr.sh"), &image);
        let _ = std::fs::remove_file(self.file("../ran"));
    }

    /// Runs the script, and says what it told.
    async fn upgrade(&self) -> (i32, String) {
        let (code, said) = self.run("sh /opt/emr-operator/upgrade.sh").await;
        let told = self.root.last_words().trim().to_owned();
        assert!(!told.is_empty(), "{said}");
        (code, told)
    }

    fn image_ran(&self) -> bool {
        self.file("../ran").exists()
    }
}

#[tokio::test]
async fn the_data_is_brought_to_the_images_level_and_the_database_is_asked() {
    let Some(clinic) = Clinic::open().await else {
        return;
    };
    let strict = "SET GLOBAL require_secure_transport = ON";
    clinic.sql(strict, "").await;

    clinic.with("12\n", &[GOES_WELL, NOTES]).await;
    let told = "level 12 to 15 of 15: the database is at 523";
    assert_eq!(clinic.upgrade().await, (0, told.into()));

    // Releases that go on when a statement fails note the level all the same.
    clinic.with("12", &[NOTES]).await;
    let (code, told) = clinic.upgrade().await;
    assert_eq!(code, 83, "{told}");
    assert!(
        told.contains("the database is at 510, the release asks for 523"),
        "{told}"
    );

    // One that ends in between.
    clinic.with("12", &["exit 3"]).await;
    let (code, told) = clinic.upgrade().await;
    assert_eq!(code, 84, "{told}");
    assert!(
        told.contains("ended with code 3; the data is of level 12"),
        "{told}"
    );

    // One that does nothing.
    clinic.with("12", &[]).await;
    let (code, told) = clinic.upgrade().await;
    assert_eq!(code, 83, "{told}");
    assert!(
        told.contains("went from level 12 to 12, the image's is 15"),
        "{told}"
    );
}

#[tokio::test]
async fn what_is_not_understood_is_not_touched() {
    let Some(clinic) = Clinic::open().await else {
        return;
    };
    let cases = [
        ("", 81, "tells no level"),
        ("16", 82, "is of level 16 and the image of 15"),
    ];
    for (level, expected, sentence) in cases {
        clinic.with(level, &[GOES_WELL, NOTES]).await;
        let (code, told) = clinic.upgrade().await;
        assert_eq!(code, expected, "{told}");
        assert!(
            told.contains(sentence) && told.contains("nothing was changed"),
            "{told}"
        );
        assert!(!clinic.image_ran(), "{level}");
    }
    // An image of two minds.
    clinic.with("12", &[GOES_WELL, NOTES]).await;
    clinic.root.mount_file("/root/docker-version", "14");
    let (code, told) = clinic.upgrade().await;
    assert_eq!(code, 82, "{told}");
    assert!(!clinic.image_ran());
}
