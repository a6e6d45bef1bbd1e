"""Members of Aurora clusters, with attributes that agree with their cluster; those of PostgreSQL that stand alone
are `standalone`'s, others stay with the emulator."""
import re

from .. import lifecycle
from ..quotas import enforce
from ..registry import Forward, op, page
from ..wire.errors import AwsError
from ..wire.render import iso
from . import attributes, engines, standalone, subnets
from .common import (INSTANCES, INSTANCE_GROUPS, check_tags, cluster, clusters, filters, instances, require_identifier,
                     resource_id, short)

# What belongs to the cluster and may not be given for a member.
_CLUSTER_ONLY = {"MasterUsername": "master user name", "MasterUserPassword": "master user password", "DBName": "database name",
                 "BackupRetentionPeriod": "backup retention period", "PreferredBackupWindow": "backup window",
                 "VpcSecurityGroupIds": "vpc security group", "StorageEncrypted": "storage encryption", "KmsKeyId": "KMS key",
                 "AllocatedStorage": "storage", "EnableCloudwatchLogsExports": "log exports",
                 "DeletionProtection": "deletion protection", "Port": "port"}


def instance(identifier):
    record = instances().get(short(identifier))
    if record is None:
        raise AwsError("DBInstanceNotFoundFault", f"DBInstance {short(identifier)} not found.")
    return record


@op("rds", "CreateDBInstance")
def create(ctx, p):
    name = require_identifier(p["DBInstanceIdentifier"], "DBInstanceIdentifier")
    if name in instances():
        raise AwsError("DBInstanceAlreadyExistsFault", "DB Instance already exists")
    if not re.fullmatch(r"db\.(serverless|[a-z0-9]+\.\w+)", p["DBInstanceClass"]):
        raise AwsError("InvalidParameterValue", f"Invalid DB Instance class: {p['DBInstanceClass']}")
    enforce(ctx, "L-7B6409FD", len(INSTANCES), "InstanceQuotaExceededFault")
    if not p.get("DBClusterIdentifier"):
        if p["Engine"].startswith("aurora"):
            raise AwsError("InvalidParameterCombination", "DBClusterIdentifier is required for the engine " + p["Engine"])
        if p["Engine"] == standalone.ENGINE:
            return {"DBInstance": standalone.create(ctx, p)}
        raise Forward(after=lambda: lifecycle.begin(INSTANCES[name], "DBInstanceStatus", "creating", "available",
                                                    "rds.instance.creating"))
    parent = cluster(p["DBClusterIdentifier"])
    for field, words in _CLUSTER_ONLY.items():
        if p.get(field) is not None:
            raise AwsError("InvalidParameterCombination", "The requested DB Instance will be a member of a DB Cluster. Set "
                           f"{words} for the DB Cluster.")
    if p["Engine"] != parent["Engine"]:
        raise AwsError("InvalidParameterCombination", f"The engine name requested for your DB instance ({p['Engine']}) "
                       f"doesn't match the engine name of your DB cluster ({parent['Engine']}).")
    if parent["Status"] in ("deleting", "stopped", "stopping", "failed"):
        raise AwsError("InvalidDBClusterStateFault", f"DBCluster {parent['DBClusterIdentifier']} is in {parent['Status']} state.")
    if p["DBInstanceClass"] == "db.serverless" and not parent.get("ServerlessV2ScalingConfiguration"):
        raise AwsError("InvalidParameterCombination", "Set the Serverless v2 scaling configuration on the parent DB "
                       "cluster before creating a Serverless v2 DB instance.")
    if len(parent["DBClusterMembers"]) >= 16:
        raise AwsError("InvalidDBClusterStateFault", "A DB cluster holds at most 16 DB instances.")
    network = subnets.subnet_group(parent["DBSubnetGroup"])
    zones = subnets.zones_of(network)
    zone = p.get("AvailabilityZone") or zones[len(parent["DBClusterMembers"]) % len(zones)]
    if zone not in zones:
        raise AwsError("InvalidVPCNetworkStateFault", f"The Availability Zone {zone} is not in the DB subnet group "
                       f"{network['DBSubnetGroupName']}.")
    tier = p.get("PromotionTier", 1)
    if not 0 <= tier <= 15:
        raise AwsError("InvalidParameterValue", f"Invalid promotion tier: {tier}")
    record = _member(ctx, p, name, parent, network, zone, tier)
    lifecycle.begin(record, "DBInstanceStatus", "creating", "available", "rds.instance.creating")
    record["_due"] = max(record["_due"], parent.get("_due", 0))   # a member is never ready before its cluster
    INSTANCES[name] = record
    parent["DBClusterMembers"].append({
        "DBInstanceIdentifier": name, "IsClusterWriter": not parent["DBClusterMembers"], "PromotionTier": tier,
        "DBClusterParameterGroupStatus": "in-sync"})
    return {"DBInstance": record}


def _member(ctx, p, name, parent, network, zone, tier):
    family = engines.family(parent["Engine"], parent["EngineVersion"])
    group = p.get("DBParameterGroupName") or f"default.{family}"
    if group not in INSTANCE_GROUPS and group != f"default.{family}":
        raise AwsError("DBParameterGroupNotFoundFault", f"DBParameterGroup not found: {group}")
    record = {
        "DBInstanceIdentifier": name, "DBInstanceClass": p["DBInstanceClass"], "DBClusterIdentifier": parent["DBClusterIdentifier"],
        "DBInstanceArn": ctx.arn("rds", f"db:{name}"), "InstanceCreateTime": iso(ctx.now), "AllocatedStorage": 1,
        "Endpoint": None, "_endpoint": {"Address": f"{name}.{parent['_suffix']}.{ctx.region}.rds.amazonaws.com",
                                        "Port": parent["Port"], "HostedZoneId": "Z2R2ITUGPM61AM"},
        "AvailabilityZone": zone, "DBSubnetGroup": network, "MultiAZ": False, "PromotionTier": tier, "DbInstancePort": 0,
        "DBParameterGroups": [{"DBParameterGroupName": group, "ParameterApplyStatus": "in-sync"}],
        "AutoMinorVersionUpgrade": p.get("AutoMinorVersionUpgrade", True), "DBSecurityGroups": [], "DomainMemberships": [],
        "PreferredMaintenanceWindow": (p.get("PreferredMaintenanceWindow") or parent["PreferredMaintenanceWindow"]).lower(),
        "LicenseModel": "general-public-license" if "mysql" in parent["Engine"] else "postgresql-license",
        "OptionGroupMemberships": [{"OptionGroupName": f"default:{family.replace('.', '-')}", "Status": "in-sync"}],
        "PubliclyAccessible": bool(p.get("PubliclyAccessible")), "StorageType": "aurora", "PendingModifiedValues": {},
        "CACertificateIdentifier": p.get("CACertificateIdentifier", "rds-ca-rsa2048-g1"), "DbiResourceId": resource_id("db"),
        "CertificateDetails": {"CAIdentifier": p.get("CACertificateIdentifier", "rds-ca-rsa2048-g1"),
                               "ValidTill": "2061-01-01T00:00:00Z"},
        "CopyTagsToSnapshot": bool(p.get("CopyTagsToSnapshot", parent.get("CopyTagsToSnapshot"))), "AssociatedRoles": [],
        "MonitoringInterval": p.get("MonitoringInterval", 0), "MonitoringRoleArn": p.get("MonitoringRoleArn"),
        "TagList": check_tags(p.get("Tags")), "DeletionProtection": False, "ReadReplicaDBInstanceIdentifiers": [],
        "CustomerOwnedIpEnabled": False, "BackupTarget": "region", "ActivityStreamStatus": "stopped",
        "StorageThroughput": 0, "DBName": parent.get("DatabaseName"), "PerformanceInsightsEnabled": False,
    }
    for field in ("Engine", "EngineVersion", "MasterUsername", "BackupRetentionPeriod", "PreferredBackupWindow",
                  "VpcSecurityGroups", "StorageEncrypted", "KmsKeyId", "IAMDatabaseAuthenticationEnabled",
                  "EnabledCloudwatchLogsExports", "NetworkType", "DatabaseInsightsMode", "EngineLifecycleSupport"):
        record[field] = parent.get(field)
    if parent.get("PerformanceInsightsEnabled"):
        for field in ("PerformanceInsightsEnabled", "PerformanceInsightsKMSKeyId", "PerformanceInsightsRetentionPeriod"):
            record[field] = parent.get(field)
    attributes.insights(p, record)
    return record


@op("rds", "DescribeDBInstances")
def describe(ctx, p):
    clusters()
    if p.get("DBInstanceIdentifier"):
        return {"DBInstances": [instance(p["DBInstanceIdentifier"])]}
    wanted = filters(p, ("db-cluster-id", "db-instance-id", "dbi-resource-id", "engine", "domain"))
    fields = {"db-cluster-id": "DBClusterIdentifier", "db-instance-id": "DBInstanceIdentifier",
              "dbi-resource-id": "DbiResourceId", "engine": "Engine"}
    found = [record for record in instances().values()
             if all(record.get(fields.get(name)) in [short(value) if name.endswith("-id") and name != "dbi-resource-id"
                                                     else value for value in values]
                    for name, values in wanted.items())]
    found.sort(key=lambda record: record["DBInstanceIdentifier"])
    items, following = page(found, p.get("MaxRecords"), p.get("Marker"), 20, 100, 100)
    return {"DBInstances": items, "Marker": following}


@op("rds", "ModifyDBInstance")
def modify(ctx, p):
    record = instance(p["DBInstanceIdentifier"])
    if standalone.is_ours(record):
        return {"DBInstance": standalone.modify(ctx, p, record)}
    if record["DBInstanceStatus"] != "available":
        raise AwsError("InvalidDBInstanceStateFault", f"Database instance is not in available state "
                       f"(current state: {record['DBInstanceStatus']}).")
    if not record.get("DBClusterIdentifier") or record.get("StorageType") != "aurora":
        raise Forward(after=lambda: lifecycle.begin(record, "DBInstanceStatus", "modifying", "available",
                                                    "rds.instance.modifying"))
    for field, words in _CLUSTER_ONLY.items():
        if p.get(field) is not None:
            raise AwsError("InvalidParameterCombination", f"The specified DB Instance is a member of a cluster. Modify the "
                           f"{words} for the DB Cluster using the ModifyDbCluster API")
    parent = cluster(record["DBClusterIdentifier"])
    before = dict(record)
    for name in ("DBInstanceClass", "PromotionTier", "AutoMinorVersionUpgrade", "PubliclyAccessible", "MonitoringInterval",
                 "MonitoringRoleArn", "CopyTagsToSnapshot", "CACertificateIdentifier", "DatabaseInsightsMode"):
        if p.get(name) is not None:
            record[name] = p[name]
    if p.get("PreferredMaintenanceWindow"):
        record["PreferredMaintenanceWindow"] = p["PreferredMaintenanceWindow"].lower()
    if p.get("DBParameterGroupName"):
        record["DBParameterGroups"] = [{"DBParameterGroupName": p["DBParameterGroupName"],
                                        "ParameterApplyStatus": "pending-reboot"}]
    attributes.insights(p, record)
    for member in parent["DBClusterMembers"]:
        if member["DBInstanceIdentifier"] == record["DBInstanceIdentifier"]:
            member["PromotionTier"] = record["PromotionTier"]
    if record == before:
        return {"DBInstance": record}
    lifecycle.begin(record, "DBInstanceStatus", "modifying", "available", "rds.instance.modifying")
    return {"DBInstance": {**record, "DBInstanceStatus": "available"}}


@op("rds", "DeleteDBInstance")
def delete(ctx, p):
    record = instance(p["DBInstanceIdentifier"])
    name = record["DBInstanceIdentifier"]
    if record["DBInstanceStatus"] == "deleting":
        raise AwsError("InvalidDBInstanceStateFault", f"Instance {name} is already being deleted.")
    if standalone.is_ours(record):
        return {"DBInstance": standalone.delete(ctx, p, record)}
    if record.get("StorageType") != "aurora":
        if not p.get("SkipFinalSnapshot") and not p.get("FinalDBSnapshotIdentifier"):
            raise AwsError("InvalidParameterCombination", "FinalDBSnapshotIdentifier is required unless "
                           "SkipFinalSnapshot is specified.")
        raise Forward()
    if p.get("FinalDBSnapshotIdentifier"):
        raise AwsError("InvalidParameterCombination", "FinalDBSnapshotIdentifier can not be specified when deleting a "
                       "cluster instance")
    parent = cluster(record["DBClusterIdentifier"])
    members = parent["DBClusterMembers"]
    mine = next((member for member in members if member["DBInstanceIdentifier"] == name), None)
    heirs = sorted((member for member in members if member is not mine
                    and INSTANCES[member["DBInstanceIdentifier"]]["DBInstanceStatus"] == "available"),
                   key=lambda member: member["PromotionTier"])
    if mine and mine["IsClusterWriter"] and heirs:
        mine["IsClusterWriter"], heirs[0]["IsClusterWriter"] = False, True
    lifecycle.begin(record, "DBInstanceStatus", "deleting", lifecycle.GONE, "rds.instance.deleting")
    return {"DBInstance": record}
