"""What a new cluster looks like, however it came to be: created, restored, or taken from a point in time."""
import json
import re
import time
import uuid

from .. import lifecycle, lookups
from ..quotas import enforce
from ..wire.errors import AwsError
from ..wire.render import iso
from . import engines, parameters, subnets
from .common import (CLUSTERS, check_tags, clusters, database_key, emulator, require_identifier, resource_id)

_WINDOW = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
_WEEK = re.compile(r"(mon|tue|wed|thu|fri|sat|sun):\d\d:\d\d-(mon|tue|wed|thu|fri|sat|sun):\d\d:\d\d")


def check_scaling(scaling):
    low, high = scaling.get("MinCapacity"), scaling.get("MaxCapacity")
    if low is None or high is None:
        raise AwsError("InvalidParameterValue", "Set both MinCapacity and MaxCapacity for Serverless v2.")
    if low % 0.5 or high % 0.5 or not 0 <= low <= 256 or not 1 <= high <= 256:
        raise AwsError("InvalidParameterValue", f"Serverless v2 capacity {low} to {high} isn't valid. Capacities are "
                       "multiples of 0.5; the minimum is from 0 to 256 and the maximum from 1 to 256.")
    if low > high:
        raise AwsError("InvalidParameterCombination", "The Serverless v2 minimum capacity is above the maximum.")
    if scaling.get("SecondsUntilAutoPause") is not None and low != 0:
        raise AwsError("InvalidParameterCombination", "SecondsUntilAutoPause needs a minimum capacity of 0.")
    return dict(scaling)


def check_common(p, engine):
    """Rules that creation and modification share."""
    retention = p.get("BackupRetentionPeriod")
    if retention is not None and not 1 <= retention <= 35:
        raise AwsError("InvalidParameterValue", f"Invalid backup retention period: {retention}. Must be between 1 and 35.")
    password = p.get("MasterUserPassword")
    longest = 41 if "mysql" in engine else 99
    if password is not None and (not 8 <= len(password) <= longest or re.search(r'[/"@ ]', password)
                                 or not password.isascii()):
        raise AwsError("InvalidParameterValue", "The parameter MasterUserPassword is not a valid password. Only "
                       f"printable ASCII characters besides '/', '@', '\"', ' ' may be used, 8 to {longest} of them.")
    if p.get("ManageMasterUserPassword") and password is not None:
        raise AwsError("InvalidParameterCombination", "You can't specify MasterUserPassword when "
                       "ManageMasterUserPassword is enabled.")
    if p.get("PreferredBackupWindow") and not _WINDOW.fullmatch(p["PreferredBackupWindow"]):
        raise AwsError("InvalidParameterValue", f"Invalid backup window format: {p['PreferredBackupWindow']}.")
    if p.get("PreferredMaintenanceWindow") and not _WEEK.fullmatch(p["PreferredMaintenanceWindow"].lower()):
        raise AwsError("InvalidParameterValue", f"Invalid maintenance window format: {p['PreferredMaintenanceWindow']}.")
    if p.get("Port") is not None and not 1150 <= p["Port"] <= 65535:
        raise AwsError("InvalidParameterValue", "Invalid port. Must be between 1150 and 65535.")
    unknown = set(p.get("EnableCloudwatchLogsExports") or []) - set(engines.LOG_TYPES if "mysql" in engine
                                                                    else ["postgresql", "instance", "iam-db-auth-error"])
    if unknown:
        raise AwsError("InvalidParameterCombination", f"You cannot use the log types '{', '.join(sorted(unknown))}' "
                       f"with engine version {engine}.")
    kept = p.get("PerformanceInsightsRetentionPeriod")
    if kept is not None and kept not in (7, 731) and (kept % 31 or not 1 <= kept // 31 <= 23):
        raise AwsError("InvalidParameterValue", f"Invalid Performance Insights retention period: {kept}.")


def insights(p, record):
    """Performance Insights as they will be described."""
    if p.get("EnablePerformanceInsights") is not None:
        record["PerformanceInsightsEnabled"] = p["EnablePerformanceInsights"]
        if not p["EnablePerformanceInsights"]:
            record["PerformanceInsightsKMSKeyId"] = record["PerformanceInsightsRetentionPeriod"] = None
    if record.get("PerformanceInsightsEnabled"):
        if p.get("PerformanceInsightsKMSKeyId"):
            record["PerformanceInsightsKMSKeyId"] = database_key(p["PerformanceInsightsKMSKeyId"])
        elif not record.get("PerformanceInsightsKMSKeyId"):
            record["PerformanceInsightsKMSKeyId"] = emulator_default_key()
        record["PerformanceInsightsRetentionPeriod"] = (
            p.get("PerformanceInsightsRetentionPeriod") or record.get("PerformanceInsightsRetentionPeriod") or 7)


def emulator_default_key():
    """The AWS-managed key of RDS, which the emulator does not list."""
    return (f"arn:aws:kms:{emulator.get_region()}:{emulator.get_account_id()}:key/"
            f"{uuid.uuid5(uuid.NAMESPACE_URL, 'aws/rds' + emulator.get_account_id())}")


def managed_password(p, record):
    password = emulator._generate_master_user_password()
    arn = emulator.secretsmanager.create_secret_in_process(
        f"rds!cluster-{uuid.uuid4()}", json.dumps({"username": record["MasterUsername"], "password": password}),
        description=f"Secret associated with primary RDS DB cluster: {record['DBClusterArn']}")
    record["_MasterUserPassword"] = password
    record["MasterUserSecret"] = {
        "SecretArn": arn, "SecretStatus": "active",
        "KmsKeyId": database_key(p["MasterUserSecretKmsKeyId"]) if p.get("MasterUserSecretKmsKeyId")
        else emulator_default_key()}


def new_cluster(ctx, p, engine, version, inherited=None):
    """Check what every way of creation checks, and store the record as `creating`."""
    name = require_identifier(p["DBClusterIdentifier"], "DBClusterIdentifier")
    if name in clusters():
        raise AwsError("DBClusterAlreadyExistsFault", "DB Cluster already exists")
    check_common(p, engine)
    family = engines.family(engine, version)
    group = parameters.require_for(p.get("DBClusterParameterGroupName") or f"default.{family}", family)
    network = subnets.subnet_group(p.get("DBSubnetGroupName") or "default")
    groups = p.get("VpcSecurityGroupIds") or _default_group(network["VpcId"])
    lookups.require_security_groups(groups, network["VpcId"])
    tags = check_tags(p.get("Tags"))
    zones = subnets.zones_of(network)
    if set(p.get("AvailabilityZones") or []) - set(zones):
        raise AwsError("InvalidVPCNetworkStateFault", "An Availability Zone is not in the DB subnet group.", 400)
    enforce(ctx, "L-952B80B9", len(CLUSTERS), "DBClusterQuotaExceededFault")
    suffix, now = uuid.uuid4().hex[:12], iso(time.time())
    record = {
        "DBClusterIdentifier": name, "DBClusterArn": ctx.arn("rds", f"cluster:{name}"), "Engine": engine,
        "EngineVersion": version, "EngineMode": "provisioned", "AllocatedStorage": 1, "StorageType": "",
        "ServerlessV2ScalingConfiguration": check_scaling(p["ServerlessV2ScalingConfiguration"])
        if p.get("ServerlessV2ScalingConfiguration") else None,
        "MasterUsername": p.get("MasterUsername"), "_MasterUserPassword": p.get("MasterUserPassword"),
        "DatabaseName": p.get("DatabaseName"), "NetworkType": p.get("NetworkType", "IPV4"),
        "EngineLifecycleSupport": p.get("EngineLifecycleSupport", "open-source-rds-extended-support"),
        "Endpoint": f"{name}.cluster-{suffix}.{ctx.region}.rds.amazonaws.com",
        "ReaderEndpoint": f"{name}.cluster-ro-{suffix}.{ctx.region}.rds.amazonaws.com", "_suffix": suffix,
        "Port": p.get("Port") or (3306 if "mysql" in engine else 5432), "MultiAZ": False,
        "AvailabilityZones": zones[:3], "DBClusterMembers": [], "DBSubnetGroup": network["DBSubnetGroupName"],
        "VpcSecurityGroups": [{"VpcSecurityGroupId": group_id, "Status": "active"} for group_id in groups],
        "DBClusterParameterGroup": group, "BackupRetentionPeriod": p.get("BackupRetentionPeriod") or 1,
        "PreferredBackupWindow": p.get("PreferredBackupWindow") or "03:00-03:30",
        "PreferredMaintenanceWindow": (p.get("PreferredMaintenanceWindow") or "sun:05:00-sun:05:30").lower(),
        "ClusterCreateTime": now, "EarliestRestorableTime": now, "LatestRestorableTime": now,
        "StorageEncrypted": bool(p.get("StorageEncrypted")), "KmsKeyId": None,
        "DeletionProtection": bool(p.get("DeletionProtection")),
        "IAMDatabaseAuthenticationEnabled": bool(p.get("EnableIAMDatabaseAuthentication")),
        "EnabledCloudwatchLogsExports": sorted(set(p.get("EnableCloudwatchLogsExports") or [])),
        "HttpEndpointEnabled": bool(p.get("EnableHttpEndpoint")), "PerformanceInsightsEnabled": False,
        "CopyTagsToSnapshot": bool(p.get("CopyTagsToSnapshot")), "CrossAccountClone": False, "TagList": tags,
        "DbClusterResourceId": resource_id("cluster"), "HostedZoneId": "Z2R2ITUGPM61AM", "AssociatedRoles": [],
        "AutoMinorVersionUpgrade": p.get("AutoMinorVersionUpgrade", True), "DomainMemberships": [],
        "DatabaseInsightsMode": p.get("DatabaseInsightsMode", "standard"), "ClusterScalabilityType": "standard",
        "MonitoringInterval": p.get("MonitoringInterval"), "MonitoringRoleArn": p.get("MonitoringRoleArn"),
        "BacktrackWindow": p.get("BacktrackWindow"), "ActivityStreamStatus": "stopped", "MasterUserSecret": None,
        "_shared_container_id": None, "_shared_endpoint": None, "_shared_volume_name": None,
        "_shared_container_ready": True, "_shared_host_port": None, "_shared_reader_alias": None,
        **(inherited or {}),
    }
    if p.get("KmsKeyId"):
        if p.get("StorageEncrypted") is False:
            raise AwsError("InvalidParameterCombination", "KmsKeyId needs StorageEncrypted.")
        record["KmsKeyId"], record["StorageEncrypted"] = database_key(p["KmsKeyId"]), True
    elif record["StorageEncrypted"] and not record["KmsKeyId"]:
        record["KmsKeyId"] = emulator_default_key()
    insights(p, record)
    if p.get("ManageMasterUserPassword"):
        managed_password(p, record)
    lifecycle.begin(record, "Status", "creating", "available", "rds.cluster.creating")
    CLUSTERS[name] = record
    return record


def _default_group(vpc_id):
    from ministack.services import ec2
    return [group["GroupId"] for group in ec2._security_groups.values()
            if group["VpcId"] == vpc_id and group["GroupName"] == "default"]
