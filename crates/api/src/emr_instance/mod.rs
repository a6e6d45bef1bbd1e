//! EmrInstance: one clinic's electronic medical records, from the public name down to the
//! database.

mod backup;
mod database_user;
mod medplum;
mod openemr;
mod restore;
mod scaling;
mod status;
mod stores;
#[cfg(test)]
mod tests;
mod upgrade;

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ResourceRequirements, Toleration};
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use backup::{Backup, DrillSchedule, Scheduled, SetSchedule};
pub use database_user::{DatabaseUser, DatabaseUsers, RotationPhase, UserRotation};
pub use medplum::{
    Email, ImageSource, LogLevel, Medplum, MedplumConfig, SERVER_REPOSITORY, Smtp, WEB_REPOSITORY,
    Web, Workers,
};
pub use openemr::{Apis, Image, OpenEmr};
pub use restore::{DatabaseAt, InstanceSource, Moment, Purpose, RestoredSet};
pub use scaling::Scaling;
pub use status::{EmrInstanceStatus, Scale};
pub use stores::{Cache, CacheSizes, Database, DatabaseSizes, Files, ManagedFiles};
pub use upgrade::{UpgradePhase, UpgradeStatus};

use crate::{
    policy::{DeletionPolicy, ManagementPolicy, Profile},
    references::PlatformRef,
};

/// One clinic's electronic medical records: application, database, cache, files and endpoint.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "emrstack.dev",
    version = "v1alpha1",
    kind = "EmrInstance",
    plural = "emrinstances",
    shortname = "emr",
    selectable = ".spec.hostname",
    category = "emr",
    namespaced,
    status = "EmrInstanceStatus",
    doc = "One clinic's electronic medical records: application, database, cache, files and endpoint.",
    cel,
    derive = "PartialEq",
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}"#,
    printcolumn = r#"{"name":"URL","type":"string","jsonPath":".status.url"}"#,
    printcolumn = r#"{"name":"Version","type":"string","jsonPath":".status.version"}"#,
    printcolumn = r#"{"name":"Phase","type":"string","jsonPath":".status.phase"}"#,
    printcolumn = r#"{"name":"Waiting For","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].message"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.restoreFrom) == has(oldSelf.restoreFrom)").message("spec.restoreFrom is immutable: it is read once, when the instance is made; restore into a new one"))]
#[x_kube(validation = Rule::new("!has(self.restoreFrom) || self.restoreFrom.purpose != 'Drill' || self.deletionPolicy == 'Delete'").message("spec.restoreFrom.purpose Drill asks for deletionPolicy Delete: nothing of a drill's copy is kept"))]
#[x_kube(validation = Rule::new("!has(self.restoreFrom) || !has(self.restoreFrom.pointInTime) || has(self.restoreFrom.pointInTime.instance)").message("spec.restoreFrom.pointInTime.instance is required: it names the EmrInstance that this one is made from"))]
#[x_kube(validation = Rule::new("has(self.openemr) != has(self.medplum)").message("exactly one of spec.openemr and spec.medplum is required: it names the application and its version"))]
#[x_kube(validation = Rule::new("has(self.openemr) == has(oldSelf.openemr)").message("the choice between spec.openemr and spec.medplum is immutable: neither reads the other's records; make another instance"))]
#[x_kube(validation = Rule::new("!has(self.medplum) || !has(oldSelf.medplum) || has(self.medplum.apiHostname) == has(oldSelf.medplum.apiHostname) && (!has(self.medplum.apiHostname) || self.medplum.apiHostname == oldSelf.medplum.apiHostname)").message("spec.medplum.apiHostname is immutable: clients and tokens name it; make another instance"))]
#[x_kube(validation = Rule::new("!has(self.medplum) || !has(self.restoreFrom)").message("spec.restoreFrom reads sets of OpenEMR: to bring Medplum back, make a ManagedDatabase with restoreFrom of its snapshot"))]
pub struct EmrInstanceSpec {
    /// The platform to land on; can't be changed.
    #[serde(default)]
    #[x_kube(validation = Rule::new("self == oldSelf").message("spec.platformRef is immutable: an instance does not move; restore a backup into a new one"))]
    pub platform_ref: PlatformRef,
    /// Sizes, zones and retention together. Every field below overrides its part.
    #[serde(default)]
    pub profile: Profile,
    /// The public name, unique in the cluster.
    #[schemars(
        length(min = 4, max = 253),
        regex(
            pattern = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$"
        )
    )]
    pub hostname: String,
    /// OpenEMR.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openemr: Option<OpenEmr>,
    /// Medplum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medplum: Option<Medplum>,
    /// How many pods, and when there are more.
    #[serde(default)]
    pub scaling: Scaling,
    /// Resources of each pod; 2 vCPU and 4 GiB for OpenEMR, 1 vCPU and 2 GiB for Medplum when omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
    /// Labels that nodes must carry.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node_selector: BTreeMap<String, String>,
    /// Taints that pods tolerate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<Toleration>,
    /// The processors to run on.
    #[serde(default)]
    pub architecture: Architecture,
    /// The database.
    #[serde(default)]
    pub database: Database,
    /// The cache.
    #[serde(default)]
    pub cache: Cache,
    /// Documents, keys and certificates that pods share.
    #[serde(default)]
    pub files: Files,
    /// Who may reach the instance. Nobody, until this says so.
    #[serde(default)]
    pub access: Access,
    /// The set that it is made from, in place of an empty database. It comes up fenced: nobody reaches
    /// it and it reaches nobody, until it is released. Read once; it can't be added or changed later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("self == oldSelf").message("spec.restoreFrom is immutable: it is read once, when the instance is made; restore into a new one"))]
    pub restore_from: Option<InstanceSource>,
    /// Sets that are taken and drills that are held by themselves.
    #[serde(default)]
    pub backup: Backup,
    /// What happens to the data when this object is deleted.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
    /// How much the operator may change.
    #[serde(default)]
    pub management_policy: ManagementPolicy,
}

/// The processors to run on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// Graviton.
    #[default]
    Arm64,
    /// Intel and AMD.
    Amd64,
}

impl Architecture {
    /// The value of the label `kubernetes.io/arch`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::Amd64 => "amd64",
        }
    }
}

/// Who may reach the instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Access {
    /// Address ranges that are let in, IPv4 or IPv6: `198.51.100.0/24`. Empty: nobody.
    #[serde(default)]
    #[schemars(length(max = 50), inner(length(max = 43)), extend("x-kubernetes-list-type" = "set"))]
    #[x_kube(validation = Rule::new("self.all(c, isCIDR(c))").message("spec.access.allowedCidrs must hold address ranges such as 198.51.100.0/24 or 2001:db8::/32"))]
    pub allowed_cidrs: Vec<String>,
}
