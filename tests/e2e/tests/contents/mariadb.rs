//! `MariaDB` from Debian's packages: unpacked, not installed.
//!
//! Recorded with 10.11.19-0+deb12u1. Without apt, or without these packages, what needs it is skipped, and
//! says so.

use std::{
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

const PACKAGES: [&str; 4] = [
    "mariadb-server-core",
    "mariadb-client-core",
    "libaio1",
    "liburing2",
];
const PATIENCE: Duration = Duration::from_secs(30);

/// The unpacked packages.
pub(crate) struct MariaDb {
    root: PathBuf,
}

impl MariaDb {
    /// Unpacks them once, into `.cache`. `None`, with the reason on the terminal, where that can't be.
    pub(crate) fn find() -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/mariadb");
        if !root.join("usr/sbin/mariadbd").exists() {
            let made = fs::create_dir_all(&root).map_err(|error| error.to_string());
            if let Err(why) = made.and_then(|()| unpack(&root)) {
                // Past the test harness, which would keep it to itself.
                let _ = writeln!(
                    std::io::stderr(),
                    "SKIPPED: no MariaDB, which Debian's packages {PACKAGES:?} have: {why}"
                );
                return None;
            }
        }
        let root = root.canonicalize().ok()?;
        Some(Self { root })
    }

    fn command(&self, program: &str) -> Command {
        // It ends with this process, however that ends.
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL"])
            .arg(self.root.join(program))
            .arg("--no-defaults")
            .env(
                "LD_LIBRARY_PATH",
                self.root.join("usr/lib/x86_64-linux-gnu"),
            );
        command
    }

    /// Shell that runs the client with our arguments.
    pub(crate) fn client(&self) -> String {
        let root = self.root.display();
        format!(
            "LD_LIBRARY_PATH={root}/usr/lib/x86_64-linux-gnu exec {root}/usr/bin/mariadb \
             --no-defaults \"$@\""
        )
    }

    /// An empty data folder.
    pub(crate) fn install(&self, data: &Path) {
        let mut install = self.command("usr/bin/mariadb-install-db");
        install
            .arg(format!("--basedir={}", self.root.join("usr").display()))
            .arg(format!("--datadir={}", data.display()))
            .args(["--auth-root-authentication-method=normal", "--skip-test-db"])
            .arg("--user=root");
        run(&mut install).unwrap();
    }

    /// A server on a data folder, with TLS, whose master user has this password, as after
    /// `CreateDBCluster` or a restore and `ModifyDBCluster`.
    pub(crate) fn start(&self, data: &Path, port: u16, password: &str) -> Server {
        let folder = data.parent().unwrap();
        let file = |name: &str| folder.join(name);
        let (cert, key, socket) = (file("ca.pem"), file("key.pem"), file("s"));
        certificate(&cert, &key);
        let mut server = self.command("usr/sbin/mariadbd");
        server
            .arg(format!("--basedir={}", self.root.join("usr").display()))
            .arg(format!("--datadir={}", data.display()))
            .arg(format!("--socket={}", socket.display()))
            .arg(format!("--ssl-cert={}", cert.display()))
            .arg(format!("--ssl-key={}", key.display()))
            .arg(format!("--port={port}"))
            .args([
                "--bind-address=127.0.0.1",
                "--skip-name-resolve",
                "--user=root",
            ])
            .arg("--innodb-buffer-pool-size=32M")
            .stderr(fs::File::create(file("log")).unwrap());
        let server = Server {
            child: server.spawn().unwrap(),
            certificate: cert,
        };
        let since = Instant::now();
        let sql = format!(
            "CREATE OR REPLACE USER 'emradmin'@'%' IDENTIFIED BY '{password}'; \
             GRANT ALL ON *.* TO 'emradmin'@'%' WITH GRANT OPTION"
        );
        loop {
            let mut client = self.command("usr/bin/mariadb");
            client.args(["--user=root", "--execute", &sql]);
            client.arg(format!("--socket={}", socket.display()));
            match run(&mut client) {
                Ok(()) => return server,
                Err(why) => assert!(since.elapsed() < PATIENCE, "{why}"),
            }
            sleep(Duration::from_millis(200));
        }
    }
}

/// A server that ends with its value.
pub(crate) struct Server {
    child: Child,
    /// Who signed its certificate: itself.
    pub(crate) certificate: PathBuf,
}

impl Drop for Server {
    /// In order, so that the data folder is whole, as a snapshot is.
    fn drop(&mut self) {
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}

fn unpack(root: &Path) -> Result<(), String> {
    let mut download = Command::new("apt-get");
    download.arg("download").args(PACKAGES).current_dir(root);
    run(&mut download)?;
    for entry in fs::read_dir(root).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|ending| ending == "deb") {
            run(Command::new("dpkg").arg("-x").arg(&path).arg(root))?;
        }
    }
    Ok(())
}

fn certificate(cert: &Path, key: &Path) {
    let mut make = Command::new("openssl");
    make.args([
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
    ])
    .args([
        "-subj",
        "/CN=127.0.0.1",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
    ])
    .arg("-out")
    .arg(cert)
    .arg("-keyout")
    .arg(key);
    run(&mut make).unwrap();
}

/// Runs it to its end; what it said, if that was no good one.
fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}
