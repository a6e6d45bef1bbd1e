//! Redis as `ElastiCache` serves it: TLS alone, and either a token for everybody or a user with a password.
//!
//! Recorded with Debian's 5:7.0.15-1~deb12u10, unpacked.

use std::{
    fs,
    net::{SocketAddrV4, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::mariadb::{Tls, debian};

const PACKAGES: [&str; 5] = [
    "redis-server",
    "redis-tools",
    "libjemalloc2",
    "liblzf1",
    "libatomic1",
];
const PATIENCE: Duration = Duration::from_secs(30);

/// The unpacked packages.
pub(crate) struct Redis {
    root: PathBuf,
}

/// Who gets in.
pub(crate) enum Who<'a> {
    /// Whoever has the token.
    Token(&'a str),
    /// A user by password, and nobody else.
    User(&'a str, &'a str),
}

impl Redis {
    /// Unpacks them once.
    pub(crate) fn find() -> Option<Self> {
        let root = debian::unpacked("redis", &PACKAGES, "usr/bin/redis-server")?;
        Some(Self { root })
    }

    /// A server in a new folder.
    pub(crate) fn start(&self, folder: &Path, at: SocketAddrV4, tls: &Tls, who: &Who) -> Server {
        fs::create_dir_all(folder).unwrap();
        let who = match who {
            Who::Token(token) => format!("requirepass {token}"),
            Who::User(name, password) => {
                format!("user default off\nuser {name} on >{password} ~* &* +@all")
            }
        };
        let config = format!(
            "bind {}\nport 0\ntls-port {}\ntls-cert-file {}\ntls-key-file {}\ntls-auth-clients no\n\
             dir {}\nsave \"\"\nmaxmemory-policy noeviction\n{who}\n",
            at.ip(),
            at.port(),
            tls.certificate.display(),
            tls.key.display(),
            folder.display(),
        );
        let file = folder.join("redis.conf");
        fs::write(&file, config).unwrap();
        let mut server = Command::new("setpriv");
        server
            .args(["--pdeathsig", "KILL"])
            .arg(self.root.join("usr/bin/redis-server"))
            .arg(file)
            .env(
                "LD_LIBRARY_PATH",
                self.root.join("usr/lib/x86_64-linux-gnu"),
            )
            .stdout(fs::File::create(folder.join("log")).unwrap());
        let server = Server(server.spawn().unwrap());
        let since = Instant::now();
        while TcpStream::connect(at).is_err() {
            let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
            assert!(since.elapsed() < PATIENCE, "no Redis: {}", log());
            sleep(Duration::from_millis(50));
        }
        server
    }
}

/// A server that ends with its value.
pub(crate) struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
