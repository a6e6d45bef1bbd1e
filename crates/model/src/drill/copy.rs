//! The instance that a drill makes: what the set was taken of, as small as it can be, behind a fence that
//! nobody opens.

use std::collections::BTreeMap;

use emr_api::{
    EmrBackup, EmrDrill, EmrInstance,
    emr_instance::{
        Access, Backup, Cache, Database, DatabaseSizes, EmrInstanceSpec, Files, InstanceSource,
        OpenEmr, Purpose, Scaling,
    },
    labels,
    policy::{DeletionPolicy, ManagementPolicy, Profile},
};
use emr_resource::names;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::ResourceExt;

use crate::owner::{goes_with, object_name};

/// Its name: the instance's, and what tells this drill.
pub fn copy_name(drill: &EmrDrill) -> String {
    let uid = drill.uid().unwrap_or_default();
    object_name(
        &drill.spec.instance_ref.name,
        &format!("drill-{}", names::hash(&[&uid])),
    )
}

/// Whether that is the copy that this drill made: an instance of somebody else's that happens to have its
/// name is not touched.
pub fn is_copy(drill: &EmrDrill, instance: &EmrInstance) -> bool {
    let owners = instance.owner_references();
    owners
        .iter()
        .any(|owner| Some(&owner.uid) == drill.metadata.uid.as_ref())
}

/// The copy. Engine, parameters, image and nodes are the instance's, or the set would not open; sizes are
/// those of Development, and the version is the one that the set was taken of.
pub fn copy(drill: &EmrDrill, instance: &EmrInstance, backup: &EmrBackup) -> EmrInstance {
    let name = copy_name(drill);
    let spec = &instance.spec;
    let source = backup.status.as_ref().and_then(|of| of.source.as_ref());
    let version = source.map(|source| source.application.version.clone());
    let mysql = &spec.database.managed;
    let mut copy = EmrInstance::new(
        &name,
        EmrInstanceSpec {
            platform_ref: spec.platform_ref.clone(),
            profile: Profile::Development,
            // RFC 6761: nobody ever resolves it.
            hostname: format!("{}.drill.invalid", names::hash(&[&name])),
            openemr: spec.openemr.clone().map(|openemr| OpenEmr {
                version: version.unwrap_or_else(|| openemr.version.clone()),
                ..openemr
            }),
            medplum: None,
            scaling: Scaling::default(),
            resources: spec.resources.clone(),
            node_selector: spec.node_selector.clone(),
            tolerations: spec.tolerations.clone(),
            architecture: spec.architecture,
            database: Database {
                managed: DatabaseSizes {
                    engine_version: mysql.engine_version.clone(),
                    parameters: mysql.parameters.clone(),
                    ..DatabaseSizes::default()
                },
            },
            cache: Cache::default(),
            files: Files::default(),
            access: Access::default(),
            restore_from: Some(InstanceSource {
                backup: Some(backup.name_any()),
                purpose: Purpose::Drill,
                ..InstanceSource::default()
            }),
            backup: Backup::default(),
            deletion_policy: DeletionPolicy::Delete,
            management_policy: ManagementPolicy::default(),
        },
    );
    copy.metadata = ObjectMeta {
        namespace: drill.namespace(),
        labels: Some(BTreeMap::from([(
            labels::MANAGED_BY.to_owned(),
            labels::OPERATOR.to_owned(),
        )])),
        // It goes when the drill is over; nobody is to be asked then.
        annotations: Some(BTreeMap::from([(labels::CONFIRM_DELETE.to_owned(), name)])),
        owner_references: Some(vec![goes_with(drill)]),
        ..copy.metadata
    };
    copy
}
