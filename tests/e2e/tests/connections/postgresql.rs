//! `PostgreSQL` as RDS serves it: TLS for everybody (`rds.force_ssl`), and a master user that is no superuser.
//!
//! Recorded with Debian's 15.18-0+deb12u1; what is installed is used, else the package is unpacked.

use std::{
    fs,
    net::SocketAddrV4,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::mariadb::{
    Tls,
    debian::{self, run},
};

const PACKAGES: [&str; 5] = [
    "postgresql-15",
    "postgresql-client-15",
    "libpq5",
    "libxml2",
    "libldap-2.5-0",
];
/// The server refuses to run as root. Debian's "nobody".
const NOBODY: u32 = 65534;
const PATIENCE: Duration = Duration::from_secs(30);

/// The programs.
pub(crate) struct PostgreSql {
    bin: PathBuf,
    libraries: PathBuf,
}

impl PostgreSql {
    /// Those of the machine, or unpacked ones.
    pub(crate) fn find() -> Option<Self> {
        let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
        let newest = installed
            .flatten()
            .map(|entry| entry.path().join("bin"))
            .filter(|bin| bin.join("postgres").exists() && bin.join("initdb").exists())
            .max();
        if let Some(bin) = newest {
            let libraries = PathBuf::new();
            return Some(Self { bin, libraries });
        }
        let proof = "usr/lib/postgresql/15/bin/postgres";
        let root = debian::unpacked("postgresql", &PACKAGES, proof)?;
        Some(Self {
            bin: root.join("usr/lib/postgresql/15/bin"),
            libraries: root.join("usr/lib/x86_64-linux-gnu"),
        })
    }

    /// A program, as somebody whom the server lets run.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]);
        if is_root() {
            let (user, group) = (format!("--reuid={NOBODY}"), format!("--regid={NOBODY}"));
            command.args([&user, &group, "--clear-groups"]);
        }
        command
            .arg(self.bin.join(program))
            .env("LD_LIBRARY_PATH", &self.libraries)
            .current_dir("/");
        command
    }

    /// A server in a new folder, with everything that it is told in its log.
    pub(crate) fn start(&self, folder: &Path, at: SocketAddrV4, tls: &Tls) -> Server {
        fs::create_dir_all(folder).unwrap();
        let own = |name: &str| folder.join(name);
        fs::copy(&tls.certificate, own("server.pem")).unwrap();
        fs::copy(&tls.key, own("server.key")).unwrap();
        fs::set_permissions(own("server.key"), fs::Permissions::from_mode(0o600)).unwrap();
        if is_root() {
            for path in [folder, &own("server.pem"), &own("server.key")] {
                chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        let mut make = self.command("initdb");
        make.arg("--pgdata").arg(own("data"));
        make.args(["--username=rdsadmin", "--auth=trust", "--encoding=UTF8"]);
        make.args(["--locale=C.UTF-8", "--no-sync"]);
        run(&mut make).unwrap();
        // By the socket the test itself; everybody else over TLS and with a password.
        let who = "local all rdsadmin trust\nhostssl all all 127.0.0.0/8 scram-sha-256\n";
        fs::write(own("data/pg_hba.conf"), who).unwrap();
        let mut server = self.command("postgres");
        let set = |server: &mut Command, name: &str, value: &str| {
            server.arg("-c").arg(format!("{name}={value}"));
        };
        server.arg("-D").arg(own("data"));
        set(&mut server, "listen_addresses", &at.ip().to_string());
        set(&mut server, "port", &at.port().to_string());
        let socket = folder.display().to_string();
        set(&mut server, "unix_socket_directories", &socket);
        set(&mut server, "ssl", "on");
        set(
            &mut server,
            "ssl_cert_file",
            &format!("{socket}/server.pem"),
        );
        set(&mut server, "ssl_key_file", &format!("{socket}/server.key"));
        set(&mut server, "log_statement", "all");
        set(&mut server, "fsync", "off");
        set(&mut server, "jit", "off");
        server.stderr(fs::File::create(own("log")).unwrap());
        let mut client = self.command("psql");
        client.arg("--host").arg(folder);
        client.args(["--username=rdsadmin", "--no-psqlrc", "--tuples-only"]);
        client.args(["--no-align", "--set=ON_ERROR_STOP=1"]);
        client.arg(format!("--port={}", at.port()));
        let server = Server {
            child: server.spawn().unwrap(),
            client,
            log: own("log"),
        };
        server.wait();
        server
    }
}

/// A server that ends with its value.
pub(crate) struct Server {
    child: Child,
    client: Command,
    log: PathBuf,
}

impl Server {
    fn wait(&self) {
        let since = Instant::now();
        while self.ask("postgres", "SELECT 1").is_err() {
            let log = || fs::read_to_string(&self.log).unwrap_or_default();
            assert!(since.elapsed() < PATIENCE, "no PostgreSQL: {}", log());
            sleep(Duration::from_millis(100));
        }
    }

    /// Runs statements past every user and network, and hands back what they answered.
    pub(crate) fn ask(&self, database: &str, sql: &str) -> Result<String, String> {
        self.ask_in_turn(database, &[sql])
    }

    fn ask_in_turn(&self, database: &str, statements: &[&str]) -> Result<String, String> {
        let mut client = Command::new(self.client.get_program());
        client.args(self.client.get_args());
        for (name, value) in self.client.get_envs() {
            client.env(name, value.unwrap());
        }
        client.args(["--dbname", database]);
        for sql in statements {
            client.args(["--command", sql]);
        }
        let output = client.current_dir("/").stdin(Stdio::null()).output();
        let output = output.unwrap();
        let said = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
        if output.status.success() {
            Ok(said(output.stdout))
        } else {
            Err(said(output.stderr))
        }
    }

    /// Makes a role that signs in, without its password in the log.
    pub(crate) fn sign_up(&self, role: &str, password: &str, may: &str) {
        let quiet = "SET log_statement = 'none'";
        let make = format!("CREATE ROLE \"{role}\" LOGIN {may} PASSWORD '{password}'");
        self.ask_in_turn("postgres", &[quiet, &make]).unwrap();
    }

    /// Everything that the server was told so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // At once, but with its children.
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-INT", &pid]).status();
        let _ = self.child.wait();
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|of| of.uid() == 0)
}
