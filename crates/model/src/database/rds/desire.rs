//! From a ManagedDatabase of RDS to the resources it consists of.

use std::collections::BTreeSet;

use emr_api::managed_database::{DatabaseSource, LogExport, ManagedDatabaseSpec, RdsPostgres};
use emr_resource::{
    Owner, db_parameter_group, db_snapshot,
    ids::{Arn, DbInstanceId, ParameterGroupName, SecurityGroupId, SubnetGroupName},
    log_group, names,
    rds_instance::{
        self, CERTIFICATE_AUTHORITY, Origin, PORT, Past, Settings, Source, Storage, family,
    },
    secret,
    security_group::{self, IngressRule},
};

use super::{MOST_REPLICAS, RdsStack};
use crate::{
    database::{
        DatabaseError, Landing, MASTER_USER,
        desire::{LOG_RETENTION_DAYS, aws_window, moment},
        parameters,
    },
    owner::{Covered, data_tags},
};

/// The logs that go to CloudWatch where the spec names none.
const USUAL_LOGS: [LogExport; 2] = [LogExport::Postgresql, LogExport::Upgrade];

/// The resources that the spec asks for.
pub(in crate::database) fn desire(
    owner: &Owner,
    spec: &ManagedDatabaseSpec,
    wanted: &RdsPostgres,
    landing: &Landing<'_>,
) -> Result<RdsStack, DatabaseError> {
    let id = names::rds_instance(owner);
    let key = Arn::new(landing.kms_key_arn);
    let tags = data_tags(owner, landing.tags);
    let master_secret = secret::Desired {
        content: secret::Content::Password,
        name: names::secret(owner, "master"),
        description: format!("Master user of DB instance {id}"),
        kms_key_arn: key.clone(),
        username: MASTER_USER.into(),
        tags: tags.clone(),
    };
    let parameter_group = parameter_group(owner, wanted, landing);
    let node_group = SecurityGroupId::new(&landing.network.node_security_group_id);
    let source = spec.restore_from.as_ref().map(source).transpose()?;
    let instance = rds_instance::Desired {
        id: id.clone(),
        engine_version: wanted.engine_version.clone(),
        master_username: MASTER_USER.into(),
        master_secret: master_secret.name.clone(),
        subnet_group: SubnetGroupName::new(landing.subnet_group),
        kms_key_arn: key.clone(),
        settings: settings(spec, wanted, &parameter_group.name, &key),
        origin: source.map_or(Origin::Empty, Origin::Restored),
        tags: Covered::Database.tag(&tags),
    };
    let replicas: Vec<_> = (1..=wanted.read_replicas.min(MOST_REPLICAS))
        .map(|number| replica(&instance, number, &tags))
        .collect();
    let log_groups = [&id]
        .into_iter()
        .chain(replicas.iter().map(|replica| &replica.id))
        .flat_map(|of| log_groups(of, &instance.settings.log_exports, &key, &tags))
        .collect();
    Ok(RdsStack {
        owner: owner.clone(),
        security_group: security_group::Desired {
            name: names::security_group(owner, "db"),
            vpc_id: landing.network.vpc_id.as_str().into(),
            description: crate::owner::description(&format!(
                "Database of {}: PostgreSQL from the cluster nodes",
                owner.path()
            )),
            ingress: [IngressRule::tcp(PORT, &node_group)].into(),
            tags: tags.clone(),
        },
        replica_names: (1..=MOST_REPLICAS)
            .map(|number| names::rds_replica(&id, number))
            .collect(),
        final_snapshot: db_snapshot::Desired {
            id: names::final_db_snapshot(owner),
            instance_id: id,
            tags,
        },
        master_secret,
        parameter_group,
        log_groups,
        instance,
        replicas,
    })
}

fn settings(
    spec: &ManagedDatabaseSpec,
    wanted: &RdsPostgres,
    parameter_group: &ParameterGroupName,
    key: &Arn,
) -> Settings {
    let logs = spec.log_exports.as_deref().unwrap_or(&USUAL_LOGS).iter();
    Settings {
        class: wanted.instance_class.clone(),
        multi_az: wanted.multi_az,
        storage: Storage {
            allocated_gb: wanted.storage.allocated_gb,
            max_allocated_gb: wanted.storage.greatest_gb(),
            iops: wanted.storage.iops,
            throughput: wanted.storage.throughput,
        },
        parameter_group: parameter_group.clone(),
        security_groups: BTreeSet::new(),
        backup_retention_days: spec.backup_retention_days,
        backup_window: spec.preferred_backup_window.clone(),
        maintenance_window: aws_window(&spec.maintenance_window),
        log_exports: logs.map(|log| log.as_str().to_owned()).collect(),
        performance_insights_key: spec.performance_insights.then(|| key.clone()),
        deletion_protection: true,
        copy_tags_to_snapshot: true,
        auto_minor_version_upgrade: false,
        publicly_accessible: false,
        iam_authentication: false,
        certificate_authority: CERTIFICATE_AUTHORITY.into(),
    }
}

/// A replica is as the primary is, in one zone and unprotected: what it holds is a copy. Its tags do not name
/// it for backups.
fn replica(
    primary: &rds_instance::Desired,
    number: u32,
    tags: &emr_resource::Tags,
) -> rds_instance::Desired {
    rds_instance::Desired {
        id: names::rds_replica(&primary.id, number),
        settings: Settings {
            multi_az: false,
            deletion_protection: false,
            ..primary.settings.clone()
        },
        origin: Origin::Replica(primary.id.clone()),
        tags: tags.clone(),
        ..primary.clone()
    }
}

fn log_groups(
    of: &DbInstanceId,
    logs: &BTreeSet<String>,
    key: &Arn,
    tags: &emr_resource::Tags,
) -> Vec<log_group::Desired> {
    let group = |log: &String| log_group::Desired {
        name: names::rds_log_group(of, log),
        kms_key_arn: key.clone(),
        retention_days: LOG_RETENTION_DAYS,
        tags: tags.clone(),
    };
    logs.iter().map(group).collect()
}

/// What it is made from. What can't be understood is refused: it must not become an empty database.
fn source(from: &DatabaseSource) -> Result<Source, DatabaseError> {
    if let Some(arn) = &from.snapshot_arn {
        return Ok(Source::Snapshot(Arn::new(arn)));
    }
    let past = from.point_in_time.as_ref().ok_or(DatabaseError::NoSource)?;
    let of = match (&past.instance_id, &past.resource_id) {
        (Some(id), _) => Past::Instance(id.as_str().into()),
        (None, Some(id)) => Past::Retained(id.clone()),
        (None, None) => return Err(DatabaseError::NoSource),
    };
    Ok(Source::PointInTime {
        of,
        at: moment(past)?,
    })
}

/// The name of the group that an instance with this spec shares with its like on `cluster`.
pub(in crate::database) fn parameter_group_name(
    cluster: &str,
    wanted: &RdsPostgres,
) -> ParameterGroupName {
    let content = parameters::content(&parameters::merge_postgresql(&wanted.parameters));
    names::parameter_group(cluster, &family(&wanted.engine_version), &content)
}

fn parameter_group(
    owner: &Owner,
    wanted: &RdsPostgres,
    landing: &Landing<'_>,
) -> db_parameter_group::Desired {
    db_parameter_group::Desired {
        name: parameter_group_name(&owner.cluster, wanted),
        family: family(&wanted.engine_version),
        description: format!("RDS for PostgreSQL for EMRs on {}", owner.cluster),
        parameters: parameters::merge_postgresql(&wanted.parameters),
        tags: owner.shared_tags(landing.tags),
    }
}
