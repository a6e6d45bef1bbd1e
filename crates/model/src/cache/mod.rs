//! CacheCluster: a serverless cache with its one user, or a replication group with its AUTH token; and
//! who may connect.
//!
//! The two differ in what a loss means. A serverless cache holds sessions: a lost one is made again,
//! and its users sign in once more. A replication group holds what asked for `noeviction`, a job
//! queue: a lost job is a subscription that never fires or a message that is never sent, and nobody
//! would notice if an empty queue took its place. So that is refused (safety.md 1 and 3).

mod plan;
mod replication;
mod serverless;
mod status;
#[cfg(test)]
mod tests;
mod token;

use emr_api::{cache_cluster::CacheClusterSpec, emr_platform::NetworkStatus};
use emr_resource::{
    Owner, UserTags, cache_parameter_group, cache_subnet_group, cache_user, cache_user_group,
    replication_group, secret, security_group, serverless_cache,
};
pub use plan::{Circumstances, plan, teardown};
pub use replication::parameter_group_name;
pub use status::{endpoint, reader_endpoint, status, usable};
pub use token::{Remembered, handed_out, next};

/// A cache as it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct CacheStack {
    /// Whose it is.
    pub owner: Owner,
    /// Who may connect.
    pub security_group: security_group::Desired,
    /// The user's password, or the AUTH token.
    pub secret: secret::Desired,
    /// The rest.
    pub form: Form,
}

/// What a cache is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// A serverless cache.
    Serverless(Box<Serverless>),
    /// A replication group.
    Replication(Box<Replication>),
}

/// A serverless cache as it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Serverless {
    /// The one user.
    pub user: cache_user::Desired,
    /// The group that the cache takes.
    pub user_group: cache_user_group::Desired,
    /// The cache; its security group is filled in once that has an id.
    pub cache: serverless_cache::Desired,
}

/// A replication group as it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Replication {
    /// Where its nodes stand.
    pub subnet_group: cache_subnet_group::Desired,
    /// Engine parameters.
    pub parameter_group: cache_parameter_group::Desired,
    /// The group; its security group and its token's version are filled in once they are known.
    pub group: replication_group::Desired,
    /// Who signs the certificates of its nodes; `None` while that is not known.
    pub authority: Option<String>,
}

/// What AWS has of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CacheSeen {
    /// Who may connect.
    pub security_group: Option<security_group::Observed>,
    /// The user's password, or the AUTH token.
    pub secret: Option<secret::Observed>,
    /// The one user.
    pub user: Option<cache_user::Observed>,
    /// The group that the cache takes.
    pub user_group: Option<cache_user_group::Observed>,
    /// The serverless cache.
    pub cache: Option<serverless_cache::Observed>,
    /// Where its nodes stand.
    pub subnet_group: Option<cache_subnet_group::Observed>,
    /// Engine parameters.
    pub parameter_group: Option<cache_parameter_group::Observed>,
    /// The replication group.
    pub group: Option<replication_group::Observed>,
}

/// Why a spec has no stack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CacheError {
    /// The CEL rule that demands an engine was not enforced.
    #[error("spec takes one of serverless and replicationGroup: it names the engine and its size")]
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

/// The world that a cache lands in, as its platform tells it.
#[derive(Clone, Debug)]
pub struct Landing<'a> {
    /// Network and zones.
    pub network: &'a NetworkStatus,
    /// The key that encrypts the data.
    pub kms_key_arn: &'a str,
    /// The platform's tags.
    pub tags: &'a UserTags,
    /// Who signs the certificates of nodes, where that is known.
    pub authority: Option<&'a str>,
}

/// The resources that the spec asks for.
pub fn desire(
    owner: &Owner,
    spec: &CacheClusterSpec,
    landing: &Landing<'_>,
) -> Result<CacheStack, CacheError> {
    if let Some(serverless) = &spec.serverless {
        return Ok(serverless::desire(owner, spec, serverless, landing));
    }
    let group = spec.replication_group.as_ref();
    let group = group.ok_or(CacheError::NoEngine)?;
    Ok(replication::desire(owner, spec, group, landing))
}
