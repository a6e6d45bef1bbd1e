//! DB instances that stand alone, and their read replicas: how they come to be.

use std::collections::BTreeMap;

use emr_resource::{
    ids::{Arn, DbInstanceId, SecretName, SubnetGroupName},
    quota::Quota,
    rds_instance::{Desired, ENGINE, LARGE_GB, Observed, PORT, Settings, Storage, family},
};

use super::room::{Refused, Room, ensure, refuse};

/// The versions that can be created.
const VERSIONS: [&str; 4] = ["16.8", "16.10", "16.11", "17.7"];
/// Classes by family; the real list is longer.
const FAMILIES: [&str; 6] = ["m6g", "m7g", "r6g", "r7g", "r8g", "t4g"];
const SIZES: [&str; 8] = [
    "micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge",
];
pub(super) const NOT_FOUND: &str = "DBInstanceNotFound";
pub(super) const WRONG_STATE: &str = "InvalidDBInstanceState";

/// What an instance or a snapshot holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Records {
    /// The instance that was created empty, and the how-manieth of its name that was.
    pub(super) data: (DbInstanceId, u32),
    /// The secret that holds the master password.
    pub(super) master: SecretName,
    pub(super) master_username: String,
    pub(super) engine_version: String,
    pub(super) kms_key_arn: Option<Arn>,
    pub(super) allocated_gb: u32,
}

#[derive(Clone, Default)]
pub(super) struct RdsInstances {
    pub(super) all: BTreeMap<DbInstanceId, Observed>,
    /// What is in each.
    pub(super) records: BTreeMap<DbInstanceId, Records>,
    /// What retained backups hold, by the lasting id of the deleted instance.
    pub(super) retained: BTreeMap<String, Records>,
}

impl RdsInstances {
    pub(super) fn get(&mut self, id: &DbInstanceId) -> Result<&mut Observed, Refused> {
        match self.all.get_mut(id) {
            Some(instance) => Ok(instance),
            None => refuse(NOT_FOUND, format!("DB instance {id} not found")),
        }
    }

    pub(super) fn available(&mut self, id: &DbInstanceId) -> Result<&mut Observed, Refused> {
        let instance = self.get(id)?;
        let message = format!("DB instance {id} is {}", instance.status);
        ensure(instance.is_available(), WRONG_STATE, message)?;
        Ok(instance)
    }
}

/// Source: RDS user guide, "Amazon RDS DB instance storage", gp3; "Managing capacity automatically with
/// Amazon RDS storage autoscaling".
pub(super) fn check_storage(storage: &Storage) -> Result<(), Refused> {
    let size = (20..=65_536).contains(&storage.allocated_gb);
    ensure(size, "InvalidParameterValue", "20 to 65536 GiB")?;
    let room = storage.max_allocated_gb * 10 >= storage.allocated_gb * 11;
    ensure(
        room,
        "InvalidParameterCombination",
        "the greatest storage must exceed the allocated by 10 %",
    )
}

/// What AWS gives where nothing is asked for, and what it takes.
pub(super) fn speed(storage: &Storage) -> Result<Storage, Refused> {
    let large = storage.allocated_gb >= LARGE_GB;
    let baseline = if large { (12_000, 500) } else { (3_000, 125) };
    let asked = |value: Option<u32>, base: u32, most: u32| match value {
        Some(value) if value == base || (large && (base..=most).contains(&value)) => {
            Ok(Some(value))
        }
        Some(_) => refuse(
            "InvalidParameterCombination",
            "operations and throughput are given from 400 GiB on",
        ),
        None => Ok(Some(base)),
    };
    Ok(Storage {
        iops: asked(storage.iops, baseline.0, 64_000)?,
        throughput: asked(storage.throughput, baseline.1, 4_000)?,
        ..storage.clone()
    })
}

impl Room {
    pub(super) fn check_rds(&self, settings: &Settings, version: &str) -> Result<(), Refused> {
        let class = settings.class.strip_prefix("db.");
        let class = class.and_then(|class| class.split_once('.'));
        let known = class.is_some_and(|(of, size)| FAMILIES.contains(&of) && SIZES.contains(&size));
        ensure(known, "InvalidParameterValue", "no such class")?;
        if let Some(key) = &settings.performance_insights_key {
            self.check_key(key, "KMSKeyNotAccessibleFault")?;
        }
        for group in &settings.security_groups {
            let known = self.ec2.has(group);
            ensure(known, "InvalidParameterValue", "no such security group")?;
        }
        let logs = settings.log_exports.iter();
        let mut unknown = logs.filter(|log| !["postgresql", "upgrade"].contains(&log.as_str()));
        let none = unknown.next().is_none();
        ensure(none, "InvalidParameterCombination", "no such log")?;
        match self.instance_groups.get(&settings.parameter_group) {
            None => refuse("DBParameterGroupNotFound", "no such parameter group"),
            Some(group) if group.family == family(version) => Ok(()),
            Some(_) => refuse("InvalidParameterCombination", "of another family"),
        }
    }

    /// Source: RDS API reference, `CreateDBInstance`, errors and constraints of each parameter.
    pub(super) fn create_rds(&mut self, desired: &Desired) -> Result<Observed, Refused> {
        self.secrets.value(&desired.master_secret)?;
        let settings = &desired.settings;
        let days = (1..=35).contains(&settings.backup_retention_days);
        ensure(days, "InvalidParameterValue", "1 to 35 days")?;
        check_storage(&settings.storage)?;
        let records = Records {
            data: (desired.id.clone(), 0),
            master: desired.master_secret.clone(),
            master_username: desired.master_username.clone(),
            engine_version: desired.engine_version.clone(),
            kms_key_arn: Some(desired.kms_key_arn.clone()),
            allocated_gb: settings.storage.allocated_gb,
        };
        let mut made = self.new_rds(desired, settings.clone(), records, None)?;
        let nth = self.born.get(&format!("db-/{}", made.id)).copied();
        if let Some(records) = self.rds.records.get_mut(&desired.id) {
            records.data.1 = nth.unwrap_or_default();
        }
        made.status = "creating".into();
        Ok(made)
    }

    pub(super) fn new_rds(
        &mut self,
        desired: &Desired,
        mut settings: Settings,
        records: Records,
        replica_of: Option<&DbInstanceId>,
    ) -> Result<Observed, Refused> {
        let id = &desired.id;
        let exists = self.rds.all.contains_key(id) || self.instances.all.contains_key(id);
        ensure(!exists, "DBInstanceAlreadyExists", format!("{id} exists"))?;
        let version = &records.engine_version;
        let known = VERSIONS.contains(&version.as_str());
        ensure(
            known,
            "InvalidParameterCombination",
            "cannot find this version",
        )?;
        self.within_quota(Quota::DbInstances, "InstanceQuotaExceeded")?;
        self.check_subnet_group(&desired.subnet_group)?;
        if let Some(key) = &records.kms_key_arn {
            self.check_key(key, "KMSKeyNotAccessibleFault")?;
        }
        self.check_rds(&settings, version)?;
        settings.storage = speed(&settings.storage)?;
        let resource_id = self.next_id("db-", id.as_str());
        let made = Observed {
            id: id.clone(),
            arn: self.arn("rds", &format!("db:{id}")),
            resource_id: format!("db-{}", resource_id[3..].to_uppercase()),
            status: "creating".into(),
            engine: ENGINE.into(),
            engine_version: version.clone(),
            endpoint: None,
            port: None,
            master_username: records.master_username.clone(),
            subnet_group: desired.subnet_group.clone(),
            kms_key_arn: records.kms_key_arn.clone(),
            settings,
            pending: Vec::new(),
            parameter_status: "in-sync".into(),
            replica_of: replica_of.cloned(),
            tags: desired.tags.clone(),
        };
        self.rds.all.insert(id.clone(), made.clone());
        self.rds.records.insert(id.clone(), records);
        let id = id.clone();
        self.after(self.delays.instance_creating, move |room| {
            room.rds_created(&id);
        });
        Ok(made)
    }

    fn check_subnet_group(&self, name: &SubnetGroupName) -> Result<(), Refused> {
        let known = self.groups.subnets.contains_key(name);
        ensure(known, "DBSubnetGroupNotFoundFault", name.as_str())
    }

    /// It answers, and is backed up before it takes changes. RDS makes the log groups that it writes to
    /// where nobody did before. Source: RDS user guide, "Viewing DB instance status".
    fn rds_created(&mut self, id: &DbInstanceId) {
        let region = self.region.clone();
        let Ok(instance) = self.rds.get(id) else {
            return;
        };
        if instance.status != "creating" {
            return;
        }
        instance.endpoint = Some(format!("{id}.abcdefghijkl.{region}.rds.amazonaws.com"));
        instance.port = Some(PORT);
        let backed_up = instance.replica_of.is_none();
        instance.status = if backed_up { "backing-up" } else { "available" }.into();
        for log in instance.settings.log_exports.clone() {
            self.write_log(&format!("/aws/rds/instance/{id}/{log}"));
        }
        if backed_up {
            self.rds_later(id, "backing-up", "available");
        }
    }

    /// Goes on from one status to the next after a while, unless something else happened to it.
    pub(super) fn rds_later(&mut self, id: &DbInstanceId, from: &'static str, to: &'static str) {
        let id = id.clone();
        self.after(self.delays.modifying, move |room| {
            let Ok(instance) = room.rds.get(&id) else {
                return;
            };
            if instance.status == from {
                instance.status = to.into();
                if to == "storage-optimization" {
                    room.rds_later(&id, to, "available");
                }
            }
        });
    }
}
