"""DB instances that stand alone, from others: read replicas, manual snapshots, restores."""
from .. import lifecycle
from ..quotas import enforce
from ..registry import Forward, op, page
from ..wire.errors import AwsError
from ..wire.parse import parse_time
from ..wire.render import iso
from . import standalone
from .common import (DB_SNAPSHOTS, RETAINED, check_tags, db_snapshot, db_snapshots, filters, merge_tags,
                     require_identifier, short)
from .instances import instance

_INHERITED = ("MasterUsername", "_MasterUserPassword", "DBName", "StorageEncrypted", "KmsKeyId")


@op("rds", "CreateDBInstanceReadReplica")
def replicate(ctx, p):
    source = instance(p["SourceDBInstanceIdentifier"])
    if not standalone.is_ours(source):
        raise Forward()
    name = source["DBInstanceIdentifier"]
    if source["DBInstanceStatus"] != "available":
        raise AwsError("InvalidDBInstanceStateFault", f"Source database instance {name} is not in available state "
                       f"(current state: {source['DBInstanceStatus']}).")
    if not source["BackupRetentionPeriod"]:
        raise AwsError("InvalidDBInstanceStateFault", f"Automated backups are not enabled for database instance {name}.")
    if len(source["ReadReplicaDBInstanceIdentifiers"]) >= 15:
        raise AwsError("InvalidParameterCombination", "A DB instance has at most 15 read replicas.")
    storage = standalone.check_storage(p.get("AllocatedStorage") or source["AllocatedStorage"],
                                       p.get("MaxAllocatedStorage") or source.get("MaxAllocatedStorage"),
                                       p.get("Iops"), p.get("StorageThroughput"))
    merged = {"DBInstanceClass": source["DBInstanceClass"], **p, "BackupRetentionPeriod": 0,
              "DBSubnetGroupName": source["DBSubnetGroup"]["DBSubnetGroupName"],
              "PreferredBackupWindow": source["PreferredBackupWindow"],
              "PreferredMaintenanceWindow": source["PreferredMaintenanceWindow"]}
    inherited = {field: source.get(field) for field in _INHERITED}
    inherited["ReadReplicaSourceDBInstanceIdentifier"] = name
    made = standalone.new_instance(ctx, merged, p["DBInstanceIdentifier"], source["EngineVersion"], storage, inherited)
    source["ReadReplicaDBInstanceIdentifiers"].append(made["DBInstanceIdentifier"])
    return {"DBInstance": made}


@op("rds", "CreateDBSnapshot")
def create(ctx, p):
    source = instance(p["DBInstanceIdentifier"])
    if not standalone.is_ours(source):
        raise Forward()
    name = require_identifier(p["DBSnapshotIdentifier"], "DBSnapshotIdentifier", 255)
    if name in db_snapshots():
        raise AwsError("DBSnapshotAlreadyExists", f"Cannot create the snapshot because a snapshot with the identifier {name} "
                       "already exists.")
    if source["DBInstanceStatus"] != "available":
        raise AwsError("InvalidDBInstanceState", f"Cannot create a snapshot because the database instance "
                       f"{source['DBInstanceIdentifier']} is not currently in the available state.")
    enforce(ctx, "L-272F1212", len(DB_SNAPSHOTS), "SnapshotQuotaExceeded")
    made = {"DBSnapshotIdentifier": name, "DBSnapshotArn": ctx.arn("rds", f"snapshot:{name}"), "SnapshotType": "manual",
            "SnapshotCreateTime": iso(ctx.now), "OriginalSnapshotCreateTime": iso(ctx.now),
            "Encrypted": source["StorageEncrypted"], "LicenseModel": source["LicenseModel"], "PercentProgress": 0,
            "TagList": merge_tags(source["TagList"] if source["CopyTagsToSnapshot"] else [], check_tags(p.get("Tags"))),
            "_source": dict(source)}
    for field in ("DBInstanceIdentifier", "Engine", "EngineVersion", "AllocatedStorage", "AvailabilityZone", "MasterUsername",
                  "KmsKeyId", "DbiResourceId", "InstanceCreateTime", "Iops", "StorageThroughput", "StorageType",
                  "IAMDatabaseAuthenticationEnabled"):
        made[field] = source.get(field)
    lifecycle.begin(made, "Status", "creating", "available", "rds.snapshot.creating")
    lifecycle.begin(source, "DBInstanceStatus", "backing-up", "available", "rds.snapshot.creating")
    DB_SNAPSHOTS[name] = made
    return {"DBSnapshot": made}


@op("rds", "DescribeDBSnapshots")
def describe(ctx, p):
    if p.get("DBSnapshotIdentifier"):
        return {"DBSnapshots": [db_snapshot(p["DBSnapshotIdentifier"])]}
    fields = {"db-instance-id": "DBInstanceIdentifier", "db-snapshot-id": "DBSnapshotIdentifier",
              "dbi-resource-id": "DbiResourceId", "snapshot-type": "SnapshotType", "engine": "Engine"}
    wanted = filters(p, tuple(fields))
    for name, field in (("db-instance-id", "DBInstanceIdentifier"), ("snapshot-type", "SnapshotType"),
                        ("dbi-resource-id", "DbiResourceId")):
        if p.get(field):
            wanted[name] = [p[field]]
    found = [record for record in db_snapshots().values()
             if all(record.get(fields[name]) in values for name, values in wanted.items())]
    found.sort(key=lambda record: record["DBSnapshotIdentifier"])
    items, following = page(found, p.get("MaxRecords"), p.get("Marker"), 20, 100, 100)
    return {"DBSnapshots": items, "Marker": following}


@op("rds", "DeleteDBSnapshot")
def delete(ctx, p):
    record = db_snapshot(p["DBSnapshotIdentifier"])
    if record["Status"] not in ("available", "failed"):
        raise AwsError("InvalidDBSnapshotState", f"Cannot delete the snapshot because it is in {record['Status']} state.")
    DB_SNAPSHOTS.pop(record["DBSnapshotIdentifier"])
    return {"DBSnapshot": {**record, "Status": "deleted"}}


def _restore(ctx, p, name, source):
    """The version, the key and the room are the source's; no call takes others but more room."""
    inherited = {field: source.get(field) for field in _INHERITED}
    size = p.get("AllocatedStorage") or source["AllocatedStorage"]
    if size < source["AllocatedStorage"]:
        raise AwsError("InvalidParameterValue", "The allocated storage is less than the source's.")
    storage = standalone.check_storage(size, p.get("MaxAllocatedStorage"), p.get("Iops"), p.get("StorageThroughput"))
    merged = {"DBInstanceClass": source["DBInstanceClass"], **p}
    return {"DBInstance": standalone.new_instance(ctx, merged, name, source["EngineVersion"], storage, inherited)}


@op("rds", "RestoreDBInstanceFromDBSnapshot")
def from_snapshot(ctx, p):
    made = db_snapshot(p["DBSnapshotIdentifier"])
    if made["Status"] != "available":
        raise AwsError("InvalidDBSnapshotState", f"The snapshot {made['DBSnapshotIdentifier']} is not available.")
    return _restore(ctx, p, p["DBInstanceIdentifier"], made["_source"])


@op("rds", "RestoreDBInstanceToPointInTime")
def to_point_in_time(ctx, p):
    if p.get("SourceDbiResourceId"):
        source = RETAINED.get(p["SourceDbiResourceId"])
        if source is None:
            raise AwsError("DBInstanceAutomatedBackupNotFound", "No automated backup for this resource id.")
    elif p.get("SourceDBInstanceIdentifier"):
        source = instance(p["SourceDBInstanceIdentifier"])
        if not standalone.is_ours(source):
            raise Forward()
        if source["DBInstanceStatus"] in ("creating", "deleting") or not source["BackupRetentionPeriod"]:
            raise AwsError("InvalidDBInstanceState", f"The source instance is in {source['DBInstanceStatus']} state.")
    else:
        raise AwsError("InvalidParameterCombination", "SourceDBInstanceIdentifier is required.")
    moment = p.get("RestoreTime")
    if bool(moment) == bool(p.get("UseLatestRestorableTime")):
        raise AwsError("InvalidParameterCombination", "Specify exactly one of RestoreTime and UseLatestRestorableTime.")
    if moment and not parse_time(source["EarliestRestorableTime"]) - 1 <= moment <= ctx.now:
        raise AwsError("InvalidRestoreFault", "The specified time is outside of the restore window.")
    return _restore(ctx, p, p["TargetDBInstanceIdentifier"], source)


@op("rds", "DescribeDBInstanceAutomatedBackups")
def describe_automated(ctx, p):
    found = [{**record, "Status": "retained", "Region": ctx.region} for record in RETAINED.values()
             if p.get("DbiResourceId") in (None, record["DbiResourceId"])
             and short(p.get("DBInstanceIdentifier") or record["DBInstanceIdentifier"]) == record["DBInstanceIdentifier"]]
    return {"DBInstanceAutomatedBackups": found}
