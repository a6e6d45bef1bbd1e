"""Replication groups: states that last, what needs replicas, AUTH tokens of which two are valid at most."""
import re
import uuid

from .. import lifecycle, lookups
from ..registry import Forward, op, page
from ..wire.errors import AwsError
from .common import FINAL_SNAPSHOTS, REPLICATION_GROUPS, merge_tags, replication_groups
from .groups import parameter_group, subnet_group

_VERSIONS = {"valkey": ("7.2", "8.0", "8.1", "8.2"), "redis": ("6.2", "7.0", "7.1")}


def _group(name):
    record = replication_groups().get(name.lower())
    if record is None:
        raise AwsError("ReplicationGroupNotFoundFault", f"Replication group {name} not found.")
    return record


def _available(name):
    record = _group(name)
    if record["Status"] != "available":
        raise AwsError("InvalidReplicationGroupState", f"Replication group {record['ReplicationGroupId']} is in "
                       f"{record['Status']} state.")
    return record


def _version(engine, version):
    if version not in _VERSIONS.get(engine, ()):
        raise AwsError("InvalidParameterValue", f"Specified engine version is not available: {engine} {version}")
    return version + ".0"


def _number(version):
    return [int(part) for part in version.split(".")]


def _family(engine, version):
    major = version.split(".")[0]
    return "redis6.x" if (engine, major) == ("redis", "6") else engine + major


def _parameters(name, engine, version, cluster):
    record = parameter_group(name)
    if record["CacheParameterGroupFamily"] != _family(engine, version):
        raise AwsError("InvalidParameterCombination", f"Expected a parameter group of family {_family(engine, version)} "
                       f"but found one of family {record['CacheParameterGroupFamily']}.")
    if (record["_parameters"].get("cluster-enabled") == "yes") != cluster:
        raise AwsError("InvalidParameterCombination", "The parameter group has another cluster mode.")
    return record["CacheParameterGroupName"]


def _failover(replicas, failover, several):
    if failover and not replicas:
        raise AwsError("InvalidParameterCombination", "Automatic failover needs at least one replica.")
    if several and not failover:
        raise AwsError("InvalidParameterCombination", "Multi-AZ needs automatic failover.")


def _token(value):
    if not re.fullmatch(r"[A-Za-z0-9!&#$^<>-]{16,128}", value or ""):
        raise AwsError("InvalidParameterValue", "Invalid AuthToken provided.")
    return value


def _members(record):
    name, replicas = record["ReplicationGroupId"], record["_replicas"]
    for shard in range(1, record["_shards"] + 1):
        prefix = f"{name}-{shard:04}" if record["ClusterEnabled"] else name
        yield f"{shard:04}", [f"{prefix}-{node:03}" for node in range(1, replicas + 2)]


def _shown(record):
    host = f"{record['ReplicationGroupId']}.{record['_suffix']}.cache.amazonaws.com"

    def endpoint(role):
        return {"Address": f"{role}.{host}", "Port": record["_port"]} if record.get("_endpoints") else None
    shards = [{"NodeGroupId": number, "Status": "available" if record.get("_endpoints") else "creating",
               "NodeGroupMembers": [{"CacheClusterId": node, "CacheNodeId": "0001"} for node in nodes],
               **({} if record["ClusterEnabled"] else {"PrimaryEndpoint": endpoint("master"),
                                                       "ReaderEndpoint": endpoint("replica")})}
              for number, nodes in _members(record)]
    return {**record, "NodeGroups": shards, "MemberClusters": [node for _, nodes in _members(record) for node in nodes],
            "ConfigurationEndpoint": endpoint("clustercfg") if record["ClusterEnabled"] else None}


@op("elasticache", "CreateReplicationGroup")
def create(ctx, p):
    name = p["ReplicationGroupId"].lower()
    if not re.fullmatch(r"[a-z](?!.*--)[a-z0-9-]{0,39}(?<!-)", name):
        raise AwsError("InvalidParameterValue", "The parameter ReplicationGroupId is not a valid identifier.")
    if name in replication_groups():
        raise AwsError("ReplicationGroupAlreadyExists", f"Replication group {name} already exists.")
    engine = (p.get("Engine") or "redis").lower()
    version = _version(engine, p.get("EngineVersion"))
    shards, replicas = p.get("NumNodeGroups", 1), p.get("ReplicasPerNodeGroup", 0)
    if not 0 <= replicas <= 5 or shards < 1:
        raise AwsError("InvalidParameterValue", "From 0 to 5 replicas of each shard.")
    failover, several = bool(p.get("AutomaticFailoverEnabled")), bool(p.get("MultiAZEnabled"))
    _failover(replicas, failover, several)
    cluster = p.get("ClusterMode") == "enabled" or shards > 1
    parameters = _parameters(p["CacheParameterGroupName"], engine, version, cluster)
    subnets = subnet_group(p.get("CacheSubnetGroupName"))["CacheSubnetGroupName"]
    lookups.require_security_groups(p.get("SecurityGroupIds") or [])
    if p.get("AuthToken") and not p.get("TransitEncryptionEnabled"):
        raise AwsError("InvalidParameterCombination", "AUTH needs encryption in transit.")
    record = {
        "ReplicationGroupId": name, "Description": p["ReplicationGroupDescription"], "Engine": engine,
        "ARN": ctx.arn("elasticache", f"replicationgroup:{name}"), "ReplicationGroupCreateTime": ctx.now,
        "AutomaticFailover": "enabled" if failover else "disabled", "MultiAZ": "enabled" if several else "disabled",
        "ClusterEnabled": cluster, "ClusterMode": "enabled" if cluster else "disabled",
        "CacheNodeType": p["CacheNodeType"], "AuthTokenEnabled": bool(p.get("AuthToken")),
        "AuthTokenLastModifiedDate": ctx.now if p.get("AuthToken") else None,
        "TransitEncryptionEnabled": bool(p.get("TransitEncryptionEnabled")),
        "TransitEncryptionMode": p.get("TransitEncryptionMode"),
        "AtRestEncryptionEnabled": bool(p.get("AtRestEncryptionEnabled")),
        "KmsKeyId": lookups.key_arn(p["KmsKeyId"], "InvalidParameterValue") if p.get("KmsKeyId") else None,
        "SnapshotWindow": p.get("SnapshotWindow", "05:00-06:00"), "AutoMinorVersionUpgrade":
        p.get("AutoMinorVersionUpgrade", True), "SnapshotRetentionLimit": p.get("SnapshotRetentionLimit", 0),
        "TagList": merge_tags([], p.get("Tags")), "_version": version, "_shards": shards, "_replicas": replicas,
        "_parameters": parameters, "_subnets": subnets, "_security_groups": p.get("SecurityGroupIds") or [],
        "_window": p.get("PreferredMaintenanceWindow", "sun:06:00-sun:07:00"), "_suffix": uuid.uuid4().hex[:6],
        "_port": p.get("Port", 6379), "_tokens": [_token(p["AuthToken"])] if p.get("AuthToken") else [],
    }
    lifecycle.begin(record, "Status", "creating", "available", "elasticache.replicationgroup.creating")
    REPLICATION_GROUPS[name] = record
    return {"ReplicationGroup": _shown(record)}


def _modifying(record):
    before = _shown(record)
    lifecycle.begin(record, "Status", "modifying", "available", "elasticache.replicationgroup.modifying")
    return {"ReplicationGroup": before}


def _replace_token(ctx, record, p):
    token, strategy = _token(p["AuthToken"]), p.get("AuthTokenUpdateStrategy", "ROTATE")
    if strategy == "ROTATE":
        record["_tokens"] = [token] + record["_tokens"][:1]
    elif strategy == "SET" and len(record["_tokens"]) == 2 and record["_tokens"][0] == token:
        record["_tokens"] = [token]
    else:
        raise AwsError("InvalidParameterCombination", "The AUTH token is set after it was rotated.")
    record["AuthTokenLastModifiedDate"] = ctx.now


@op("elasticache", "ModifyReplicationGroup")
def modify(ctx, p):
    record = _available(p["ReplicationGroupId"])
    if not p.get("ApplyImmediately"):
        raise AwsError("InvalidParameterCombination", "The stand-in has no pending values: apply immediately.")
    changes = {}
    version = record["_version"]
    if p.get("EngineVersion"):
        version = _version(record["Engine"], p["EngineVersion"])
        if _number(version) <= _number(record["_version"]):
            raise AwsError("InvalidParameterCombination", "The engine version can't be lowered.")
        if p.get("CacheNodeType"):
            raise AwsError("InvalidParameterCombination", "Engine version and node type can't be modified together.")
        changes["_version"] = version
    changes["_parameters"] = _parameters(p.get("CacheParameterGroupName") or record["_parameters"], record["Engine"],
                                         version, record["ClusterEnabled"])
    if p.get("SecurityGroupIds"):
        lookups.require_security_groups(p["SecurityGroupIds"])
        changes["_security_groups"] = p["SecurityGroupIds"]
    failover = p.get("AutomaticFailoverEnabled", record["AutomaticFailover"] == "enabled")
    several = p.get("MultiAZEnabled", record["MultiAZ"] == "enabled")
    _failover(record["_replicas"], failover, several)
    changes.update(AutomaticFailover="enabled" if failover else "disabled", MultiAZ="enabled" if several else "disabled")
    for name, field in (("ReplicationGroupDescription", "Description"), ("CacheNodeType", "CacheNodeType"),
                        ("PreferredMaintenanceWindow", "_window"), ("SnapshotWindow", "SnapshotWindow"),
                        ("SnapshotRetentionLimit", "SnapshotRetentionLimit"),
                        ("AutoMinorVersionUpgrade", "AutoMinorVersionUpgrade")):
        if p.get(name) is not None:
            changes[field] = p[name]
    if p.get("AuthToken"):
        _replace_token(ctx, record, p)
    reply = _modifying(record)
    record.update(changes)
    return reply


@op("elasticache", "IncreaseReplicaCount")
def increase(ctx, p):
    record, count = _available(p["ReplicationGroupId"]), p["NewReplicaCount"]
    if count == record["_replicas"]:
        raise AwsError("NoOperationFault", "The replica count is as requested.")
    if not record["_replicas"] < count <= 5:
        raise AwsError("InvalidParameterValue", "The new replica count is above the present one, and at most 5.")
    reply = _modifying(record)
    record["_replicas"] = count
    return reply


@op("elasticache", "DecreaseReplicaCount")
def decrease(ctx, p):
    record, count = _available(p["ReplicationGroupId"]), p["NewReplicaCount"]
    if count == record["_replicas"]:
        raise AwsError("NoOperationFault", "The replica count is as requested.")
    if not 0 <= count < record["_replicas"]:
        raise AwsError("InvalidParameterValue", "The new replica count is below the present one.")
    _failover(count, record["AutomaticFailover"] == "enabled", record["MultiAZ"] == "enabled")
    reply = _modifying(record)
    record["_replicas"] = count
    return reply


@op("elasticache", "DeleteReplicationGroup")
def delete(ctx, p):
    record = _group(p["ReplicationGroupId"])
    if record["Status"] not in ("available", "create-failed"):
        raise AwsError("InvalidReplicationGroupState", f"Replication group {record['ReplicationGroupId']} is in "
                       f"{record['Status']} state.")
    snapshot = (p.get("FinalSnapshotIdentifier") or "").lower()
    if snapshot in FINAL_SNAPSHOTS:
        raise AwsError("SnapshotAlreadyExistsFault", f"Snapshot {snapshot} already exists.")
    if snapshot:
        FINAL_SNAPSHOTS[snapshot] = {
            "SnapshotName": snapshot, "ReplicationGroupId": record["ReplicationGroupId"], "SnapshotStatus": "available",
            "SnapshotSource": "manual", "Engine": record["Engine"], "EngineVersion": record["_version"],
            "KmsKeyId": record["KmsKeyId"], "ARN": ctx.arn("elasticache", f"snapshot:{snapshot}")}
    lifecycle.begin(record, "Status", "deleting", lifecycle.GONE, "elasticache.replicationgroup.deleting")
    return {"ReplicationGroup": _shown(record)}


@op("elasticache", "DescribeSnapshots")
def describe_snapshots(ctx, p):
    found = [record for record in FINAL_SNAPSHOTS.values()
             if p.get("ReplicationGroupId") in (None, record["ReplicationGroupId"])]
    items, following = page(found, p.get("MaxRecords"), p.get("Marker"), 20, 50, 50)
    return {"Snapshots": items, "Marker": following}


@op("elasticache", "DescribeReplicationGroups")
def describe(ctx, p):
    if p.get("ReplicationGroupId"):
        return {"ReplicationGroups": [_shown(_group(p["ReplicationGroupId"]))]}
    found = sorted(replication_groups().values(), key=lambda record: record["ReplicationGroupId"])
    items, following = page(found, p.get("MaxRecords"), p.get("Marker"), 20, 100, 100)
    return {"ReplicationGroups": [_shown(record) for record in items], "Marker": following}


@op("elasticache", "DescribeCacheClusters")
def describe_nodes(ctx, p):
    """The nodes of replication groups, one by one; caches without replication stay with the emulator."""
    wanted = (p.get("CacheClusterId") or "").lower()
    for record in replication_groups().values():
        for _, nodes in _members(record):
            if wanted in nodes:
                return {"CacheClusters": [{
                    "CacheClusterId": wanted, "ReplicationGroupId": record["ReplicationGroupId"],
                    "CacheClusterStatus": record["Status"], "Engine": record["Engine"],
                    "EngineVersion": record["_version"], "CacheNodeType": record["CacheNodeType"], "NumCacheNodes": 1,
                    "CacheParameterGroup": {"CacheParameterGroupName": record["_parameters"],
                                            "ParameterApplyStatus": "in-sync"},
                    "CacheSubnetGroupName": record["_subnets"], "PreferredMaintenanceWindow": record["_window"],
                    "AutoMinorVersionUpgrade": record["AutoMinorVersionUpgrade"], "SecurityGroups": [
                        {"SecurityGroupId": group, "Status": "active"} for group in record["_security_groups"]]}]}
    raise Forward()
