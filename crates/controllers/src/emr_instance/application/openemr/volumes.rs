//! Reads the claims on the shared files, so that the install Job is made only once they are bound.

use emr_model::openemr::{
    self, Instance, Object,
    progress::{self, Finding},
};
use emr_runtime::{Error, ReconcileError};
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use kube::{Api, Client};

/// What the install waits for, if any claim is not bound.
pub(super) async fn unbound(
    client: &Client,
    instance: &Instance,
    objects: &openemr::Objects,
) -> Result<Option<Finding>, ReconcileError> {
    let api = Api::<PersistentVolumeClaim>::namespaced(client.clone(), instance.namespace.as_str());
    let mut claims = Vec::new();
    for object in &objects.storage {
        let Object::PersistentVolumeClaim(_) = object else {
            continue;
        };
        let name = object.name();
        let live = api
            .get_opt(name)
            .await
            .map_err(|error| Error::request("get", "PersistentVolumeClaim", name, error))?;
        claims.push((name, live));
    }
    let seen = claims.iter().map(|(name, live)| (*name, live.as_ref()));
    Ok(progress::volumes(instance, seen))
}
