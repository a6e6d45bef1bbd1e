//! The certificate authorities as a `ConfigMap`, by the names that the image reads.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;

use super::{labels::Component, meta, names::Part, workload::Workload};

/// The key of the database's authorities.
pub(super) const DATABASE: &str = "mysql-ca";
/// The key of the cache's authorities.
pub(super) const CACHE: &str = "redis-ca";

/// The `ConfigMap` that pods mount.
pub(super) fn config_map(workload: &Workload) -> ConfigMap {
    ConfigMap {
        metadata: meta::owned(workload, Part::Authorities, Component::App),
        data: Some(data(workload)),
        ..Default::default()
    }
}

/// Its content.
pub(super) fn data(workload: &Workload) -> BTreeMap<String, String> {
    BTreeMap::from([
        (DATABASE.into(), workload.authorities.database.clone()),
        (CACHE.into(), workload.authorities.cache.clone()),
    ])
}
