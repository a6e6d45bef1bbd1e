//! `MariaDB` from Debian's packages: unpacked, not installed.
//!
//! Recorded with 10.11.19-0+deb12u1. Without apt, or without these packages, what needs it is skipped, and
//! says so.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddrV4},
    path::{Path, PathBuf},
    process::{Child, Command},
    thread::sleep,
    time::{Duration, Instant},
};

#[path = "debian.rs"]
pub(crate) mod debian;

use debian::run;

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
        let root = debian::unpacked("mariadb", &PACKAGES, "usr/sbin/mariadbd")?;
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

    /// Shell that runs the client, and finds a host and port in a file of lines `HOST PORT LOOPBACK-PORT`,
    /// as others do in DNS.
    pub(crate) fn client(&self, hosts: &Path) -> String {
        let (root, hosts) = (self.root.display(), hosts.display());
        format!(
            r#"host= port=
for argument; do
    shift
    case $argument in
    --host=*) host=${{argument#*=}} ;;
    --port=*) port=${{argument#*=}} ;;
    *) set -- "$@" "$argument" ;;
    esac
done
there=$(awk -v host="$host" -v port="$port" '$1 == host && $2 == port {{ print $3 }}' {hosts})
[ -n "$there" ] || {{ echo "ERROR 2005 (HY000): unknown host $host, port $port" >&2; exit 1; }}
export LD_LIBRARY_PATH={root}/usr/lib/x86_64-linux-gnu
exec {root}/usr/bin/mariadb --no-defaults --host=127.0.0.1 --port="$there" "$@""#
        )
    }

    /// Shell that runs the client as it is.
    pub(crate) fn plain_client(&self) -> String {
        let root = self.root.display();
        format!(
            "export LD_LIBRARY_PATH={root}/usr/lib/x86_64-linux-gnu\n\
             exec {root}/usr/bin/mariadb --no-defaults \"$@\""
        )
    }

    /// An empty data folder.
    pub(crate) fn install(&self, data: &Path) {
        let mut install = self.command("usr/bin/mariadb-install-db");
        install
            .arg(format!("--basedir={}", self.root.join("usr").display()))
            .arg(format!("--datadir={}", data.display()))
            .args(["--auth-root-authentication-method=normal", "--skip-test-db"])
            .args(SMALL)
            .arg("--user=root");
        run(&mut install).unwrap();
    }

    /// A server on a data folder. What else it needs is in a folder of its own.
    pub(crate) fn start(&self, data: &Path, own: &Path, port: u16, tls: &Tls) -> Server {
        let loopback = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
        self.start_at(data, own, loopback, tls)
    }

    /// The same at another address.
    pub(crate) fn start_at(&self, data: &Path, own: &Path, at: SocketAddrV4, tls: &Tls) -> Server {
        fs::create_dir_all(own).unwrap();
        let socket = own.join("socket");
        let mut server = self.command("usr/sbin/mariadbd");
        server
            .arg(format!("--basedir={}", self.root.join("usr").display()))
            .arg(format!("--datadir={}", data.display()))
            .arg(format!("--socket={}", socket.display()))
            .arg(format!("--pid-file={}", own.join("pid").display()))
            .arg(format!("--ssl-cert={}", tls.certificate.display()))
            .arg(format!("--ssl-key={}", tls.key.display()))
            .arg(format!("--bind-address={}", at.ip()))
            .arg(format!("--port={}", at.port()))
            .args(SMALL)
            .args([
                "--skip-name-resolve",
                "--user=root",
                // Writes are its own: while it is held, nothing is written.
                "--innodb-use-native-aio=0",
            ])
            .stderr(fs::File::create(own.join("log")).unwrap());
        Server {
            child: server.spawn().unwrap(),
            client: self.command("usr/bin/mariadb"),
            socket,
        }
    }
}

/// A copy should be quick.
const SMALL: [&str; 2] = ["--innodb-log-file-size=8M", "--innodb-buffer-pool-size=32M"];

/// A server's certificate.
pub(crate) struct Tls {
    /// It; where it signs itself, whom clients trust.
    pub(crate) certificate: PathBuf,
    /// Its key.
    pub(crate) key: PathBuf,
}

impl Tls {
    /// Makes one that signs itself, for loopback, in this folder.
    pub(crate) fn make(folder: &Path) -> Self {
        let tls = Self {
            certificate: folder.join("ca.pem"),
            key: folder.join("key.pem"),
        };
        let mut make = Command::new("openssl");
        make.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes"])
            .args(["-days", "2", "-subj", "/CN=127.0.0.1"])
            .args(["-addext", "subjectAltName=IP:127.0.0.1"])
            .arg("-out")
            .arg(&tls.certificate)
            .arg("-keyout")
            .arg(&tls.key);
        run(&mut make).unwrap();
        tls
    }
}

/// A server that ends with its value.
pub(crate) struct Server {
    child: Child,
    client: Command,
    socket: PathBuf,
}

impl Server {
    /// Gives the master user this password, as RDS does.
    pub(crate) fn set_master(&mut self, user: &str, password: &str) -> Result<(), String> {
        self.execute(&format!(
            "CREATE OR REPLACE USER '{user}'@'%' IDENTIFIED BY '{password}'; \
             GRANT ALL ON *.* TO '{user}'@'%' WITH GRANT OPTION"
        ))
    }

    /// Runs statements past every user and network; waits for a server that starts.
    pub(crate) fn execute(&mut self, sql: &str) -> Result<(), String> {
        let mut client = Command::new(self.client.get_program());
        client.args(self.client.get_args());
        for (name, value) in self.client.get_envs() {
            client.env(name, value.unwrap());
        }
        client.arg(format!("--socket={}", self.socket.display()));
        client.args(["--user=root", "--execute", sql]);
        let since = Instant::now();
        loop {
            match run(&mut client) {
                Ok(()) => return Ok(()),
                Err(why) if since.elapsed() > PATIENCE => return Err(why),
                // It went with its cluster.
                Err(why) if self.child.try_wait().is_ok_and(|of| of.is_some()) => return Err(why),
                Err(_) => sleep(Duration::from_millis(100)),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
