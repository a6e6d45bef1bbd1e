//! A drill's check on a real `MariaDB` and real files: it passes what is whole, and finds each corruption
//! that is planted, by its name.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "contents/mariadb.rs"]
mod mariadb;
#[path = "contents/pod.rs"]
mod pod;

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
};

use mariadb::{MariaDb, Server};
use pod::{Pod, SITES};
use tempfile::TempDir;

const CHECK: &str = include_str!("../../../crates/model/src/openemr/scripts/check.sh");
const CLINIC: &str = include_str!("drill/clinic.sh");
const DOCUMENTS: &str = "default/documents";
const KEYS: &str = "default/documents/logs_and_misc/methods";

/// A clinic, whole.
struct Clinic {
    mariadb: MariaDb,
    server: Option<Server>,
    pod: Pod,
    port: String,
    state: TempDir,
}

impl Clinic {
    fn open() -> Option<Self> {
        let mariadb = MariaDb::find()?;
        let state = tempfile::tempdir().unwrap();
        let at = |path: &str| state.path().join(path);
        fs::create_dir_all(at("database")).unwrap();
        mariadb.install(&at("database/data"));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        drop(listener);
        let server = mariadb.start(&at("database/data"), port.parse().unwrap(), "master");
        let pod = Pod::new(&at("pod"), &mariadb.client(), &server.certificate);
        let environment = [
            ("MYSQL_HOST", "127.0.0.1"),
            ("MYSQL_PORT", &port),
            ("MYSQL_PASS", "master"),
        ];
        let (code, said) = pod.run(CLINIC, &environment);
        assert_eq!(code, 0, "{said}");
        Some(Self {
            server: Some(server),
            mariadb,
            pod,
            port,
            state,
        })
    }

    fn check(&self) -> (i32, String) {
        self.pod.run(CHECK, &[])
    }

    /// Exit code, and what is told of it.
    fn finds(&self, code: i32, told: &str) {
        let (found, said) = self.check();
        assert_eq!(found, code, "{said}");
        assert!(said.contains(told), "{said}");
        assert!(!said.contains("Zoë"), "no patient is named: {said}");
        let log = self.pod.read("dev/termination-log");
        assert!(log.contains(told), "{log}");
    }

    fn sql(&self, statements: &str) {
        let script = format!(
            "MYSQL_PWD=master mariadb --host=127.0.0.1 --port={} --user=emradmin \
             --ssl-ca=/root/certs/mysql/server/mysql-ca --ssl-verify-server-cert openemr <<'SQL'\n\
             {statements}\nSQL\n",
            self.port
        );
        let (code, said) = self.pod.run(&script, &[]);
        assert_eq!(code, 0, "{said}");
    }

    fn file(&self, path: &str) -> PathBuf {
        self.pod.root.join(SITES).join(path)
    }

    /// The table's file, changed while no server runs.
    fn damage(&mut self, table: &str) {
        self.server = None;
        let data = self.state.path().join("database/data");
        let path = data.join(format!("openemr/{table}.ibd"));
        // Within the pages that hold rows; the first ones are the tablespace's own.
        flip(&path, 5 * 16384 + 300);
        let port = self.port.parse().unwrap();
        self.server = Some(self.mariadb.start(&data, port, "master"));
        // The certificate is the new server's.
        let certificate = &self.server.as_ref().unwrap().certificate;
        let trusted = fs::read_to_string(certificate).unwrap();
        self.pod.write("root/certs/mysql/server/mysql-ca", &trusted);
    }
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn what_is_whole_passes_and_each_planted_corruption_is_found() {
    let Some(clinic) = Clinic::open() else {
        return;
    };
    let whole = "5 tables, 5008 rows; 2 keys; 2 of 2 documents";
    clinic.finds(0, whole);

    let scan = clinic.file(&format!("{DOCUMENTS}/1/scan.pdf"));
    flip(&scan, 150_000);
    clinic.finds(63, "document 1 is not what was stored");
    flip(&scan, 150_000);

    let letter = clinic.file(&format!("{DOCUMENTS}/1/letter.pdf"));
    flip(&letter, 1000);
    clinic.finds(63, "document 2 does not open");
    flip(&letter, 1000);
    clinic.finds(0, whole);

    let aside = clinic.file("aside");
    fs::rename(&letter, &aside).unwrap();
    clinic.finds(63, "document 2 is missing");
    fs::rename(&aside, &letter).unwrap();

    // A key of another set, on either side.
    let key = clinic.file(&format!("{KEYS}/sixa"));
    let was = fs::read(&key).unwrap();
    flip(&key, 40);
    clinic.finds(64, "key sixa on the drive does not open");
    fs::write(&key, was).unwrap();
    clinic.sql("UPDATE `keys` SET value = TO_BASE64(RANDOM_BYTES(32)) WHERE name = 'sixb'; ");
    clinic.finds(64, "does not open with the keys in the database");
}

#[test]
fn a_damaged_database_is_found() {
    let Some(mut clinic) = Clinic::open() else {
        return;
    };
    clinic.sql("UPDATE users SET active = 0");
    clinic.finds(61, "no active user has a password");
    clinic.sql("UPDATE users SET active = 1");
    clinic.finds(0, "5 tables");
    clinic.damage("patient_data");
    clinic.finds(61, "patient_data");
}
