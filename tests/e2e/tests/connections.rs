//! What the operator wrote leads to real stores: a `PostgreSQL`, a Redis and a `MariaDB` with TLS on, which
//! clients reach with exactly the host, port, authority, user and password of Secrets, configuration and Jobs.
//!
//! Control plane and operator are real, so what is read here is what pods would read. Pods and AWS are
//! simulated: the servers stand where AWS's endpoints would, under their names and on their ports, and with
//! certificates for these names. Databases' are signed by the bundle that the platform gives. There is none to
//! give for caches: the configuration trusts Amazon's roots, so it is seen to refuse a server of somebody else's,
//! and to accept it as soon as that one is trusted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    reason = "a test fails by panicking, and uses a part of what contents bring"
)]

#[path = "connections/authority.rs"]
mod authority;
#[path = "connections/clients.rs"]
mod clients;
#[path = "connections/job.rs"]
mod job;
#[path = "contents/mariadb.rs"]
mod mariadb;
#[path = "connections/medplum.rs"]
mod medplum;
#[path = "connections/names.rs"]
mod names;
#[path = "connections/openemr.rs"]
mod openemr;
#[path = "contents/pod.rs"]
mod pod;
#[path = "connections/postgresql.rs"]
mod postgresql;
#[path = "connections/redis.rs"]
mod redis;
#[path = "contents/volumes.rs"]
mod volumes;

use std::{fs, net::SocketAddrV4, os::unix::fs::PermissionsExt as _, path::PathBuf, time::Instant};

use emr_e2e::{Clinic, World};
use emr_sandbox::apply;
use serde_json::{Value, json};
use tempfile::TempDir;

use authority::Authority;
use clients::Clients;
use mariadb::{MariaDb, Tls};
use names::Names;
use postgresql::PostgreSql;
use redis::Redis;

/// Whom caches' certificates are signed by, as the operator ships it.
const AMAZON_ROOTS: &str = include_str!("../../../crates/model/src/workload/ca/amazon-roots.pem");
/// A name of each server that its certificate does not have.
const ELSEWHERE: &str = "elsewhere.example.org";

/// What there is of the real world.
struct Tools {
    postgresql: PostgreSql,
    redis: Redis,
    mariadb: MariaDb,
    clients: Clients,
    names: Names,
    authority: Authority,
    folder: TempDir,
}

impl Tools {
    fn find() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        // PostgreSQL is not run by root.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Some(Self {
            postgresql: PostgreSql::find()?,
            redis: Redis::find()?,
            mariadb: MariaDb::find()?,
            clients: Clients::find()?,
            names: Names::find(folder.path())?,
            authority: Authority::make(&folder.path().join("authority")),
            folder,
        })
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Where a server stands that clients know by this name and port, and its certificate.
    fn endpoint(&mut self, host: &str, port: u16) -> (SocketAddrV4, Tls) {
        let address = self.names.lead(host);
        let endpoint = SocketAddrV4::new(address, port);
        (endpoint, self.authority.issue(host))
    }
}

/// A Medplum and an `OpenEMR`, both ready, on a platform whose databases have certificates of ours.
async fn ready(tools: &Tools) -> Clinic {
    let world = World::start().await.unwrap();
    // What AWS works on is done soon.
    let aws = &world.sandbox.aws;
    let delays: Value = aws.control("GET", "delays", None).await.unwrap();
    let names = delays.as_object().unwrap().keys();
    let soon = names.map(|name| (name.clone(), json!(0.1)));
    aws.set_delays(&soon.collect()).await.unwrap();
    let clinic = Clinic::open(&world, "connections").await.unwrap();
    let mut platform = clinic.platform_manifest();
    platform["spec"]["tls"]["rdsCaBundle"] = json!(tools.authority.pem());
    apply(&clinic.client(), None, platform).await.unwrap();
    let sample = emr_e2e::scenarios::medplum::manifest(&clinic, "medplum.yaml").await;
    clinic.apply(sample.unwrap()).await.unwrap();
    let openemr = clinic.openemr("riverside", &json!({"profile": "Development"}));
    clinic.apply(openemr).await.unwrap();
    for name in ["lakeside", "riverside"] {
        clinic.ready(name).await.unwrap();
    }
    clinic
}

#[tokio::test]
async fn what_the_operator_wrote_leads_to_real_stores() {
    let Some(mut tools) = Tools::find() else {
        return;
    };
    let since = Instant::now();
    let clinic = ready(&tools).await;
    println!("  {:.0} s: both are ready", since.elapsed().as_secs_f32());
    medplum::its_database(&clinic, &mut tools).await;
    println!(
        "  {:.0} s: Medplum's database",
        since.elapsed().as_secs_f32()
    );
    medplum::its_cache(&clinic, &mut tools).await;
    println!("  {:.0} s: Medplum's cache", since.elapsed().as_secs_f32());
    medplum::its_servers(&clinic, &tools).await;
    println!(
        "  {:.0} s: Medplum's servers",
        since.elapsed().as_secs_f32()
    );
    openemr::its_stores(&clinic, &mut tools).await;
    println!("  {:.0} s: OpenEMR's stores", since.elapsed().as_secs_f32());
}

/// The text of a value.
fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
}

/// The port that a value names.
fn port(value: &Value) -> u16 {
    u16::try_from(value.as_u64().expect("a port")).unwrap()
}

/// A value with one of its parts replaced.
fn with(value: &Value, pointer: &str, new: Value) -> Value {
    let mut value = value.clone();
    *value.pointer_mut(pointer).expect("the part is there") = new;
    value
}
