//! The children of an instance: objects that work alone too.
//!
//! Children that hold data carry labels and no owner reference: garbage collection must never
//! delete them because a finalizer of the instance was removed by force (ADR 0003). They leave by
//! a planned step.

mod medplum;
mod openemr;

use std::collections::BTreeMap;

use emr_api::{
    CacheCluster, EmrInstance, ManagedDatabase, ObjectStore, SharedFileSystem,
    emr_instance::RestoredSet,
    labels,
    managed_database::{DatabaseSource, PointInTime},
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::ResourceExt;

pub use openemr::{CERTIFICATES, SITES};

use super::{Application, Validated};
use crate::openemr::names::label_value;

/// The children of an instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Children {
    /// Its database.
    pub database: ManagedDatabase,
    /// Its cache.
    pub cache: CacheCluster,
    /// The files that its pods share, where the application has some.
    pub files: Option<SharedFileSystem>,
    /// The bucket that its pods use, where the application has one.
    pub objects: Option<ObjectStore>,
}

/// The children that a validated instance asks for, encrypted with `kms_key_arn`, and made from what
/// its status says that it is restored from.
pub fn children(instance: &EmrInstance, validated: &Validated, kms_key_arn: &str) -> Children {
    let parent = Parent {
        instance,
        validated,
        key: kms_key_arn.to_owned(),
    };
    match &validated.application {
        Application::OpenEmr(plan) => openemr::children(&parent, plan),
        Application::Medplum(plan) => medplum::children(&parent, plan),
    }
}

/// What every child takes from its instance.
struct Parent<'a> {
    instance: &'a EmrInstance,
    validated: &'a Validated,
    key: String,
}

impl Parent<'_> {
    /// What status says that it is made from.
    fn set(&self) -> Option<&RestoredSet> {
        self.instance.status.as_ref()?.restored.as_ref()
    }

    /// What its database is made from, in place of an empty one.
    fn database_source(&self) -> Option<DatabaseSource> {
        self.set().map(|set| DatabaseSource {
            snapshot_arn: set.snapshot_arn.clone(),
            point_in_time: set.database_at.as_ref().map(|at| PointInTime {
                cluster_id: Some(at.cluster_id.clone()),
                time: Some(at.time.clone()),
                ..PointInTime::default()
            }),
        })
    }

    /// A child's metadata.
    fn metadata(&self, name: &str, component: &str) -> ObjectMeta {
        let of = self.instance.name_any();
        ObjectMeta {
            name: Some(name.to_owned()),
            namespace: self.instance.namespace(),
            labels: Some(BTreeMap::from([
                (labels::INSTANCE.to_owned(), label_value(&of)),
                (labels::COMPONENT.to_owned(), component.to_owned()),
                (labels::MANAGED_BY.to_owned(), labels::OPERATOR.to_owned()),
            ])),
            // A label's value may be a shortened name, and a store's own name may be another.
            annotations: Some(BTreeMap::from([(labels::INSTANCE.to_owned(), of)])),
            ..ObjectMeta::default()
        }
    }
}
