//! A serverless cache, its one user, and who may connect.

use emr_api::cache_cluster::{self, CacheClusterSpec};
use emr_resource::{
    Owner, cache_user, cache_user_group,
    ids::{Arn, SecurityGroupId, SubnetId},
    names, secret,
    security_group::{self, IngressRule},
    serverless_cache,
};

use super::{CacheStack, Form, Landing, Serverless};

/// The ports of a serverless cache: writes, and reads from the nearest zone.
pub(super) const PORTS: [u16; 2] = [6379, 6380];
/// The engine's major version.
const MAJOR_VERSION: &str = "8";

pub(super) fn desire(
    owner: &Owner,
    spec: &CacheClusterSpec,
    serverless: &cache_cluster::Serverless,
    landing: &Landing<'_>,
) -> CacheStack {
    let network = landing.network;
    let tags = owner.tags(landing.tags);
    let key = Arn::new(landing.kms_key_arn);
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
    CacheStack {
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
        form: Form::Serverless(Box::new(Serverless {
            user: cache_user::Desired {
                id: user_id.clone(),
                user_name: user_id.to_string(),
                engine: "valkey".into(),
                access: cache_user::AccessString::new(cache_user::PHP_SESSIONS),
                password_secret: secret.name.clone(),
                tags: tags.clone(),
            },
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
        })),
        secret,
    }
}
