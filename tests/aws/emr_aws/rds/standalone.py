"""DB instances of RDS for PostgreSQL that stand alone, and their read replicas: how they come to be and change."""
import re
import uuid

from .. import lifecycle, lookups
from ..quotas import enforce
from ..wire.errors import AwsError
from ..wire.render import iso
from . import attributes, instance_parameters, subnets
from .common import INSTANCES, check_tags, database_key, instances, require_identifier, resource_id

ENGINE = "postgres"
VERSIONS = ["16.4", "16.6", "16.8", "16.9", "16.10", "16.11", "17.5", "17.6", "17.7"]
_LOGS = {"postgresql", "upgrade", "iam-db-auth-error"}
_FAMILIES = "m5 m5d m6g m6gd m6i m7g m7i m8g r5 r5b r6g r6gd r6i r7g r7i r8g t3 t4g x2g".split()
_SIZES = "micro small medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge".split()
_LARGE = 400


def is_ours(record):
    return record.get("Engine") == ENGINE and not record.get("DBClusterIdentifier")


def _invalid(message):
    raise AwsError("InvalidParameterValue", message)


def _conflict(message):
    raise AwsError("InvalidParameterCombination", message)


def check_class(name):
    family, _, size = name.removeprefix("db.").partition(".")
    if family not in _FAMILIES or size not in _SIZES:
        _invalid(f"Invalid DB Instance class: {name}")


def _check(p):
    """Rules that every creation and modification share."""
    if p.get("DBInstanceClass"):
        check_class(p["DBInstanceClass"])
    retention = p.get("BackupRetentionPeriod")
    if retention is not None and not 0 <= retention <= 35:
        _invalid(f"Invalid backup retention period: {retention}. Must be between 0 and 35.")
    attributes.check_common({key: value for key, value in p.items() if key not in (
        "BackupRetentionPeriod", "EnableCloudwatchLogsExports")}, ENGINE)
    exports = p.get("CloudwatchLogsExportConfiguration") or {}
    unknown = set(p.get("EnableCloudwatchLogsExports") or exports.get("EnableLogTypes") or []) - _LOGS
    if unknown:
        _conflict(f"You cannot use the log types '{', '.join(sorted(unknown))}' with engine version {ENGINE}.")


def check_storage(size, most, iops, throughput):
    """What storage of type gp3 has, with its baseline where nothing is asked for."""
    if not 20 <= size <= 65536:
        _invalid(f"Invalid storage size for engine name postgres and storage type gp3: {size}")
    if most and most * 10 < size * 11:
        _conflict("Invalid max storage size for engine name postgres and storage type gp3: "
                  f"{most}. It must be at least 10% greater than the allocated storage.")
    base = (12000, 500) if size >= _LARGE else (3000, 125)
    if size < _LARGE and (iops not in (None, 3000) or throughput not in (None, 125)):
        _conflict("You can't specify IOPS or storage throughput for engine postgres and a storage size less than 400.")
    if size >= _LARGE and not (12000 <= (iops or 12000) <= 64000 and 500 <= (throughput or 500) <= 4000):
        _conflict(f"Invalid iops or throughput for storage of {size} GiB: {iops}, {throughput}")
    return {"AllocatedStorage": size, "MaxAllocatedStorage": most, "Iops": iops or base[0],
            "StorageThroughput": throughput or base[1], "StorageType": "gp3"}


def family(version):
    return f"postgres{version.split('.')[0]}"


def new_instance(ctx, p, name, version, storage, inherited):
    """Check what every way of creation checks, and store the record as `creating`."""
    name = require_identifier(name, "DBInstanceIdentifier")
    if name in instances():
        raise AwsError("DBInstanceAlreadyExistsFault", "DB Instance already exists")
    if version not in VERSIONS:
        _conflict(f"Cannot find version {version} for {ENGINE}")
    _check(p)
    enforce(ctx, "L-7B6409FD", len(INSTANCES), "InstanceQuotaExceededFault")
    group = instance_parameters.require_for(p.get("DBParameterGroupName") or f"default.{family(version)}", family(version))
    network = subnets.subnet_group(p.get("DBSubnetGroupName") or "default")
    groups = p.get("VpcSecurityGroupIds") or []
    lookups.require_security_groups(groups, network["VpcId"])
    zones, multi = subnets.zones_of(network), bool(p.get("MultiAZ"))
    authority = p.get("CACertificateIdentifier") or "rds-ca-rsa2048-g1"
    record = {
        "DBInstanceIdentifier": name, "DBInstanceArn": ctx.arn("rds", f"db:{name}"), "Engine": ENGINE,
        "EngineVersion": version, "DBInstanceClass": p["DBInstanceClass"], "InstanceCreateTime": iso(ctx.now),
        "Endpoint": None, "_endpoint": {"Address": f"{name}.{uuid.uuid4().hex[:12]}.{ctx.region}.rds.amazonaws.com",
                                        "Port": p.get("Port") or 5432, "HostedZoneId": "Z2R2ITUGPM61AM"},
        "DBSubnetGroup": network, "AvailabilityZone": zones[0], "MultiAZ": multi,
        "SecondaryAvailabilityZone": zones[1] if multi else None, "DbInstancePort": 0,
        "VpcSecurityGroups": [{"VpcSecurityGroupId": group_id, "Status": "active"} for group_id in groups],
        "DBParameterGroups": [{"DBParameterGroupName": group, "ParameterApplyStatus": "in-sync"}],
        "OptionGroupMemberships": [{"OptionGroupName": f"default:postgres-{version.split('.')[0]}", "Status": "in-sync"}],
        "MasterUsername": p.get("MasterUsername"), "DBName": p.get("DBName"), "LicenseModel": "postgresql-license",
        "BackupRetentionPeriod": 1 if p.get("BackupRetentionPeriod") is None else p["BackupRetentionPeriod"],
        "PreferredBackupWindow": p.get("PreferredBackupWindow") or "03:00-03:30",
        "PreferredMaintenanceWindow": (p.get("PreferredMaintenanceWindow") or "sun:05:00-sun:05:30").lower(),
        "EnabledCloudwatchLogsExports": sorted(set(p.get("EnableCloudwatchLogsExports") or [])),
        "AutoMinorVersionUpgrade": p.get("AutoMinorVersionUpgrade", True), "PubliclyAccessible": bool(p.get("PubliclyAccessible")),
        "IAMDatabaseAuthenticationEnabled": bool(p.get("EnableIAMDatabaseAuthentication")),
        "CACertificateIdentifier": authority, "CertificateDetails": {"CAIdentifier": authority,
                                                                     "ValidTill": "2061-01-01T00:00:00Z"},
        "CopyTagsToSnapshot": bool(p.get("CopyTagsToSnapshot")), "DeletionProtection": bool(p.get("DeletionProtection")),
        "StorageEncrypted": False, "KmsKeyId": None, "PerformanceInsightsEnabled": False, "MonitoringInterval": 0,
        "DbiResourceId": resource_id("db"), "TagList": check_tags(p.get("Tags")), "PendingModifiedValues": {},
        "ReadReplicaDBInstanceIdentifiers": [], "DBSecurityGroups": [], "DomainMemberships": [], "AssociatedRoles": [],
        "CustomerOwnedIpEnabled": False, "BackupTarget": "region", "ActivityStreamStatus": "stopped",
        "NetworkType": "IPV4", "EarliestRestorableTime": iso(ctx.now), "LatestRestorableTime": iso(ctx.now),
        **storage, **inherited,
    }
    attributes.insights(p, record)
    replica = bool(record.get("ReadReplicaSourceDBInstanceIdentifier"))
    lifecycle.begin(record, "DBInstanceStatus", "creating", "available" if replica else "backing-up",
                    "rds.instance.creating")
    INSTANCES[name] = record
    return record


def create(ctx, p):
    if not p.get("MasterUsername") or not p.get("MasterUserPassword"):
        _invalid("The parameter MasterUserPassword must be provided and must not be blank.")
    if p.get("AllocatedStorage") is None:
        _invalid("Invalid storage size for engine name postgres and storage type gp2: null")
    storage = check_storage(p["AllocatedStorage"], p.get("MaxAllocatedStorage"), p.get("Iops"), p.get("StorageThroughput"))
    storage["StorageType"] = p.get("StorageType") or "gp2"
    inherited = {}
    if p.get("StorageEncrypted") or p.get("KmsKeyId"):
        key = database_key(p["KmsKeyId"]) if p.get("KmsKeyId") else attributes.emulator_default_key()
        inherited = {"StorageEncrypted": True, "KmsKeyId": key}
    return new_instance(ctx, p, p["DBInstanceIdentifier"], p.get("EngineVersion") or "16.11", storage, inherited)


_PLAIN = {"PreferredBackupWindow": "PreferredBackupWindow", "AutoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
          "PubliclyAccessible": "PubliclyAccessible", "CopyTagsToSnapshot": "CopyTagsToSnapshot",
          "DeletionProtection": "DeletionProtection", "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
          "MaxAllocatedStorage": "MaxAllocatedStorage"}
_PENDING = ("DBInstanceClass", "MultiAZ", "BackupRetentionPeriod", "CACertificateIdentifier", "AllocatedStorage", "Iops",
            "StorageThroughput")
_STORAGE = ("AllocatedStorage", "MaxAllocatedStorage", "Iops", "StorageThroughput")


def modify(ctx, p, record):
    """What takes time is pending until it is applied; the rest is told at once. The reply shows the state before."""
    status = record["DBInstanceStatus"]
    if status not in ("available", "storage-optimization", "storage-full"):
        raise AwsError("InvalidDBInstanceStateFault", f"Database instance is not in available state (current state: {status}).")
    resized = any(p.get(name) is not None for name in _STORAGE)
    if resized and status == "storage-optimization":
        _conflict("You can't currently modify the storage of this DB instance because the previous storage change is "
                  "being optimized.")
    _check(p)
    before = {**record}
    changes = {name: p[name] for name in _PENDING if p.get(name) is not None and p[name] != record.get(name)}
    if resized:
        changes.update(_resized(p, record))
    if p.get("DBParameterGroupName"):
        group = instance_parameters.require_for(p["DBParameterGroupName"], family(record["EngineVersion"]))
        if group != record["DBParameterGroups"][0]["DBParameterGroupName"]:
            record["DBParameterGroups"] = [{"DBParameterGroupName": group, "ParameterApplyStatus": "pending-reboot"}]
    if p.get("VpcSecurityGroupIds"):
        lookups.require_security_groups(p["VpcSecurityGroupIds"], record["DBSubnetGroup"]["VpcId"])
        record["VpcSecurityGroups"] = [{"VpcSecurityGroupId": name, "Status": "active"} for name in p["VpcSecurityGroupIds"]]
    if p.get("PreferredMaintenanceWindow"):
        record["PreferredMaintenanceWindow"] = p["PreferredMaintenanceWindow"].lower()
    for name, field in _PLAIN.items():
        if p.get(name) is not None:
            record[field] = p[name]
    exports = p.get("CloudwatchLogsExportConfiguration") or {}
    logs = set(record["EnabledCloudwatchLogsExports"]) | set(exports.get("EnableLogTypes") or [])
    record["EnabledCloudwatchLogsExports"] = sorted(logs - set(exports.get("DisableLogTypes") or []))
    attributes.insights(p, record)
    record["PendingModifiedValues"] = dict(changes)
    if p.get("MasterUserPassword"):
        record["_MasterUserPassword"] = p["MasterUserPassword"]
        record["PendingModifiedValues"]["MasterUserPassword"] = "****"
    if record == before:
        return record
    busy = "resetting-master-credentials" if p.get("MasterUserPassword") else "modifying"
    quick = {"DBInstanceIdentifier", "ApplyImmediately", "DeletionProtection"}
    if {name for name, value in p.items() if value is not None} <= quick:
        return before
    lifecycle.begin(record, "DBInstanceStatus", busy, "storage-optimization" if "AllocatedStorage" in changes else "available",
                    "rds.instance.modifying")
    return before


def _resized(p, record):
    """Storage as it will be: never less, and a tenth more at least."""
    had = record["AllocatedStorage"]
    size = p.get("AllocatedStorage") or had
    if size < had:
        _invalid(f"Requested storage cannot be less than the current storage: {size} < {had}")
    if size > had:
        size = max(size, -(-had * 11 // 10))
    grown = size >= _LARGE > had
    storage = check_storage(size, p.get("MaxAllocatedStorage") or record.get("MaxAllocatedStorage"),
                            p.get("Iops") or (None if grown else record["Iops"]),
                            p.get("StorageThroughput") or (None if grown else record["StorageThroughput"]))
    return {name: storage[name] for name in ("AllocatedStorage", "Iops", "StorageThroughput")
            if storage[name] != record[name]}


def settled(record):
    """What a state that was reached leads to."""
    status = record["DBInstanceStatus"]
    record["Endpoint"] = record["Endpoint"] or record["_endpoint"]
    pending, record["PendingModifiedValues"] = record["PendingModifiedValues"], {}
    record.update({name: value for name, value in pending.items() if name != "MasterUserPassword"})
    if status in ("backing-up", "storage-optimization"):
        lifecycle.begin(record, "DBInstanceStatus", status, "available", "rds.instance.modifying")


def delete(ctx, p, record):
    """Replicas that are left are promoted; automated backups are kept where that is asked for."""
    name = record["DBInstanceIdentifier"]
    if record["DeletionProtection"]:
        _conflict("Cannot delete protected DB Instance, please disable deletion protection and try again.")
    if not p.get("SkipFinalSnapshot") and not p.get("FinalDBSnapshotIdentifier"):
        _conflict("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
    if p.get("SkipFinalSnapshot") and p.get("FinalDBSnapshotIdentifier"):
        _conflict("FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is specified.")
    for other in instances().values():
        if other.get("ReadReplicaSourceDBInstanceIdentifier") == name:
            other["ReadReplicaSourceDBInstanceIdentifier"] = None
    primary = INSTANCES.get(record.get("ReadReplicaSourceDBInstanceIdentifier") or "")
    if primary:
        primary["ReadReplicaDBInstanceIdentifiers"].remove(name)
    record["_keep"] = p.get("DeleteAutomatedBackups") is False and record["BackupRetentionPeriod"] > 0
    lifecycle.begin(record, "DBInstanceStatus", "deleting", lifecycle.GONE, "rds.instance.deleting")
    return record
