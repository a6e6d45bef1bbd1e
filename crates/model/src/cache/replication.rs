//! A replication group, its AUTH token, where it stands and who may connect.
//!
//! No log goes to CloudWatch: the slow log quotes what clients sent, which is patients' data (safety.md
//! 18), and the delivery of either log takes the right to change the account's resource policies of
//! CloudWatch Logs, which the operator does not have.

use std::collections::BTreeMap;

use emr_api::cache_cluster::{CacheClusterSpec, ReplicationGroup};
use emr_resource::{
    Owner, cache_parameter_group, cache_subnet_group,
    ids::{Arn, CacheParameterGroupName, SecurityGroupId, SubnetId},
    names,
    replication_group::{self, PORT, Token, family},
    secret,
    security_group::{self, IngressRule},
};

use super::{CacheStack, Form, Landing, Replication};
use crate::{
    database::{aws_window, content},
    owner::description,
};

/// Whom AUTH signs in; clients need not say it.
const USER: &str = "default";

pub(super) fn desire(
    owner: &Owner,
    spec: &CacheClusterSpec,
    group: &ReplicationGroup,
    landing: &Landing<'_>,
) -> CacheStack {
    let network = landing.network;
    let tags = owner.tags(landing.tags);
    let key = Arn::new(landing.kms_key_arn);
    let nodes = SecurityGroupId::new(&network.node_security_group_id);
    let engine = group.engine;
    let id = names::replication_group(owner);
    let secret = secret::Desired {
        content: secret::Content::Password,
        name: names::secret(owner, "cache"),
        description: format!("AUTH token of replication group {id}"),
        kms_key_arn: key.clone(),
        username: USER.into(),
        tags: tags.clone(),
    };
    let parameter_group = parameter_group(owner, group, landing);
    let subnet_group = cache_subnet_group::Desired {
        name: names::cache_subnet_group(owner),
        description: description(&format!("Nodes of {}", owner.path())),
        subnet_ids: network
            .private_subnets
            .iter()
            .map(|subnet| SubnetId::new(&subnet.id))
            .collect(),
        tags: tags.clone(),
    };
    CacheStack {
        owner: owner.clone(),
        security_group: security_group::Desired {
            name: names::security_group(owner, "cache"),
            vpc_id: network.vpc_id.as_str().into(),
            description: description(&format!(
                "Cache of {}: {} from the cluster nodes",
                owner.path(),
                engine.in_words()
            )),
            ingress: [IngressRule::tcp(PORT, &nodes)].into(),
            tags: tags.clone(),
        },
        form: Form::Replication(Box::new(Replication {
            group: replication_group::Desired {
                id,
                description: description(&format!("Cache of {}", owner.path())),
                engine: engine.as_str().into(),
                engine_version: group.version().to_owned(),
                node_type: group.node_type.clone(),
                shards: group.shards,
                replicas: group.replicas_per_shard,
                multi_az: group.multi_az,
                automatic_failover: group.automatic_failover,
                parameter_group: parameter_group.name.clone(),
                subnet_group: subnet_group.name.clone(),
                security_group_id: SecurityGroupId::new(""),
                kms_key_arn: key,
                token: Token {
                    secret: secret.name.clone(),
                    version: "".into(),
                },
                maintenance_window: aws_window(&group.maintenance_window),
                snapshot_window: group.snapshot_window.clone(),
                snapshot_retention_days: spec.snapshot_retention_days,
                tags,
            },
            subnet_group,
            parameter_group,
            authority: landing.authority.map(str::to_owned),
        })),
        secret,
    }
}

/// The operator's parameters, with the user's laid over them. A job that is evicted is never done.
fn parameters(group: &ReplicationGroup) -> BTreeMap<String, String> {
    let mut all = BTreeMap::from([("maxmemory-policy".to_owned(), "noeviction".to_owned())]);
    all.extend(group.parameters.clone());
    all.remove("cluster-enabled");
    if group.shards > 1 {
        all.insert("cluster-enabled".to_owned(), "yes".to_owned());
    }
    all
}

/// The name of the group that a cache with this spec shares with its like on `cluster`; `None` for
/// one that takes no parameters.
pub fn parameter_group_name(
    cluster: &str,
    spec: &CacheClusterSpec,
) -> Option<CacheParameterGroupName> {
    let group = spec.replication_group.as_ref()?;
    let family = family(group.engine.as_str(), group.version());
    let content = content(&parameters(group));
    Some(names::cache_parameter_group(cluster, &family, &content))
}

fn parameter_group(
    owner: &Owner,
    group: &ReplicationGroup,
    landing: &Landing<'_>,
) -> cache_parameter_group::Desired {
    let parameters = parameters(group);
    let family = family(group.engine.as_str(), group.version());
    cache_parameter_group::Desired {
        name: names::cache_parameter_group(&owner.cluster, &family, &content(&parameters)),
        family,
        description: description(&format!(
            "{} for EMRs on {}",
            group.engine.in_words(),
            owner.cluster
        )),
        parameters,
        tags: owner.shared_tags(landing.tags),
    }
}
