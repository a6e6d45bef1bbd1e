//! What pods mount, and where.
//!
//! The image keeps its web server's key and certificate in `/etc/ssl`, beside the
//! CA bundle, and shares the whole folder between pods. It refills an empty one only as the leader
//! of an installation, so a claim that is empty for another reason (restored sites, a new volume)
//! would hide the CA bundle from every worker. Here the volume is mounted at `/etc/ssl` by Job and
//! workers alike, and `prepare.sh`, which sees it elsewhere, brings it the image's own content
//! before each start.

use k8s_openapi::api::core::v1::{
    ConfigMapVolumeSource, PersistentVolumeClaimVolumeSource, Volume, VolumeMount,
};

use super::{
    apache, authorities, config,
    names::{self, Part},
    storage,
    workload::Workload,
};

/// The volumes of every pod.
pub(super) fn all(workload: &Workload) -> Vec<Volume> {
    let claim = |name: &str, claim_name: String| Volume {
        name: name.into(),
        persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
            claim_name,
            ..Default::default()
        }),
        ..Default::default()
    };
    vec![
        claim("sites", storage::sites_claim(workload)),
        claim("certificates", storage::certificates_claim(workload)),
        config_map(workload, "authorities", Part::Authorities),
        scripts(workload),
    ]
}

/// The scripts, as a volume.
pub(super) fn scripts(workload: &Workload) -> Volume {
    config_map(workload, "config", Part::Config)
}

fn config_map(workload: &Workload, name: &str, part: Part) -> Volume {
    Volume {
        name: name.into(),
        config_map: Some(ConfigMapVolumeSource {
            name: names::object(&workload.instance, part),
            default_mode: Some(0o444),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// The mounts of a container that runs the image's own script.
pub(super) fn for_image() -> Vec<VolumeMount> {
    let mut mounts = for_all();
    mounts.push(mount("certificates", "/etc/ssl"));
    mounts.push(file("config", apache::PATH, config::APACHE));
    mounts
}

/// The mounts of every container.
pub(super) fn for_all() -> Vec<VolumeMount> {
    vec![
        mount("sites", "/var/www/localhost/htdocs/openemr/sites"),
        file(
            "authorities",
            "/root/certs/mysql/server/mysql-ca",
            authorities::DATABASE,
        ),
        file(
            "authorities",
            "/root/certs/redis/redis-ca",
            authorities::CACHE,
        ),
        VolumeMount {
            read_only: Some(true),
            ..mount("config", config::FOLDER)
        },
    ]
}

/// The mounts of `prepare.sh`, which sees the certificates beside the image's own.
pub(super) fn for_prepare() -> Vec<VolumeMount> {
    let mut mounts = for_all();
    mounts.push(mount("certificates", "/mnt/certificates"));
    mounts
}

fn mount(volume: &str, path: &str) -> VolumeMount {
    VolumeMount {
        name: volume.into(),
        mount_path: path.into(),
        ..Default::default()
    }
}

fn file(volume: &str, path: &str, key: &str) -> VolumeMount {
    VolumeMount {
        sub_path: Some(key.into()),
        read_only: Some(true),
        ..mount(volume, path)
    }
}
