//! What Medplum's servers would answer: simulated pods answer no HTTP. A server's version is that of the image
//! that its pod has, and each version brings a data migration, which the first server of it begins.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use emr_controllers::medplum_server::{MedplumServers, ServerError};
use emr_model::medplum::{Credentials, running::Migrations};
use emr_runtime::memory::MemoryServer;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::kubelet::DAMAGED;

/// How long a data migration takes.
const MIGRATION: Duration = Duration::from_mins(30);

/// Every server of the cluster.
#[derive(Clone)]
pub(crate) struct Servers {
    kube: MemoryServer,
    /// Since when a version migrates.
    since: Arc<Mutex<BTreeMap<String, Instant>>>,
}

/// The application that an object of ours belongs to.
pub(crate) fn application(object: &Value) -> &str {
    let label = &object["metadata"]["labels"]["app.kubernetes.io/name"];
    label.as_str().unwrap_or_default()
}

/// The address of a pod.
pub(crate) fn address(uid: &str) -> String {
    let sum = uid.bytes().fold(7_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    });
    Ipv4Addr::from(0x0a00_0000 | (sum & 0x00ff_ffff)).to_string()
}

impl Servers {
    pub(crate) fn of(kube: &MemoryServer) -> Self {
        Self {
            kube: kube.clone(),
            since: Arc::default(),
        }
    }

    /// The version of the image of the pod at that address.
    fn version(&self, server: IpAddr) -> Result<String, ServerError> {
        let all = self.kube.snapshot();
        let is_it = |pod: &&Arc<Value>| {
            pod["kind"] == "Pod" && pod["status"]["podIP"] == server.to_string().as_str()
        };
        let pod = all.iter().find(is_it);
        let image = pod.and_then(|pod| pod["spec"]["containers"][0]["image"].as_str());
        let tag = image.and_then(|image| image.rsplit_once(':'));
        tag.map(|(_, tag)| tag.to_owned())
            .ok_or(ServerError::TimedOut("/healthcheck"))
    }
}

#[async_trait]
impl MedplumServers for Servers {
    async fn healthcheck(&self, server: IpAddr) -> Result<Value, ServerError> {
        let version = self.version(server)?;
        Ok(json!({"ok": true, "version": format!("{version}-1a2b3c4")}))
    }

    async fn migrations(
        &self,
        server: IpAddr,
        admin: &Credentials,
    ) -> Result<Migrations, ServerError> {
        assert!(admin.username.starts_with("admin@") && !admin.password.is_empty());
        let version = self.version(server)?;
        let began = *self
            .since
            .lock()
            .unwrap()
            .entry(version)
            .or_insert_with(Instant::now);
        let is_damaged = |object: &Arc<Value>| {
            object["kind"] == "ConfigMap" && object["metadata"]["name"] == DAMAGED
        };
        let failed = self.kube.snapshot().iter().any(is_damaged);
        let (pending, status) = match began.elapsed() >= MIGRATION {
            true if failed => (12, "error"),
            true => (0, "completed"),
            false => (12, "active"),
        };
        Ok(Migrations {
            pending: json!({"pendingPostDeployMigration": pending}),
            jobs: json!({"entry": [{"resource": {
                "id": "job", "dataVersion": 12, "status": status,
            }}]}),
        })
    }
}
