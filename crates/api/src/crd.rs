//! The CRDs as the API server takes them.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSON,
};
use kube::CustomResourceExt;

use crate::{
    CacheCluster, EmrBackup, EmrDrill, EmrInstance, EmrPlatform, EmrRestore, ManagedDatabase,
    ObjectStore, SharedFileSystem,
};

/// Every CRD, in the order in which people meet them.
///
/// `status.observedGeneration` defaults to -1, so that kstatus calls an object that nobody has
/// looked at yet `InProgress`, not `Current`.
pub fn all() -> Vec<CustomResourceDefinition> {
    [
        EmrPlatform::crd(),
        EmrInstance::crd(),
        EmrBackup::crd(),
        EmrRestore::crd(),
        EmrDrill::crd(),
        ManagedDatabase::crd(),
        CacheCluster::crd(),
        SharedFileSystem::crd(),
        ObjectStore::crd(),
    ]
    .into_iter()
    .map(with_status_default)
    .collect()
}

fn with_status_default(mut crd: CustomResourceDefinition) -> CustomResourceDefinition {
    for version in &mut crd.spec.versions {
        let status = version
            .schema
            .as_mut()
            .and_then(|schema| schema.open_api_v3_schema.as_mut())
            .and_then(|schema| schema.properties.as_mut())
            .and_then(|properties| properties.get_mut("status"));
        if let Some(status) = status {
            status.default = Some(JSON(serde_json::json!({ "observedGeneration": -1 })));
        }
    }
    crd
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_defaults_its_observed_generation() {
        for crd in all() {
            let json = serde_json::to_value(&crd).unwrap();
            let schema = &json["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
            assert_eq!(
                schema["properties"]["status"]["default"]["observedGeneration"], -1,
                "{}",
                crd.spec.names.kind
            );
        }
    }
}
