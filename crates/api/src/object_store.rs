//! ObjectStore: an S3 bucket that pods of one service account use.

#![allow(
    clippy::struct_field_names,
    reason = "what happens after how many days"
)]

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    policy::{DeletionPolicy, ManagementPolicy},
    references::{Placement, PlatformRef, ResourceStatus},
};

/// Objects in AWS: encrypted, versioned, closed to the public, reachable over TLS 1.2 alone.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "emrstack.dev",
    version = "v1alpha1",
    kind = "ObjectStore",
    plural = "objectstores",
    shortname = "obs",
    category = "emr",
    namespaced,
    status = "ObjectStoreStatus",
    doc = "Objects in AWS: encrypted, versioned, closed to the public, reachable over TLS 1.2 alone.",
    cel,
    derive = "PartialEq",
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}"#,
    printcolumn = r#"{"name":"Bucket","type":"string","jsonPath":".status.bucket"}"#,
    printcolumn = r#"{"name":"Waiting For","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].message"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.objectLock) == has(oldSelf.objectLock)").message("spec.objectLock is immutable: S3 takes it only when a bucket is made; copy the objects into a new ObjectStore"))]
#[x_kube(validation = Rule::new("!has(oldSelf.access) || has(self.access)").message("spec.access can be added and not taken away: delete the ObjectStore, its bucket stays under deletionPolicy Retain"))]
pub struct ObjectStoreSpec {
    /// The platform to land on; can't be changed.
    #[serde(default)]
    #[x_kube(validation = Rule::new("self == oldSelf").message("spec.platformRef is immutable: objects do not move"))]
    pub platform_ref: PlatformRef,
    /// The KMS key; the platform's when omitted. Objects that are there would stay under the former one,
    /// so it can't be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("self == oldSelf").message("spec.kmsKeyArn is immutable: S3 does not encrypt anew what is there"))]
    #[schemars(regex(pattern = "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$"))]
    pub kms_key_arn: Option<String>,
    /// When objects move to cheaper storage, and when what nobody needs goes. No object is ever deleted by
    /// itself, only former versions, and those only if asked for.
    #[serde(default)]
    pub lifecycle: Lifecycle,
    /// Keeps every version from being deleted or overwritten for a time, whoever asks. Only when the bucket
    /// is made; can't be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("self == oldSelf").message("spec.objectLock is immutable: it protects what is there"))]
    pub object_lock: Option<ObjectLock>,
    /// Who asked for what, written by S3 into a bucket of its own within hours and kept a year.
    #[serde(default = "yes")]
    pub access_logs: bool,
    /// Browsers that read and write by presigned URLs.
    #[serde(default)]
    pub cors: Cors,
    /// Whose pods get at the objects, without keys: by EKS Pod Identity. Can be added, and not changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("self == oldSelf").message("spec.access can't be changed: make another ObjectStore for another service account"))]
    pub access: Option<Access>,
    /// What happens to the objects when this object is deleted. `Snapshot` and `Retain` keep the bucket with
    /// everything in it; `Delete` deletes it only if nobody left an object or a version in it.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
    /// How much the operator may change.
    #[serde(default)]
    pub management_policy: ManagementPolicy,
}

/// When objects move to cheaper storage, and when what nobody needs goes.
#[allow(
    clippy::struct_field_names,
    reason = "each says what happens after its days"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.infrequentAccessAfterDays == 0 || self.infrequentAccessAfterDays >= 30").message("lifecycle.infrequentAccessAfterDays: S3 takes 30 days or more, or 0 for never"))]
#[x_kube(validation = Rule::new("self.glacierAfterDays == 0 || self.glacierAfterDays >= self.infrequentAccessAfterDays + 30").message("lifecycle.glacierAfterDays: S3 takes 30 days or more after infrequentAccessAfterDays, or 0 for never"))]
pub struct Lifecycle {
    /// Days from its creation until an object moves to Standard-IA; 0 for never.
    #[serde(default = "ninety")]
    #[schemars(range(min = 0, max = 36_500))]
    pub infrequent_access_after_days: u32,
    /// Days from its creation until an object moves to Glacier Instant Retrieval, from which it is read as
    /// before, at a price; 0 for never.
    #[serde(default = "year")]
    #[schemars(range(min = 0, max = 36_500))]
    pub glacier_after_days: u32,
    /// Days after which a version that was overwritten or deleted goes for good; 0 for never.
    #[serde(default)]
    #[schemars(range(min = 0, max = 36_500))]
    pub noncurrent_expire_after_days: u32,
    /// Days after which an upload in parts that nobody completed goes.
    #[serde(default = "seven")]
    #[schemars(range(min = 1, max = 365))]
    pub abort_incomplete_uploads_after_days: u32,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self {
            infrequent_access_after_days: ninety(),
            glacier_after_days: year(),
            noncurrent_expire_after_days: 0,
            abort_incomplete_uploads_after_days: seven(),
        }
    }
}

/// Keeps versions from being deleted or overwritten for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectLock {
    /// Who may shorten it.
    #[serde(default)]
    pub mode: ObjectLockMode,
    /// Days from when a version is written.
    #[schemars(range(min = 1, max = 36_500))]
    pub days: u32,
}

/// Who may shorten a lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ObjectLockMode {
    /// Whoever has the right to in IAM.
    #[default]
    Governance,
    /// Nobody, AWS included.
    Compliance,
}

/// Browsers that read and write by presigned URLs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cors {
    /// The origins whose pages may: `https://viewer.example.org`. None by default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 20),
        extend("x-kubernetes-list-type" = "set"),
        inner(length(max = 253), regex(pattern = "^https://[A-Za-z0-9.*-]+(:[0-9]{1,5})?$"))
    )]
    pub allowed_origins: Vec<String>,
}

/// Whose pods get at the objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Access {
    /// A service account of this namespace. Its pods list, read, write and delete objects; what they delete
    /// stays as a version. EKS gives one role to a service account, so it has one ObjectStore. Pods take the
    /// role when they start.
    #[schemars(
        length(min = 1, max = 253),
        regex(pattern = "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")
    )]
    pub service_account: String,
}

fn yes() -> bool {
    true
}
fn seven() -> u32 {
    7
}
fn ninety() -> u32 {
    90
}
fn year() -> u32 {
    365
}

/// What AWS made of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectStoreStatus {
    /// The generation that this status speaks of.
    #[serde(default)]
    pub observed_generation: i64,
    /// `Ready`, and while true `Reconciling`, `Stalled`, `DriftDetected`, `Paused`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// Account, region, network and key, copied from the platform at creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
    /// The bucket's ARN. Once set, one that is gone is never replaced by an empty one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// The bucket's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// The region that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The bucket that its access logs go to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logs_bucket: Option<String>,
    /// The role that pods of `spec.access.serviceAccount` take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// Everything in AWS that belongs to this object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceStatus>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn store(spec: &Value) -> ObjectStore {
        let spec: ObjectStoreSpec = serde_json::from_value(spec.clone()).unwrap();
        ObjectStore::new("scans", spec)
    }

    #[test]
    fn defaults_are_what_a_careful_engineer_would_choose() {
        let spec = store(&json!({})).spec;
        assert!(spec.access_logs && spec.object_lock.is_none() && spec.access.is_none());
        assert_eq!(spec.deletion_policy, DeletionPolicy::Snapshot);
        assert_eq!(spec.lifecycle.infrequent_access_after_days, 90);
        assert_eq!(spec.lifecycle.glacier_after_days, 365);
        assert_eq!(spec.lifecycle.noncurrent_expire_after_days, 0);
        assert_eq!(spec.lifecycle.abort_incomplete_uploads_after_days, 7);
        assert!(store(&json!({})).validate_cel().is_ok());
    }

    #[test]
    fn what_s3_would_refuse_is_refused_with_the_field() {
        for (spec, says) in [
            (
                json!({"lifecycle": {"infrequentAccessAfterDays": 29}}),
                "infrequentAccessAfterDays",
            ),
            (
                json!({"lifecycle": {"infrequentAccessAfterDays": 90, "glacierAfterDays": 119}}),
                "glacierAfterDays",
            ),
        ] {
            let errors = store(&spec).validate_cel().unwrap_err();
            assert!(format!("{errors:?}").contains(says), "{errors:?}");
        }
        for fine in [
            json!({"lifecycle": {"infrequentAccessAfterDays": 0, "glacierAfterDays": 30}}),
            json!({"lifecycle": {"infrequentAccessAfterDays": 30, "glacierAfterDays": 0}}),
        ] {
            assert!(store(&fine).validate_cel().is_ok(), "{fine}");
        }
    }

    #[test]
    fn what_protects_objects_or_opens_them_can_not_be_changed() {
        let lock = json!({"objectLock": {"days": 30}});
        let longer = json!({"objectLock": {"days": 60}});
        let access = |name: &str| json!({"access": {"serviceAccount": name}});
        for (old, new, fine) in [
            (json!({}), lock.clone(), false),
            (lock.clone(), json!({}), false),
            (lock.clone(), longer, false),
            (lock.clone(), lock, true),
            (json!({}), access("viewer"), true),
            (access("viewer"), json!({}), false),
            (access("viewer"), access("other"), false),
        ] {
            let judged = store(&new).validate_cel_update(&store(&old));
            assert_eq!(judged.is_ok(), fine, "{old} to {new}: {judged:?}");
        }
    }
}
