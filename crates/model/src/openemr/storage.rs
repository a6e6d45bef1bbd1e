//! The shared files as volumes (safety.md 14): static, reserved for one claim, never deleted with
//! it.
//!
//! Neither volume nor claim has an owner, and the volume carries our finalizer: files leave by an
//! explicit step. Names carry the access point, which can't be changed: a restored path is another
//! access point, another volume and another claim.

use std::collections::BTreeMap;

use emr_api::labels::{FINALIZER, INSTANCE};
use emr_resource::ids::AccessPointId;
use k8s_openapi::{
    api::core::v1::{
        CSIPersistentVolumeSource, ObjectReference, PersistentVolume, PersistentVolumeClaim,
        PersistentVolumeClaimSpec, PersistentVolumeSpec, VolumeResourceRequirements,
    },
    apimachinery::pkg::{api::resource::Quantity, apis::meta::v1::ObjectMeta},
};

use super::{Object, labels::Component, meta, names, workload::Workload};

/// EFS grows by itself; Kubernetes wants a number.
const NOMINAL_SIZE: &str = "1Ti";

/// The namespace that a volume, which has none, belongs to.
const NAMESPACE: &str = "emrstack.dev/namespace";

/// The claim on documents, keys and configuration.
pub(super) fn sites_claim(workload: &Workload) -> String {
    names::claim(workload, "sites", Some(&workload.files.sites))
}

/// The claim on `/etc/ssl`.
pub(super) fn certificates_claim(workload: &Workload) -> String {
    names::claim(workload, "certificates", Some(&workload.files.certificates))
}

/// Volumes before claims, so that a claim finds its volume.
pub(super) fn objects(workload: &Workload) -> Vec<Object> {
    let files = &workload.files;
    let [sites_volume, sites_claim] = pair(workload, "sites", Some(&files.sites));
    let [certificates_volume, certificates_claim] =
        pair(workload, "certificates", Some(&files.certificates));
    let mut all = vec![sites_volume, certificates_volume];
    let mut claims = vec![sites_claim, certificates_claim];
    if workload.restored.is_some() {
        let [root_volume, root_claim] = pair(workload, "root", None);
        all.push(root_volume);
        claims.push(root_claim);
    }
    all.append(&mut claims);
    all
}

/// The claim on the whole file system, for the restore Job.
pub(super) fn root_claim(workload: &Workload) -> String {
    names::claim(workload, "root", None)
}

/// A volume and its claim; without an access point, on the whole file system.
fn pair(workload: &Workload, purpose: &str, access_point: Option<&AccessPointId>) -> [Object; 2] {
    let name = names::claim(workload, purpose, access_point);
    [
        volume(workload, purpose, access_point, &name).into(),
        claim(workload, purpose, access_point, &name).into(),
    ]
}

fn volume(
    workload: &Workload,
    purpose: &str,
    access_point: Option<&AccessPointId>,
    claim: &str,
) -> PersistentVolume {
    let namespace = workload.instance.namespace.to_string();
    let name = names::volume(workload, purpose, access_point);
    let mut metadata = meta::unowned(workload, name, Component::Files);
    metadata.namespace = None;
    metadata
        .labels
        .get_or_insert_default()
        .insert(NAMESPACE.into(), namespace.clone());
    PersistentVolume {
        metadata: ObjectMeta {
            finalizers: Some(vec![FINALIZER.into()]),
            ..metadata
        },
        spec: Some(PersistentVolumeSpec {
            capacity: Some(size()),
            volume_mode: Some("Filesystem".into()),
            access_modes: Some(vec!["ReadWriteMany".into()]),
            persistent_volume_reclaim_policy: Some("Retain".into()),
            storage_class_name: Some(String::new()),
            mount_options: Some(vec!["tls".into()]),
            claim_ref: Some(ObjectReference {
                api_version: Some("v1".into()),
                kind: Some("PersistentVolumeClaim".into()),
                namespace: Some(namespace),
                name: Some(claim.to_owned()),
                ..Default::default()
            }),
            csi: Some(CSIPersistentVolumeSource {
                driver: "efs.csi.aws.com".into(),
                volume_handle: access_point.map_or_else(
                    || workload.files.file_system.to_string(),
                    |point| format!("{}::{point}", workload.files.file_system),
                ),
                ..Default::default()
            }),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn claim(
    workload: &Workload,
    purpose: &str,
    access_point: Option<&AccessPointId>,
    name: &str,
) -> PersistentVolumeClaim {
    let mut metadata = meta::unowned(workload, name.to_owned(), Component::Files);
    // It has no owner, and a label's value may be a shortened name: this says whom to wake.
    let instance = workload.instance.name.to_string();
    metadata.annotations = Some(BTreeMap::from([(INSTANCE.into(), instance)]));
    PersistentVolumeClaim {
        metadata,
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteMany".into()]),
            storage_class_name: Some(String::new()),
            volume_name: Some(names::volume(workload, purpose, access_point)),
            resources: Some(VolumeResourceRequirements {
                requests: Some(size()),
                ..Default::default()
            }),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn size() -> BTreeMap<String, Quantity> {
    BTreeMap::from([("storage".into(), Quantity(NOMINAL_SIZE.into()))])
}
