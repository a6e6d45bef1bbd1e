//! A clinic's database and files on a real `MariaDB`, without a cluster: what Jobs look at and change.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    thread::sleep,
    time::Duration,
};

use tempfile::TempDir;

use crate::{
    mariadb::{MariaDb, Server, Tls},
    pod::{OPENEMR, Root},
};

/// As `sql.sh` has it, for the clinic's only user.
pub(crate) const SQL: &str = "MYSQL_PWD=$MYSQL_PASS mariadb --host=$MYSQL_HOST --port=$MYSQL_PORT --user=$MYSQL_USER \
                   --ssl-ca=/root/certs/mysql/server/mysql-ca --ssl-verify-server-cert";

/// A clinic, whole.
pub(crate) struct Clinic {
    mariadb: MariaDb,
    server: Option<Server>,
    tls: Tls,
    pub(crate) root: Root,
    port: u16,
    state: TempDir,
}

impl Clinic {
    pub(crate) async fn open() -> Option<Self> {
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

    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.at("pod").join(OPENEMR).join("sites").join(path)
    }

    /// A log of the server, where one is kept.
    pub(crate) fn log(&self, name: &str) -> String {
        let bytes = fs::read(self.at("data").join(name)).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn start(&mut self) {
        let (data, own) = (self.at("data"), self.at("server"));
        let mut server = self.mariadb.start(&data, &own, self.port, &self.tls);
        server.set_master("emradmin", "master").unwrap();
        self.server = Some(server);
    }

    /// Exit code, and everything that it said.
    pub(crate) async fn run(&self, script: &str) -> (i32, String) {
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

    pub(crate) async fn sql(&self, statements: &str, database: &str) {
        let script = format!("{SQL} {database} <<'EOF'\n{statements}\nEOF\n");
        let (code, said) = self.run(&script).await;
        assert_eq!(code, 0, "{said}");
    }

    /// The table's file, changed while no server runs.
    pub(crate) async fn damage(&mut self, table: &str) {
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

/// One bit of a file, changed.
pub(crate) fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}
