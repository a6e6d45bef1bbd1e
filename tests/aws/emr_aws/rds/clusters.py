"""CreateDBCluster, DescribeDBClusters, ModifyDBCluster and DeleteDBCluster."""
import time

from .. import lifecycle, lookups
from ..registry import Forward, op, page
from ..wire.errors import AwsError
from ..wire.render import iso
from . import attributes, engines, parameters, subnets
from .common import available_cluster, cluster, clusters, filters, instances
from .snapshots import make_snapshot


@op("rds", "CreateDBCluster")
def create(ctx, p):
    if p.get("GlobalClusterIdentifier") or p["Engine"] not in ("aurora-mysql", "aurora-postgresql"):
        raise Forward()
    version = engines.require_version(p["Engine"], p.get("EngineVersion"))
    if p.get("MasterUserPassword") is None and not p.get("ManageMasterUserPassword"):
        raise AwsError("InvalidParameterCombination", "Either MasterUserPassword or ManageMasterUserPassword is needed.")
    if not p.get("MasterUsername"):
        raise AwsError("InvalidParameterCombination", "The parameter MasterUsername must be provided.")
    user = p["MasterUsername"]
    if not user[0].isalpha() or not user.isalnum() or len(user) > (32 if "mysql" in p["Engine"] else 63):
        raise AwsError("InvalidParameterValue", "The parameter MasterUsername is not a valid identifier.")
    return {"DBCluster": attributes.new_cluster(ctx, p, p["Engine"], version)}


@op("rds", "DescribeDBClusters")
def describe(ctx, p):
    instances()
    if p.get("DBClusterIdentifier"):
        return {"DBClusters": [_view(cluster(p["DBClusterIdentifier"]))]}
    wanted = filters(p, ("db-cluster-id", "db-cluster-resource-id", "engine", "clone-group-id", "domain"))
    fields = {"db-cluster-resource-id": "DbClusterResourceId", "engine": "Engine"}
    found = []
    for record in clusters().values():
        ids = wanted.get("db-cluster-id")
        if ids and record["DBClusterIdentifier"] not in ids and record["DBClusterArn"] not in ids:
            continue
        if all(record.get(fields[name]) in values for name, values in wanted.items() if name in fields):
            found.append(record)
    found.sort(key=lambda record: record["DBClusterIdentifier"])
    items, following = page(found, p.get("MaxRecords"), p.get("Marker"), 20, 100, 100)
    return {"DBClusters": [_view(record) for record in items], "Marker": following}


def _view(record):
    if record["Status"] == "available":
        record["LatestRestorableTime"] = iso(time.time() - 1)
    placed = [member for member in record["DBClusterMembers"]]
    return {**record, "MultiAZ": len(placed) > 1}


@op("rds", "ModifyDBCluster")
def modify(ctx, p):
    record = available_cluster(p["DBClusterIdentifier"])
    if record.get("GlobalClusterIdentifier") or p.get("NewDBClusterIdentifier") or p.get("RotateMasterUserPassword"):
        raise Forward()
    if record["Engine"] not in ("aurora-mysql", "aurora-postgresql"):
        raise Forward()
    attributes.check_common(p, record["Engine"])
    changes = {}
    for name, field in (("BackupRetentionPeriod", "BackupRetentionPeriod"), ("Port", "Port"),
                        ("PreferredBackupWindow", "PreferredBackupWindow"), ("CopyTagsToSnapshot", "CopyTagsToSnapshot"),
                        ("DeletionProtection", "DeletionProtection"), ("EnableHttpEndpoint", "HttpEndpointEnabled"),
                        ("EnableIAMDatabaseAuthentication", "IAMDatabaseAuthenticationEnabled"),
                        ("MonitoringInterval", "MonitoringInterval"), ("MonitoringRoleArn", "MonitoringRoleArn"),
                        ("DatabaseInsightsMode", "DatabaseInsightsMode"), ("BacktrackWindow", "BacktrackWindow"),
                        ("AutoMinorVersionUpgrade", "AutoMinorVersionUpgrade"),
                        ("MasterUserPassword", "_MasterUserPassword")):
        if p.get(name) is not None:
            changes[field] = p[name]
    if p.get("PreferredMaintenanceWindow"):
        changes["PreferredMaintenanceWindow"] = p["PreferredMaintenanceWindow"].lower()
    if p.get("ServerlessV2ScalingConfiguration"):
        merged = {**(record.get("ServerlessV2ScalingConfiguration") or {}), **p["ServerlessV2ScalingConfiguration"]}
        changes["ServerlessV2ScalingConfiguration"] = attributes.check_scaling(merged)
    if p.get("EngineVersion") and p["EngineVersion"] != record["EngineVersion"]:
        changes["EngineVersion"] = _upgrade(record, p["EngineVersion"])
    if p.get("DBClusterParameterGroupName"):
        family = engines.family(record["Engine"], changes.get("EngineVersion", record["EngineVersion"]))
        changes["DBClusterParameterGroup"] = parameters.require_for(p["DBClusterParameterGroupName"], family)
    if p.get("VpcSecurityGroupIds"):
        vpc = subnets.subnet_group(record["DBSubnetGroup"])["VpcId"]
        lookups.require_security_groups(p["VpcSecurityGroupIds"], vpc)
        changes["VpcSecurityGroups"] = [{"VpcSecurityGroupId": group, "Status": "active"}
                                        for group in p["VpcSecurityGroupIds"]]
    exports = p.get("CloudwatchLogsExportConfiguration")
    if exports:
        attributes.check_common({"EnableCloudwatchLogsExports": exports.get("EnableLogTypes")}, record["Engine"])
        names = set(record["EnabledCloudwatchLogsExports"]) | set(exports.get("EnableLogTypes") or [])
        changes["EnabledCloudwatchLogsExports"] = sorted(names - set(exports.get("DisableLogTypes") or []))
    before = dict(record)
    record.update(changes)
    attributes.insights(p, record)
    if p.get("ManageMasterUserPassword") and not record.get("MasterUserSecret"):
        attributes.managed_password(p, record)
    if record != before:
        _spread(record)
        lifecycle.begin(record, "Status", "modifying", "available", "rds.cluster.modifying")
        # AWS answers a change with the state before it: `modifying` shows in the next describe.
        return {"DBCluster": {**_view(record), "Status": "available"}}
    return {"DBCluster": _view(record)}


def _upgrade(record, version):
    engines.require_version(record["Engine"], version)
    if record["Engine"] == "aurora-mysql":
        order = engines.AURORA_MYSQL
        if order.index(version) < order.index(record["EngineVersion"]):
            raise AwsError("InvalidParameterCombination", f"Cannot upgrade {record['Engine']} from "
                           f"{record['EngineVersion']} to {version}")
    return version


def _spread(record):
    """Members show what their cluster decides."""
    for member in record["DBClusterMembers"]:
        instance = instances().get(member["DBInstanceIdentifier"])
        if instance is None:
            continue
        for field in ("BackupRetentionPeriod", "VpcSecurityGroups", "EngineVersion", "PreferredBackupWindow",
                      "EnabledCloudwatchLogsExports", "CopyTagsToSnapshot", "DatabaseInsightsMode",
                      "IAMDatabaseAuthenticationEnabled"):
            instance[field] = record.get(field)
        for field in ("PerformanceInsightsEnabled", "PerformanceInsightsKMSKeyId", "PerformanceInsightsRetentionPeriod"):
            if record.get("PerformanceInsightsEnabled"):
                instance[field] = record.get(field)


@op("rds", "DeleteDBCluster")
def delete(ctx, p):
    record = cluster(p["DBClusterIdentifier"])
    name, final = record["DBClusterIdentifier"], p.get("FinalDBSnapshotIdentifier")
    if not p.get("SkipFinalSnapshot") and not final:
        raise AwsError("InvalidParameterCombination", "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot "
                       "is specified.")
    if p.get("SkipFinalSnapshot") and final:
        raise AwsError("InvalidParameterCombination", "FinalDBSnapshotIdentifier cannot be specified when "
                       "SkipFinalSnapshot is true.")
    if record["Status"] in ("creating", "deleting", "modifying"):
        raise AwsError("InvalidDBClusterStateFault", f"Cluster {name} is in {record['Status']} state.")
    if record.get("DeletionProtection"):
        raise AwsError("InvalidParameterCombination", "Cannot delete protected Cluster, please disable deletion "
                       "protection and try again.")
    if record.get("GlobalClusterIdentifier"):
        raise Forward()
    live = instances()
    if any(live.get(member["DBInstanceIdentifier"], {}).get("DBInstanceStatus") not in (None, "deleting")
           for member in record["DBClusterMembers"]):
        raise AwsError("InvalidDBClusterStateFault", "Cluster cannot be deleted, it still contains DB instances in "
                       "non-deleting state.")
    snapshot = make_snapshot(ctx, record, final, None) if final else None
    if p.get("DeleteAutomatedBackups") is False:
        record["_automated"] = {
            **{field: record.get(field) for field in (
                "Engine", "EngineVersion", "DBClusterIdentifier", "DBClusterArn", "DbClusterResourceId", "MasterUsername",
                "KmsKeyId", "StorageEncrypted", "BackupRetentionPeriod", "PreferredBackupWindow", "Port", "TagList",
                "AvailabilityZones", "ClusterCreateTime", "EngineMode", "AllocatedStorage")},
            "Region": ctx.region, "Status": "retained", "_source": dict(record),
            "DBClusterAutomatedBackupsArn": ctx.arn("rds", "cluster-auto-backup:ab-" + record["DbClusterResourceId"][8:].lower()),
            "RestoreWindow": {"EarliestTime": record["EarliestRestorableTime"], "LatestTime": iso(ctx.now)}}
    lifecycle.begin(record, "Status", "deleting", lifecycle.GONE, "rds.cluster.deleting")
    if snapshot:
        record["_due"] = max(record["_due"], snapshot["_due"])
    return {"DBCluster": _view(record)}
