//! Who serves the clusters of an account: a `MariaDB` on each one's data folder, with the master password
//! that the stand-in was told, for as long as the cluster is there.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle, sleep},
    time::Duration,
};

use serde_json::Value;

use super::mariadb::{MariaDb, Server, Tls};

const LOOK: Duration = Duration::from_millis(100);

/// The servers; they end with this value.
pub(crate) struct Databases {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Databases {
    /// Serves what the stand-in keeps in `contents`; `hosts` is where clients look servers up.
    pub(crate) fn serve(
        mariadb: MariaDb,
        contents: &Path,
        own: &Path,
        hosts: &Path,
        tls: Tls,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut loopback = Loopback {
            mariadb,
            contents: contents.to_owned(),
            own: own.to_owned(),
            hosts: hosts.to_owned(),
            tls,
            served: BTreeMap::new(),
        };
        fs::write(hosts, "").unwrap();
        let told = Arc::clone(&stop);
        // A thread of their own: children end with the thread that started them.
        let thread = thread::spawn(move || {
            loopback.mariadb.install(&loopback.own.join("empty"));
            while !told.load(Ordering::Relaxed) {
                loopback.look();
                sleep(LOOK);
            }
        });
        Self {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Databases {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Served {
    server: Server,
    port: u16,
    /// The cluster's endpoint as it was told last.
    endpoint: Value,
}

struct Loopback {
    mariadb: MariaDb,
    contents: PathBuf,
    own: PathBuf,
    hosts: PathBuf,
    tls: Tls,
    served: BTreeMap<String, Served>,
}

impl Loopback {
    fn look(&mut self) {
        let told = self.told();
        let before = self.served.len();
        self.served.retain(|cluster, _| told.contains_key(cluster));
        let mut changed = self.served.len() != before;
        for (cluster, endpoint) in told {
            if self
                .served
                .get(&cluster)
                .is_some_and(|of| of.endpoint == endpoint)
            {
                continue;
            }
            let mut served = match self.served.remove(&cluster) {
                Some(served) => served,
                None => self.start(&cluster),
            };
            let text = |field: &str| endpoint[field].as_str().unwrap_or_default().to_owned();
            let set = served.server.set_master(&text("user"), &text("password"));
            if let Err(why) = set {
                eprintln!("the server of {cluster} does not answer: {why}");
                continue;
            }
            served.endpoint = endpoint;
            self.served.insert(cluster, served);
            changed = true;
        }
        if changed {
            self.publish();
        }
    }

    fn told(&self) -> BTreeMap<String, Value> {
        let Ok(entries) = fs::read_dir(self.contents.join("endpoints")) else {
            return BTreeMap::new();
        };
        let read = |path: PathBuf| {
            let name = path
                .file_name()?
                .to_str()?
                .strip_suffix(".json")?
                .to_owned();
            let text = fs::read(&path).ok()?;
            Some((name, serde_json::from_slice(&text).ok()?))
        };
        entries
            .flatten()
            .filter_map(|entry| read(entry.path()))
            .collect()
    }

    fn start(&self, cluster: &str) -> Served {
        let data = self.contents.join("clusters").join(cluster);
        let is_new = fs::read_dir(&data).is_ok_and(|mut all| all.next().is_none());
        if is_new {
            let empty = format!("{}/.", self.own.join("empty").display());
            let done = Command::new("cp").args(["-a", &empty]).arg(&data).status();
            assert!(
                done.unwrap().success(),
                "an empty data folder for {cluster}"
            );
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        Served {
            server: self
                .mariadb
                .start(&data, &self.own.join(cluster), port, &self.tls),
            port,
            endpoint: Value::Null,
        }
    }

    fn publish(&self) {
        let mut lines = String::new();
        for served in self.served.values() {
            let (host, port) = (&served.endpoint["host"], &served.endpoint["port"]);
            let host = host.as_str().unwrap_or_default();
            let _ = writeln!(lines, "{host} {port} {}", served.port);
        }
        let new = self.hosts.with_extension("new");
        fs::write(&new, lines).unwrap();
        fs::rename(new, &self.hosts).unwrap();
    }
}
