//! The scripts around the image's own, and Apache's limits, as a `ConfigMap`.

use std::collections::BTreeMap;

use emr_resource::names;
use k8s_openapi::api::core::v1::ConfigMap;

use super::{apache, authorities, labels::Component, meta, names::Part, workload::Workload};
use crate::workload::Revision;

/// Where the scripts are mounted.
pub(super) const FOLDER: &str = "/opt/emr-operator";
/// The key of Apache's limits.
pub(super) const APACHE: &str = "apache.conf";

/// A script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    /// Certificates, authorities, cache: before every start.
    Prepare,
    /// Restored files, to where pods look for them.
    Restore,
    /// May this database and these files be installed into?
    Guard,
    /// Is everything of a restored copy there?
    Check,
    /// OpenEMR's settings, into the database.
    Settings,
    /// The idle database user, let in.
    Grant,
    /// Into `sqlconf.php` with it.
    Write,
    /// The former database user, locked.
    Retire,
    /// The image's own upgrade, and its proof.
    Upgrade,
    /// The image's script, its output filtered.
    Start,
    /// The startup probe.
    Started,
    /// The readiness probe.
    Ready,
    /// The liveness probe.
    Alive,
    /// Before a pod is stopped.
    Stop,
}

impl Script {
    const ALL: [Self; 14] = [
        Self::Prepare,
        Self::Restore,
        Self::Guard,
        Self::Check,
        Self::Settings,
        Self::Grant,
        Self::Write,
        Self::Retire,
        Self::Upgrade,
        Self::Start,
        Self::Started,
        Self::Ready,
        Self::Alive,
        Self::Stop,
    ];

    const fn file(self) -> (&'static str, &'static str) {
        match self {
            Self::Prepare => ("prepare.sh", include_str!("scripts/prepare.sh")),
            Self::Restore => ("restore.sh", include_str!("scripts/restore.sh")),
            Self::Guard => (
                "guard.sh",
                concat!(
                    include_str!("scripts/keys.sh"),
                    include_str!("scripts/guard.sh")
                ),
            ),
            Self::Check => (
                "check.sh",
                concat!(
                    include_str!("scripts/keys.sh"),
                    include_str!("scripts/check.sh")
                ),
            ),
            Self::Settings => ("settings.sh", include_str!("scripts/settings.sh")),
            Self::Grant => (
                "grant.sh",
                concat!(
                    include_str!("scripts/master.sh"),
                    include_str!("scripts/grant.sh")
                ),
            ),
            Self::Write => ("write.sh", include_str!("scripts/write.sh")),
            Self::Retire => (
                "retire.sh",
                concat!(
                    include_str!("scripts/master.sh"),
                    include_str!("scripts/retire.sh")
                ),
            ),
            Self::Upgrade => ("upgrade.sh", include_str!("scripts/upgrade.sh")),
            Self::Start => ("start.sh", include_str!("scripts/start.sh")),
            Self::Started => ("started.sh", include_str!("scripts/started.sh")),
            Self::Ready => ("ready.sh", include_str!("scripts/ready.sh")),
            Self::Alive => ("alive.sh", include_str!("scripts/alive.sh")),
            Self::Stop => ("stop.sh", include_str!("scripts/stop.sh")),
        }
    }

    /// The command that runs it.
    pub(super) fn command(self) -> Vec<String> {
        vec!["sh".into(), format!("{FOLDER}/{}", self.file().0)]
    }
}

/// The `ConfigMap` that pods mount.
pub(super) fn config_map(workload: &Workload) -> ConfigMap {
    ConfigMap {
        metadata: meta::owned(workload, Part::Config, Component::App),
        data: Some(data(workload)),
        ..Default::default()
    }
}

/// What workers start with: another value rolls them. What only Jobs run is no part of it. The
/// Deployment's own fields need no hash, they roll by themselves.
pub(super) fn hash(workload: &Workload) -> String {
    let of_jobs = [
        Script::Guard,
        Script::Restore,
        Script::Check,
        Script::Settings,
        Script::Grant,
        Script::Write,
        Script::Retire,
        Script::Upgrade,
    ]
    .map(|script| script.file().0);
    let data: Vec<_> = data(workload)
        .into_iter()
        .filter(|(name, _)| !of_jobs.contains(&name.as_str()))
        .chain(authorities::data(workload))
        .collect();
    let mut parts: Vec<&str> = data
        .iter()
        .flat_map(|(key, value)| [key.as_str(), value.as_str()])
        .collect();
    parts.push(workload.secrets.cache.revision.as_str());
    parts.extend(workload.secrets.app_revision.as_ref().map(Revision::as_str));
    names::hash(&parts)
}

fn data(workload: &Workload) -> BTreeMap<String, String> {
    let mut data: BTreeMap<String, String> = Script::ALL
        .into_iter()
        .map(Script::file)
        .map(|(name, text)| (name.into(), text.into()))
        .collect();
    data.insert(APACHE.into(), apache::conf(workload));
    data
}
