//! The list of resource types. A new one is a folder in this crate, one in `cloud`, and a line
//! here.

use crate::{Mutation, ResourceType, Service};

/// Calls a macro with every resource type, as `(Variant, module)` pairs.
///
/// `cloud` builds its ports, its views and its dispatch from the same list.
#[macro_export]
macro_rules! for_each_resource_type {
    ($callback:ident) => {
        $callback! {
            (AccessPoint, access_point),
            (BackupJobs, backup_job),
            (BackupPlan, backup_plan),
            (BackupRole, backup_role),
            (BackupVault, backup_vault),
            (CacheParameterGroup, cache_parameter_group),
            (CacheSubnetGroup, cache_subnet_group),
            (Bucket, bucket),
            (CacheUser, cache_user),
            (CacheUserGroup, cache_user_group),
            (ClusterSnapshot, cluster_snapshot),
            (DbCluster, db_cluster),
            (DbInstance, db_instance),
            (DbParameterGroup, db_parameter_group),
            (DbSnapshot, db_snapshot),
            (FileSystem, file_system),
            (Key, key),
            (LogGroup, log_group),
            (ParameterGroup, parameter_group),
            (PodIdentityAssociation, pod_identity_association),
            (PodRole, pod_role),
            (ProtectedResource, protected_resource),
            (RdsInstance, rds_instance),
            (RecoveryPoint, recovery_point),
            (ReplicationGroup, replication_group),
            (RestoreJob, restore_job),
            (Secret, secret),
            (SecurityGroup, security_group),
            (ServerlessCache, serverless_cache),
            (SubnetGroup, subnet_group),
        }
    };
}

macro_rules! define_change {
    ($(($variant:ident, $module:ident)),+ $(,)?) => {
        /// A change of any resource type: what a stack's plan is made of.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Change {
            $(#[doc = concat!("A change of [`", stringify!($module), "`](crate::", stringify!($module), ").")]
            $variant($crate::$module::Change),)+
        }

        $(impl From<$crate::$module::Change> for Change {
            fn from(change: $crate::$module::Change) -> Self {
                Self::$variant(change)
            }
        })+

        impl Change {
            /// The resource type's name: `db-cluster`.
            pub const fn resource_type(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => <$crate::$module::$variant as ResourceType>::NAME,)+
                }
            }

            /// The service that is called.
            pub const fn service(&self) -> Service {
                match self {
                    $(Self::$variant(_) => <$crate::$module::$variant as ResourceType>::SERVICE,)+
                }
            }
        }

        impl Mutation for Change {
            fn operation(&self) -> &'static str {
                match self { $(Self::$variant(change) => change.operation(),)+ }
            }
            fn target(&self) -> String {
                match self { $(Self::$variant(change) => change.target(),)+ }
            }
            fn describe(&self) -> String {
                match self { $(Self::$variant(change) => change.describe(),)+ }
            }
        }
    };
}

for_each_resource_type!(define_change);
