//! From a ManagedDatabase to the resources it consists of.

use std::collections::BTreeSet;

use emr_api::{
    emr_platform::NetworkStatus,
    managed_database::{DatabaseSource, ManagedDatabaseSpec, PointInTime},
};
use emr_resource::{
    Owner, Tags, UserTags, cluster_snapshot,
    db_cluster::{self, Acu, Origin, Settings, Source},
    db_instance,
    ids::{Arn, ParameterGroupName, SecurityGroupId, SubnetGroupName, Zone},
    log_group, names, parameter_group, secret,
    security_group::{self, IngressRule},
};
use jiff::Timestamp;

use super::{
    AuroraStack,
    engine::{Wanted, in_words, wanted},
    parameters,
};
use crate::owner::{Covered, data_tags};

/// The master user. `admin` would do, but says less in an audit log.
pub const MASTER_USER: &str = "emradmin";
/// Days that database logs are kept; the nearest that CloudWatch offers to the weekly backups' 90.
pub(super) const LOG_RETENTION_DAYS: u32 = 90;

/// Why a spec has no stack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseError {
    /// The CEL rule that demands an engine was not enforced.
    #[error(
        "spec takes one of auroraMysql, auroraPostgresql and rdsPostgres: it names the engine and its size"
    )]
    NoEngine,
    /// The CEL rules that demand a source were not enforced.
    #[error(
        "spec.restoreFrom names nothing to restore from: set snapshotArn, or pointInTime with \
         clusterId, instanceId or resourceId"
    )]
    NoSource,
    /// A time that no calendar has.
    #[error("spec.restoreFrom.pointInTime.time: {0} is not a time such as 2026-11-23T14:05:00Z")]
    NotATime(String),
}

impl DatabaseError {
    /// The condition's reason.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NoEngine | Self::NoSource | Self::NotATime(_) => "InvalidSpec",
        }
    }
}

/// The world that a database lands in, as its platform tells it.
#[derive(Clone, Debug)]
pub struct Landing<'a> {
    /// Network and zones.
    pub network: &'a NetworkStatus,
    /// The platform's DB subnet group.
    pub subnet_group: &'a str,
    /// The key that encrypts the data.
    pub kms_key_arn: &'a str,
    /// The platform's tags.
    pub tags: &'a UserTags,
}

/// The resources that the spec asks for.
pub(super) fn desire(
    owner: &Owner,
    spec: &ManagedDatabaseSpec,
    landing: &Landing<'_>,
) -> Result<AuroraStack, DatabaseError> {
    let wanted = wanted(spec).ok_or(DatabaseError::NoEngine)?;
    let engine = wanted.engine;
    let id = names::db_cluster(owner);
    let key = Arn::new(landing.kms_key_arn);
    let tags = data_tags(owner, landing.tags);
    let master_secret = secret::Desired {
        content: secret::Content::Password,
        name: names::secret(owner, "master"),
        description: format!("Master user of DB cluster {id}"),
        kms_key_arn: key.clone(),
        username: MASTER_USER.into(),
        tags: tags.clone(),
    };
    let parameter_group = parameter_group(owner, &wanted, landing.tags);
    let named = spec.log_exports.as_deref();
    let log_exports: BTreeSet<String> = named
        .unwrap_or(wanted.usual_logs())
        .iter()
        .map(|log| log.as_str().to_owned())
        .collect();
    let log_groups = log_exports
        .iter()
        .map(|log| log_group::Desired {
            name: names::db_log_group(&id, log),
            kms_key_arn: key.clone(),
            retention_days: LOG_RETENTION_DAYS,
            tags: tags.clone(),
        })
        .collect();
    let node_group = SecurityGroupId::new(&landing.network.node_security_group_id);
    Ok(AuroraStack {
        owner: owner.clone(),
        security_group: security_group::Desired {
            name: names::security_group(owner, "db"),
            vpc_id: landing.network.vpc_id.as_str().into(),
            description: crate::owner::description(&format!(
                "Database of {}: {} from the cluster nodes",
                owner.path(),
                in_words(engine)
            )),
            ingress: [IngressRule::tcp(engine.port(), &node_group)].into(),
            tags: tags.clone(),
        },
        cluster: db_cluster::Desired {
            id: id.clone(),
            engine,
            engine_version: wanted.version.to_owned(),
            master_username: MASTER_USER.into(),
            master_secret: master_secret.name.clone(),
            port: engine.port(),
            subnet_group: SubnetGroupName::new(landing.subnet_group),
            kms_key_arn: key.clone(),
            settings: Settings {
                min_capacity: Acu::from_f64(wanted.capacity.min_acu),
                max_capacity: Acu::from_f64(wanted.capacity.max_acu),
                parameter_group: parameter_group.name.clone(),
                security_groups: BTreeSet::new(),
                backup_retention_days: spec.backup_retention_days,
                backup_window: spec.preferred_backup_window.clone(),
                maintenance_window: aws_window(&spec.maintenance_window),
                log_exports,
                deletion_protection: true,
                copy_tags_to_snapshot: true,
            },
            source: spec.restore_from.as_ref().map(source).transpose()?,
            tags: Covered::Database.tag(&tags),
        },
        instances: instances(spec, &wanted, &id, landing.network, &key, &tags),
        final_snapshot: cluster_snapshot::Desired {
            id: names::final_snapshot(owner),
            cluster_id: id,
            tags,
        },
        master_secret,
        parameter_group,
        log_groups,
    })
}

/// What it is made from. What can't be understood is refused: it must not become an empty database.
fn source(from: &DatabaseSource) -> Result<Source, DatabaseError> {
    if let Some(arn) = &from.snapshot_arn {
        return Ok(Source::Snapshot(Arn::new(arn)));
    }
    let past = from.point_in_time.as_ref().ok_or(DatabaseError::NoSource)?;
    let of = match (&past.cluster_id, &past.resource_id) {
        (Some(id), _) => Origin::Cluster(id.as_str().into()),
        (None, Some(id)) => Origin::Retained(id.clone()),
        (None, None) => return Err(DatabaseError::NoSource),
    };
    Ok(Source::PointInTime {
        of,
        at: moment(past)?,
    })
}

/// The time that is named, if one is.
pub(super) fn moment(past: &PointInTime) -> Result<Option<Timestamp>, DatabaseError> {
    let parse = |at: &String| at.parse().map_err(|_| DatabaseError::NotATime(at.clone()));
    past.time.as_ref().map(parse).transpose()
}

/// The name of the group that a database with this spec shares with its like on `cluster`; `None`
/// without an engine that has one.
pub(super) fn parameter_group_name(
    cluster: &str,
    spec: &ManagedDatabaseSpec,
) -> Option<ParameterGroupName> {
    let wanted = wanted(spec)?;
    let family = wanted.engine.family(wanted.version);
    let content = parameters::content(&wanted.merged());
    Some(names::parameter_group(cluster, &family, &content))
}

fn parameter_group(
    owner: &Owner,
    wanted: &Wanted<'_>,
    user: &UserTags,
) -> parameter_group::Desired {
    let parameters = wanted.merged();
    let content = parameters::content(&parameters);
    let family = wanted.engine.family(wanted.version);
    parameter_group::Desired {
        name: names::parameter_group(&owner.cluster, &family, &content),
        family,
        description: format!(
            "Aurora {} for EMRs on {}",
            in_words(wanted.engine),
            owner.cluster
        ),
        parameters,
        tags: owner.shared_tags(user),
    }
}

/// The first writer in the first zone, readers in the others, in turn. Tiers 0 and 1 let readers
/// scale with the writer, so that a failover lands on one that is as large.
fn instances(
    spec: &ManagedDatabaseSpec,
    wanted: &Wanted<'_>,
    cluster: &emr_resource::ids::DbClusterId,
    network: &NetworkStatus,
    key: &Arn,
    tags: &Tags,
) -> Vec<db_instance::Desired> {
    let zones: BTreeSet<&str> = network
        .database_subnets
        .iter()
        .map(|subnet| subnet.zone.as_str())
        .collect();
    let zones: Vec<&str> = zones.into_iter().collect();
    (0..=wanted.readers)
        .map(|index| db_instance::Desired {
            id: names::db_instance(cluster, index),
            cluster_id: cluster.clone(),
            engine: wanted.engine,
            class: "db.serverless".into(),
            zone: zones
                .get(index as usize % zones.len().max(1))
                .map(|zone| Zone::new(*zone)),
            promotion_tier: u8::from(index > 0),
            performance_insights_key: spec.performance_insights.then(|| key.clone()),
            tags: tags.clone(),
        })
        .collect()
}

/// `Sun:04:00-05:00` as AWS writes it: `sun:04:00-sun:05:00`. A window that ends before it starts
/// ends on the next day.
pub(crate) fn aws_window(window: &str) -> String {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let lower = window.to_ascii_lowercase();
    let Some((day, times)) = lower.split_once(':') else {
        return lower;
    };
    let Some((start, end)) = times.split_once('-') else {
        return lower;
    };
    let last = if end > start {
        day
    } else {
        let today = DAYS
            .iter()
            .position(|name| *name == day)
            .unwrap_or_default();
        DAYS[(today + 1) % DAYS.len()]
    };
    format!("{day}:{start}-{last}:{end}")
}

#[cfg(test)]
mod window_tests {
    use super::aws_window;

    #[test]
    fn windows_are_written_as_aws_reads_them() {
        assert_eq!(aws_window("Sun:04:00-05:00"), "sun:04:00-sun:05:00");
        assert_eq!(aws_window("Sun:23:30-00:30"), "sun:23:30-mon:00:30");
    }
}
