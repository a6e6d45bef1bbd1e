//! A drill's check on a real `MariaDB` and real files: it passes what is whole, and finds each corruption
//! that is planted, by its name.

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

use std::fs;

use clinic::{Clinic, flip};

const CHECK: &str = concat!(
    include_str!("../../../crates/model/src/openemr/scripts/keys.sh"),
    include_str!("../../../crates/model/src/openemr/scripts/check.sh")
);
const DOCUMENTS: &str = "default/documents";
const KEYS: &str = "default/documents/logs_and_misc/methods";

impl Clinic {
    /// Exit code, and what is told of it.
    async fn finds(&self, code: i32, told: &str) {
        self.root.mount_file("/opt/check.sh", CHECK);
        let (found, said) = self.run("sh /opt/check.sh").await;
        assert_eq!(found, code, "{said}");
        assert!(said.contains(told), "{said}");
        assert!(!said.contains("Zoë"), "no patient is named: {said}");
        let words = self.root.last_words();
        assert!(words.contains(told), "{words}");
    }
}

#[tokio::test]
async fn what_is_whole_passes_and_each_planted_corruption_is_found() {
    let Some(clinic) = Clinic::open().await else {
        return;
    };
    let whole = "7 tables, 5009 rows; 2 keys; 2 of 2 documents";
    clinic.finds(0, whole).await;

    let scan = clinic.file(&format!("{DOCUMENTS}/1/scan.pdf"));
    flip(&scan, 150_000);
    clinic.finds(63, "document 1 is not what was stored").await;
    flip(&scan, 150_000);

    let letter = clinic.file(&format!("{DOCUMENTS}/1/letter.pdf"));
    flip(&letter, 1000);
    clinic.finds(63, "document 2 does not open").await;
    flip(&letter, 1000);
    clinic.finds(0, whole).await;

    let aside = clinic.file("aside");
    fs::rename(&letter, &aside).unwrap();
    clinic.finds(63, "document 2 is missing").await;
    fs::rename(&aside, &letter).unwrap();

    // A key of another set, on either side.
    let key = clinic.file(&format!("{KEYS}/sixa"));
    let was = fs::read(&key).unwrap();
    flip(&key, 40);
    clinic
        .finds(64, "key sixa on the drive does not open")
        .await;
    fs::write(&key, was).unwrap();
    let other = "UPDATE `keys` SET value = TO_BASE64(RANDOM_BYTES(32)) WHERE name = 'sixb'";
    clinic.sql(other, "openemr").await;
    clinic
        .finds(64, "does not open with the keys in the database")
        .await;
}

#[tokio::test]
async fn a_damaged_database_is_found() {
    let Some(mut clinic) = Clinic::open().await else {
        return;
    };
    clinic.sql("UPDATE users SET active = 0", "openemr").await;
    clinic.finds(61, "no active user has a password").await;
    clinic.sql("UPDATE users SET active = 1", "openemr").await;
    clinic.finds(0, "7 tables").await;
    clinic.damage("patient_data").await;
    clinic.finds(61, "patient_data").await;
}
