"""Cluster snapshots: made in time, only of available clusters, and kept when their cluster goes."""
from .. import contents, lifecycle
from ..quotas import enforce
from ..registry import op, page
from ..wire.errors import AwsError
from ..wire.render import iso
from .common import (AUTOMATED, SNAPSHOTS, SUBNET_GROUPS, available_cluster, check_tags, clusters, database_key, emulator,
                     filters, merge_tags, require_identifier, short, snapshot, snapshots)


def make_snapshot(ctx, record, name, tags, kind="manual"):
    """Start a snapshot of a cluster record."""
    if kind == "manual":
        name = require_identifier(name, "DBClusterSnapshotIdentifier", 255)
        enforce(ctx, "L-9B510759", sum(1 for item in SNAPSHOTS.values() if item["SnapshotType"] == "manual"),
                "SnapshotQuotaExceededFault")
    if name in snapshots():
        raise AwsError("DBClusterSnapshotAlreadyExistsFault", f"Cannot create the cluster snapshot because one with the "
                       f"identifier {name} already exists.")
    made = {
        "DBClusterSnapshotIdentifier": name, "DBClusterSnapshotArn": ctx.arn("rds", f"cluster-snapshot:{name}"),
        "SnapshotCreateTime": iso(ctx.now), "SnapshotType": kind, "LicenseModel": record["Engine"],
        "VpcId": SUBNET_GROUPS.get(record["DBSubnetGroup"], {}).get("VpcId"),
        "TagList": merge_tags(record["TagList"] if record.get("CopyTagsToSnapshot") else [], check_tags(tags)),
        "_source": dict(record),
    }
    for field in ("DBClusterIdentifier", "Engine", "EngineVersion", "EngineMode", "AllocatedStorage", "Port",
                  "ClusterCreateTime", "MasterUsername", "StorageEncrypted", "KmsKeyId", "AvailabilityZones",
                  "IAMDatabaseAuthenticationEnabled", "DbClusterResourceId", "BackupRetentionPeriod",
                  "PreferredBackupWindow"):
        made[field] = record.get(field)
    lifecycle.begin(made, "Status", "creating", "available", "rds.snapshot.creating")
    made["PercentProgress"] = 0
    SNAPSHOTS[name] = made
    contents.copy("clusters", record["DbClusterResourceId"], "snapshots", name)
    return made


@op("rds", "CreateDBClusterSnapshot")
def create(ctx, p):
    record = available_cluster(p["DBClusterIdentifier"])
    return {"DBClusterSnapshot": make_snapshot(ctx, record, p["DBClusterSnapshotIdentifier"], p.get("Tags"))}


@op("rds", "CopyDBClusterSnapshot")
def copy(ctx, p):
    source = snapshot(p["SourceDBClusterSnapshotIdentifier"])
    if source["Status"] != "available":
        raise AwsError("InvalidDBClusterSnapshotStateFault", "The source snapshot is not available.")
    name = require_identifier(p["TargetDBClusterSnapshotIdentifier"], "TargetDBClusterSnapshotIdentifier", 255)
    if name in SNAPSHOTS:
        raise AwsError("DBClusterSnapshotAlreadyExistsFault", f"Cannot create the cluster snapshot because one with the "
                       f"identifier {name} already exists.")
    if p.get("KmsKeyId") and not source["StorageEncrypted"]:
        raise AwsError("InvalidParameterCombination", "An unencrypted cluster snapshot can't be copied encrypted.")
    made = {**source, "DBClusterSnapshotIdentifier": name, "SnapshotType": "manual",
            "DBClusterSnapshotArn": ctx.arn("rds", f"cluster-snapshot:{name}"), "SnapshotCreateTime": iso(ctx.now),
            "SourceDBClusterSnapshotArn": source["DBClusterSnapshotArn"],
            "TagList": merge_tags(source["TagList"] if p.get("CopyTags") else [], check_tags(p.get("Tags")))}
    if p.get("KmsKeyId"):
        made["KmsKeyId"] = database_key(p["KmsKeyId"])
    lifecycle.begin(made, "Status", "copying", "available", "rds.snapshot.creating")
    made["PercentProgress"] = 0
    SNAPSHOTS[name] = made
    contents.copy("snapshots", source["DBClusterSnapshotIdentifier"], "snapshots", name)
    return {"DBClusterSnapshot": made}


@op("rds", "DescribeDBClusterSnapshots")
def describe(ctx, p):
    if p.get("DBClusterSnapshotIdentifier"):
        return {"DBClusterSnapshots": [snapshot(p["DBClusterSnapshotIdentifier"])]}
    wanted = filters(p, ("db-cluster-id", "db-cluster-snapshot-id", "snapshot-type", "engine"))
    fields = {"db-cluster-id": "DBClusterIdentifier", "db-cluster-snapshot-id": "DBClusterSnapshotIdentifier",
              "snapshot-type": "SnapshotType", "engine": "Engine"}
    if p.get("DBClusterIdentifier"):
        wanted["db-cluster-id"] = [short(p["DBClusterIdentifier"])]
    if p.get("SnapshotType"):
        wanted["snapshot-type"] = [p["SnapshotType"]]
    if p.get("DbClusterResourceId"):
        wanted["resource"] = [p["DbClusterResourceId"]]
        fields["resource"] = "DbClusterResourceId"
    found = [record for record in snapshots().values()
             if all(record.get(fields[name]) in [short(value) if name == "db-cluster-id" else value for value in values]
                    for name, values in wanted.items())]
    found.sort(key=lambda record: record["DBClusterSnapshotIdentifier"])
    items, following = page(found, p.get("MaxRecords"), p.get("Marker"), 20, 100, 100)
    return {"DBClusterSnapshots": items, "Marker": following}


@op("rds", "DeleteDBClusterSnapshot")
def delete(ctx, p):
    record = snapshot(p["DBClusterSnapshotIdentifier"])
    if record["SnapshotType"] != "manual":
        raise AwsError("InvalidDBClusterSnapshotStateFault", "Only manual snapshots may be deleted; this one belongs to "
                       f"{record['SnapshotType']}.")
    if record["Status"] not in ("available", "failed"):
        raise AwsError("InvalidDBClusterSnapshotStateFault", f"Cannot delete the snapshot because it is in "
                       f"{record['Status']} state.")
    SNAPSHOTS.pop(record["DBClusterSnapshotIdentifier"])
    contents.remove("snapshots", record["DBClusterSnapshotIdentifier"])
    emulator._tags.pop(record["DBClusterSnapshotArn"], None)
    return {"DBClusterSnapshot": {**record, "Status": "deleted"}}


@op("rds", "DescribeDBClusterAutomatedBackups")
def describe_automated(ctx, p):
    found = []
    for record in clusters().values():
        found.append({**record, "Status": "active", "Region": ctx.region,
                      "DBClusterAutomatedBackupsArn": ctx.arn("rds", "cluster-auto-backup:ab-"
                                                              + record["DbClusterResourceId"][8:].lower()),
                      "RestoreWindow": {"EarliestTime": record["EarliestRestorableTime"], "LatestTime": iso(ctx.now)}})
    found += list(AUTOMATED.values())
    if p.get("DbClusterResourceId"):
        found = [record for record in found if record["DbClusterResourceId"] == p["DbClusterResourceId"]]
        if not found:
            raise AwsError("DBClusterAutomatedBackupNotFoundFault", "No automated backup for this resource id.")
    if p.get("DBClusterIdentifier"):
        found = [record for record in found if record["DBClusterIdentifier"] == short(p["DBClusterIdentifier"])]
    items, following = page(found, p.get("MaxRecords"), p.get("Marker"), 20, 100, 100)
    return {"DBClusterAutomatedBackups": items, "Marker": following}


@op("rds", "DeleteDBClusterAutomatedBackup")
def delete_automated(ctx, p):
    record = AUTOMATED.pop(p["DbClusterResourceId"], None)
    if record is None:
        raise AwsError("DBClusterAutomatedBackupNotFoundFault", "No retained automated backup for this resource id.")
    contents.remove("automated", p["DbClusterResourceId"])
    return {"DBClusterAutomatedBackup": {**record, "Status": "deleting"}}
