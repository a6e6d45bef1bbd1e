//! A replication group is made.

use emr_resource::replication_group::{Desired, Details, Endpoint, Observed, PORT, Token, family};
use zeroize::Zeroizing;

use crate::memory::room::{Refused, Room, ensure, refuse};

/// Source: ElastiCache user guide, "Supported engines and versions".
const VERSIONS: [(&str, &[&str]); 2] = [
    ("valkey", &["7.2", "8.0", "8.1", "8.2"]),
    ("redis", &["6.2", "7.0", "7.1"]),
];
/// Source: ElastiCache API reference, `IncreaseReplicaCount`.
pub(super) const MOST_REPLICAS: u32 = 5;

/// An engine has the version, and what runs then.
pub(super) fn running(engine: &str, version: &str) -> Result<String, Refused> {
    let mut engines = VERSIONS.iter();
    let known = engines.any(|(name, versions)| *name == engine && versions.contains(&version));
    ensure(known, "InvalidParameterValue", "no such engine version")?;
    Ok(format!("{version}.0"))
}

/// Source: ElastiCache API reference, `CreateReplicationGroup`.
pub(super) fn check_failover(replicas: u32, failover: bool, multi_az: bool) -> Result<(), Refused> {
    let code = "InvalidParameterCombination";
    ensure(!failover || replicas > 0, code, "failover needs a replica")?;
    ensure(!multi_az || failover, code, "several zones need failover")
}

impl Room {
    /// Source: ElastiCache user guide, "Authenticating with AUTH".
    pub(super) fn token_value(&self, token: &Token) -> Result<Zeroizing<String>, Refused> {
        let value = self.secrets.version(&token.secret, &token.version)?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || "!&#$^<>-".contains(c);
        let good =
            (16..=128).contains(&value.password.len()) && value.password.chars().all(allowed);
        ensure(good, "InvalidParameterValue", "no good AUTH token")?;
        Ok(value.password)
    }

    /// A parameter group of the family, with or without cluster mode.
    pub(super) fn check_parameters(
        &self,
        name: &emr_resource::ids::CacheParameterGroupName,
        family: &str,
        cluster_mode: bool,
    ) -> Result<(), Refused> {
        let Some(group) = self.cache_groups.parameters.get(name) else {
            return refuse("CacheParameterGroupNotFound", name.as_str());
        };
        let code = "InvalidParameterCombination";
        ensure(
            group.family == family,
            code,
            "the group is of another family",
        )?;
        let set = group.details.as_ref();
        let mode = set.and_then(|set| set.parameters.get("cluster-enabled"));
        let enabled = mode.is_some_and(|mode| mode == "yes");
        ensure(
            enabled == cluster_mode,
            code,
            "the group has another cluster mode",
        )
    }

    pub(super) fn create_nodes(&mut self, desired: &Desired) -> Result<(), Refused> {
        let id = &desired.id;
        let exists = self.replication_groups.all.contains_key(id);
        let message = format!("{id} exists");
        ensure(!exists, "ReplicationGroupAlreadyExists", message)?;
        let version = running(&desired.engine, &desired.engine_version)?;
        let node = desired.node_type.starts_with("cache.");
        ensure(node, "InvalidParameterValue", "no such node type")?;
        let few = desired.replicas <= MOST_REPLICAS && desired.shards > 0;
        ensure(
            few,
            "InvalidParameterValue",
            "0 to 5 replicas of each shard",
        )?;
        check_failover(
            desired.replicas,
            desired.automatic_failover,
            desired.multi_az,
        )?;
        let cluster_mode = desired.shards > 1;
        let family = family(&desired.engine, &desired.engine_version);
        self.check_parameters(&desired.parameter_group, &family, cluster_mode)?;
        let known = self
            .cache_groups
            .subnets
            .contains_key(&desired.subnet_group);
        ensure(
            known,
            "CacheSubnetGroupNotFoundFault",
            "no such subnet group",
        )?;
        let known = self.ec2.has(&desired.security_group_id);
        ensure(known, "InvalidParameterValue", "no such security group")?;
        self.check_key(&desired.kms_key_arn, "InvalidKMSKeyFault")?;
        let token = self.token_value(&desired.token)?;
        let group = Observed {
            id: id.clone(),
            arn: self.arn("elasticache", &format!("replicationgroup:{id}")),
            created_at: Some(self.now),
            status: "creating".into(),
            description: desired.description.clone(),
            engine: desired.engine.clone(),
            node_type: desired.node_type.clone(),
            cluster_mode,
            shards: desired.shards,
            replicas: desired.replicas,
            multi_az: desired.multi_az,
            automatic_failover: desired.automatic_failover,
            kms_key_arn: Some(desired.kms_key_arn.clone()),
            encrypted: true,
            token_required: true,
            token_modified_at: Some(self.now),
            endpoint: None,
            reader_endpoint: None,
            snapshot_window: desired.snapshot_window.clone(),
            snapshot_retention_days: desired.snapshot_retention_days,
            details: Some(Details {
                engine_version: version,
                parameter_group: desired.parameter_group.clone(),
                subnet_group: desired.subnet_group.clone(),
                security_group_ids: [desired.security_group_id.clone()].into(),
                maintenance_window: desired.maintenance_window.clone(),
                auto_minor_version_upgrade: true,
            }),
            tags: Some(desired.first_tags()),
        };
        let all = &mut self.replication_groups.all;
        all.insert(id.clone(), (group, vec![token]));
        let suffix = self.next_id("", id.as_str());
        let host = format!("{id}.{}.cache.amazonaws.com", &suffix[..6]);
        let id = id.clone();
        self.after(self.delays.cache_creating, move |room| {
            if let Some((group, _)) = room.replication_groups.all.get_mut(&id)
                && group.status == "creating"
            {
                let endpoint = |role: &str| Endpoint {
                    address: format!("{role}.{host}"),
                    port: PORT,
                };
                group.status = "available".into();
                let written = if cluster_mode { "clustercfg" } else { "master" };
                group.endpoint = Some(endpoint(written));
                group.reader_endpoint = (!cluster_mode).then(|| endpoint("replica"));
            }
        });
        Ok(())
    }
}
