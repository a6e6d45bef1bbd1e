//! CacheCluster: a serverless cache, its one user, and who may connect.

mod plan;
mod status;
#[cfg(test)]
mod tests;

use emr_api::{cache_cluster::CacheClusterSpec, emr_platform::NetworkStatus};
use emr_resource::{
    Owner, UserTags, cache_user, cache_user_group,
    ids::{Arn, SecurityGroupId, SubnetId},
    names, secret,
    security_group::{self, IngressRule},
    serverless_cache,
};
pub use plan::{plan, teardown};
pub use status::{endpoint, status, usable};

/// The ports of a serverless cache: writes, and reads from the nearest zone.
pub const PORTS: [u16; 2] = [6379, 6380];
/// The engine's major version.
const MAJOR_VERSION: &str = "8";

/// A cache as it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct CacheStack {
    /// Whose it is.
    pub owner: Owner,
    /// Who may connect.
    pub security_group: security_group::Desired,
    /// The user's password.
    pub secret: secret::Desired,
    /// The one user.
    pub user: cache_user::Desired,
    /// The group that the cache takes.
    pub user_group: cache_user_group::Desired,
    /// The cache; its security group is filled in once that has an id.
    pub cache: serverless_cache::Desired,
}

/// What AWS has of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CacheSeen {
    /// Who may connect.
    pub security_group: Option<security_group::Observed>,
    /// The user's password.
    pub secret: Option<secret::Observed>,
    /// The one user.
    pub user: Option<cache_user::Observed>,
    /// The group that the cache takes.
    pub user_group: Option<cache_user_group::Observed>,
    /// The cache.
    pub cache: Option<serverless_cache::Observed>,
}

/// Why a spec has no stack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CacheError {
    /// The CEL rule that demands an engine was not enforced.
    #[error("spec.serverless is required: it names the engine and its limits")]
    NoEngine,
}

impl CacheError {
    /// The condition's reason.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NoEngine => "InvalidSpec",
        }
    }
}

/// The resources that the spec asks for.
pub fn desire(
    owner: &Owner,
    spec: &CacheClusterSpec,
    network: &NetworkStatus,
    kms_key_arn: &str,
    user_tags: &UserTags,
) -> Result<CacheStack, CacheError> {
    let serverless = spec.serverless.as_ref().ok_or(CacheError::NoEngine)?;
    let tags = owner.tags(user_tags);
    let key = Arn::new(kms_key_arn);
    let nodes = SecurityGroupId::new(&network.node_security_group_id);
    let user_id = names::cache_user(owner);
    let secret = secret::Desired {
        content: secret::Content::Password,
        name: names::secret(owner, "cache"),
        description: format!("Cache user of {}", owner.path()),
        kms_key_arn: key.clone(),
        username: user_id.to_string(),
        tags: tags.clone(),
    };
    Ok(CacheStack {
        owner: owner.clone(),
        security_group: security_group::Desired {
            name: names::security_group(owner, "cache"),
            vpc_id: network.vpc_id.as_str().into(),
            description: crate::owner::description(&format!(
                "Cache of {}: Valkey from the cluster nodes",
                owner.path()
            )),
            ingress: PORTS.map(|port| IngressRule::tcp(port, &nodes)).into(),
            tags: tags.clone(),
        },
        user: cache_user::Desired {
            id: user_id.clone(),
            user_name: user_id.to_string(),
            engine: "valkey".into(),
            access: cache_user::AccessString::new(cache_user::PHP_SESSIONS),
            password_secret: secret.name.clone(),
            tags: tags.clone(),
        },
        secret,
        user_group: cache_user_group::Desired {
            id: names::cache_user_group(owner),
            engine: "valkey".into(),
            user_ids: [user_id].into(),
            tags: tags.clone(),
        },
        cache: serverless_cache::Desired {
            name: names::cache(owner),
            description: crate::owner::description(&format!("Sessions of {}", owner.path())),
            engine: "valkey".into(),
            major_version: MAJOR_VERSION.into(),
            max_data_gb: serverless.max_data_gb,
            max_ecpu: serverless.max_ecpu,
            kms_key_arn: key,
            security_group_id: SecurityGroupId::new(""),
            subnet_ids: network
                .private_subnets
                .iter()
                .map(|subnet| SubnetId::new(&subnet.id))
                .collect(),
            user_group_id: names::cache_user_group(owner),
            snapshot_retention_days: spec.snapshot_retention_days,
            daily_snapshot_time: None,
            tags,
        },
    })
}
