//! The objects of an instance, in the order in which they are applied.

use k8s_openapi::{
    api::{
        apps::v1::Deployment,
        autoscaling::v2::HorizontalPodAutoscaler,
        batch::v1::Job,
        core::v1::{ConfigMap, PersistentVolume, PersistentVolumeClaim, Service, ServiceAccount},
        networking::v1::{Ingress, NetworkPolicy},
        policy::v1::PodDisruptionBudget,
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::Resource;
use serde::Serialize;

/// Defines [`Object`] over the kinds that an instance consists of.
macro_rules! object {
    ($($kind:ident),+ $(,)?) => {
        /// An object, ready to be applied. Serializes with `apiVersion` and `kind`.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum Object {
            $(#[doc = concat!("A ", stringify!($kind), ".")] $kind(Box<$kind>),)+
        }

        impl Object {
            /// Its kind.
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$kind(_) => stringify!($kind),)+ }
            }

            /// Its metadata.
            pub fn meta(&self) -> &ObjectMeta {
                match self { $(Self::$kind(object) => object.meta(),)+ }
            }
        }

        $(impl From<$kind> for Object {
            fn from(object: $kind) -> Self {
                Self::$kind(Box::new(object))
            }
        })+
    };
}

object! {
    ConfigMap, Deployment, HorizontalPodAutoscaler, Ingress, Job, NetworkPolicy, PersistentVolume,
    PersistentVolumeClaim, PodDisruptionBudget, Service, ServiceAccount,
}

impl Object {
    /// Its name.
    pub fn name(&self) -> &str {
        self.meta().name.as_deref().unwrap_or_default()
    }

    /// True for what is created when absent and never patched: a Job's template is immutable.
    pub const fn is_created_once(&self) -> bool {
        matches!(self, Self::Job(_))
    }
}

/// When objects may be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Once the file system and its access points exist.
    Storage,
    /// Once database, cache and files are ready.
    Surroundings,
    /// With them, where files were restored.
    Restore,
    /// With the surroundings, or once the restore Job is complete.
    Install,
    /// Once the install Job is complete, where there is one.
    Serving,
    /// Together with serving; absent unless a certificate and address ranges are there.
    Exposure,
}

/// The objects of an instance, by phase, in the order of application.
#[derive(Clone, Debug, PartialEq)]
pub struct Objects {
    /// Volumes and claims.
    pub storage: Vec<Object>,
    /// What the Jobs need.
    pub surroundings: Vec<Object>,
    /// The Job that brings restored files into place.
    pub restore: Option<Object>,
    /// The Job that installs, or takes restored data over; `None` where the application does that
    /// itself when it starts.
    pub install: Option<Object>,
    /// The workers and what goes with them.
    pub serving: Vec<Object>,
    /// The way in.
    pub exposure: Vec<Object>,
}

impl Objects {
    /// The phases in order.
    pub fn phases(&self) -> [(Phase, &[Object]); 6] {
        [
            (Phase::Storage, &self.storage),
            (Phase::Surroundings, &self.surroundings),
            (Phase::Restore, self.restore.as_slice()),
            (Phase::Install, self.install.as_slice()),
            (Phase::Serving, &self.serving),
            (Phase::Exposure, &self.exposure),
        ]
    }

    /// The name of the object of a kind that an instance has one of.
    pub fn named(&self, kind: &str) -> Option<&str> {
        let one = self.iter().find(|object| object.kind() == kind);
        one.map(Object::name)
    }

    /// All objects in order.
    pub fn iter(&self) -> impl Iterator<Item = &Object> {
        self.phases().into_iter().flat_map(|(_, objects)| objects)
    }
}
