//! A drill's check on a real `MariaDB` and real files: it passes what is whole, and finds each corruption
//! that is planted, by its name.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    reason = "a test fails by panicking, and uses a part of what contents bring"
)]

#[path = "contents/mariadb.rs"]
mod mariadb;
#[path = "contents/pod.rs"]
mod pod;

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    thread::sleep,
    time::Duration,
};

use mariadb::{MariaDb, Server, Tls};
use pod::{OPENEMR, Root};
use tempfile::TempDir;

const CHECK: &str = concat!(
    include_str!("../../../crates/model/src/openemr/scripts/keys.sh"),
    include_str!("../../../crates/model/src/openemr/scripts/check.sh")
);
const DOCUMENTS: &str = "default/documents";
const KEYS: &str = "default/documents/logs_and_misc/methods";
/// As `sql.sh` has it, for the clinic's only user.
const SQL: &str = "MYSQL_PWD=$MYSQL_PASS mariadb --host=$MYSQL_HOST --port=$MYSQL_PORT --user=$MYSQL_USER \
                   --ssl-ca=/root/certs/mysql/server/mysql-ca --ssl-verify-server-cert";

/// A clinic, whole.
struct Clinic {
    mariadb: MariaDb,
    server: Option<Server>,
    tls: Tls,
    root: Root,
    port: u16,
    state: TempDir,
}

impl Clinic {
    async fn open() -> Option<Self> {
        let mariadb = MariaDb::find()?;
        let state = tempfile::tempdir().unwrap();
        let at = |path: &str| state.path().join(path);
        mariadb.install(&at("data"));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        fs::write(at("hosts"), format!("database 3306 {port}\n")).unwrap();
        let tls = Tls::make(state.path());
        let root = Root::new(&at("pod"), &mariadb.client(&at("hosts")));
        let trusted = fs::read_to_string(&tls.certificate).unwrap();
        for ca in ["mysql/server/mysql-ca", "redis/redis-ca"] {
            root.mount_file(&format!("/root/certs/{ca}"), &trusted);
        }
        let mut clinic = Self {
            server: None,
            mariadb,
            tls,
            root,
            port,
            state,
        };
        clinic.start();
        clinic.sql("CREATE DATABASE openemr", "").await;
        let (code, said) = clinic.run("sh openemr.sh").await;
        assert_eq!(code, 0, "{said}");
        Some(clinic)
    }

    fn at(&self, path: &str) -> PathBuf {
        self.state.path().join(path)
    }

    fn file(&self, path: &str) -> PathBuf {
        self.at("pod").join(OPENEMR).join("sites").join(path)
    }

    fn start(&mut self) {
        let (data, own) = (self.at("data"), self.at("server"));
        let mut server = self.mariadb.start(&data, &own, self.port, &self.tls);
        server.set_master("emradmin", "master").unwrap();
        self.server = Some(server);
    }

    /// Exit code, and everything that it said.
    async fn run(&self, script: &str) -> (i32, String) {
        let shell = ["sh", "-c", script].map(str::to_owned);
        let mut command = self.root.command(&shell);
        command.envs([
            ("K8S", "admin"),
            ("MYSQL_HOST", "database"),
            ("MYSQL_PORT", "3306"),
            ("MYSQL_DATABASE", "openemr"),
            ("MYSQL_USER", "emradmin"),
            ("MYSQL_PASS", "master"),
        ]);
        let output = command.output().await.unwrap();
        let said = [output.stdout, output.stderr].concat();
        let code = output.status.code().unwrap();
        (code, String::from_utf8_lossy(&said).into_owned())
    }

    async fn sql(&self, statements: &str, database: &str) {
        let script = format!("{SQL} {database} <<'EOF'\n{statements}\nEOF\n");
        let (code, said) = self.run(&script).await;
        assert_eq!(code, 0, "{said}");
    }

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

    /// The table's file, changed while no server runs.
    async fn damage(&mut self, table: &str) {
        self.sql("SHUTDOWN", "").await;
        let alive = self.at("server/pid");
        while alive.exists() {
            sleep(Duration::from_millis(50));
        }
        self.server = None;
        // Within the pages that hold rows; the first ones are the tablespace's own.
        flip(
            &self.at("data/openemr").join(format!("{table}.ibd")),
            5 * 16384 + 300,
        );
        self.start();
    }
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn what_is_whole_passes_and_each_planted_corruption_is_found() {
    let Some(clinic) = Clinic::open().await else {
        return;
    };
    let whole = "6 tables, 5009 rows; 2 keys; 2 of 2 documents";
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
    clinic.finds(0, "6 tables").await;
    clinic.damage("patient_data").await;
    clinic.finds(61, "patient_data").await;
}
