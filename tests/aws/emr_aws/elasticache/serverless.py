"""Serverless caches: states that last, two zones at least, final snapshots really taken."""
import re
import uuid

from ministack.services import ec2

from .. import lifecycle, lookups
from ..quotas import enforce
from ..registry import op, page
from ..wire.errors import AwsError
from . import users
from .common import CACHES, caches, merge_tags, snapshots
from .snapshots import make_snapshot

_VERSIONS = {"valkey": {"7": "7.2", "8": "8.1", "9": "9.0"}, "redis": {"7": "7.1"}, "memcached": {"1.6": "1.6"}}
_DEFAULTS = {"valkey": "8", "redis": "7", "memcached": "1.6"}


def cache(name):
    record = caches().get(name.lower())
    if record is None:
        raise AwsError("ServerlessCacheNotFoundFault", f"Serverless cache {name} not found.")
    return record


def _limits(limits):
    if not limits:
        return None
    storage, compute = limits.get("DataStorage"), limits.get("ECPUPerSecond")
    if storage:
        if storage.get("Unit") != "GB":
            raise AwsError("InvalidParameterValue", "The unit of DataStorage is GB.")
        if not 1 <= storage.get("Minimum", 1) <= storage.get("Maximum", 5000) <= 5000:
            raise AwsError("InvalidParameterValue", "DataStorage is from 1 to 5000 GB, minimum not above maximum.")
    if compute and not 1000 <= compute.get("Minimum", 1000) <= compute.get("Maximum", 15000000) <= 15000000:
        raise AwsError("InvalidParameterValue", "ECPUPerSecond is from 1000 to 15000000, minimum not above maximum.")
    return limits


def _user_group(group_id, engine):
    group = users.group(group_id)
    if group["Status"] not in ("active", "modifying"):
        raise AwsError("InvalidUserGroupStateFault", f"User group {group_id} is in {group['Status']} state.")
    if engine == "redis" and group["Engine"] != "redis":
        raise AwsError("InvalidParameterValue", "The user group is of another engine.")
    return group


@op("elasticache", "CreateServerlessCache")
def create(ctx, p):
    name, engine = p["ServerlessCacheName"].lower(), p["Engine"].lower()
    if not re.fullmatch(r"[a-z](?!.*--)[a-z0-9-]{0,39}(?<!-)", name):
        raise AwsError("InvalidParameterValue", "The parameter ServerlessCacheName is not a valid identifier.")
    if engine not in _VERSIONS:
        raise AwsError("InvalidParameterValue", f"Engine {p['Engine']} is not supported.")
    major = p.get("MajorEngineVersion") or _DEFAULTS[engine]
    if major not in _VERSIONS[engine]:
        raise AwsError("InvalidParameterValue", f"Invalid major engine version {major} for engine {engine}.")
    if name in caches():
        raise AwsError("ServerlessCacheAlreadyExistsFault", f"Serverless cache {name} already exists.")
    enforce(ctx, "L-BBCDAECC", len(caches()), "ServerlessCacheQuotaForCustomerExceededFault")
    ec2._ensure_defaults_initialized()
    subnets = lookups.subnets(p.get("SubnetIds") or _default_subnets(), "InvalidParameterValue")
    zones = {subnet["AvailabilityZone"] for subnet in subnets}
    if not 2 <= len(subnets) <= 3 or len(zones) != len(subnets):
        raise AwsError("InvalidParameterValue", "Serverless caches need two or three subnets in different "
                       "Availability Zones.")
    groups = p.get("SecurityGroupIds") or [group["GroupId"] for group in ec2._security_groups.values()
                                           if group["VpcId"] == subnets[0]["VpcId"] and group["GroupName"] == "default"]
    lookups.require_security_groups(groups)
    for arn in p.get("SnapshotArnsToRestore") or []:
        if not any(item["ARN"] == arn and item["Status"] == "available" for item in snapshots().values()):
            raise AwsError("InvalidParameterValue", f"The snapshot {arn} does not exist or is not available.")
    host = f"{name}-{uuid.uuid4().hex[:6]}.serverless.{ctx.region}.cache.amazonaws.com"
    record = {
        "ServerlessCacheName": name, "Description": p.get("Description", " "), "CreateTime": ctx.now, "Engine": engine,
        "MajorEngineVersion": major, "FullEngineVersion": _VERSIONS[engine][major],
        "CacheUsageLimits": _limits(p.get("CacheUsageLimits")), "SecurityGroupIds": groups, "SubnetIds":
        [subnet["SubnetId"] for subnet in subnets], "ARN": ctx.arn("elasticache", f"serverlesscache:{name}"),
        "KmsKeyId": lookups.key_arn(p["KmsKeyId"], "InvalidKMSKeyFault") if p.get("KmsKeyId") else None,
        "UserGroupId": None, "SnapshotRetentionLimit": p.get("SnapshotRetentionLimit", 0),
        "DailySnapshotTime": p.get("DailySnapshotTime") or ("03:00" if p.get("SnapshotRetentionLimit") else None),
        "TagList": merge_tags([], p.get("Tags")),
        "_endpoints": {"Endpoint": {"Address": host, "Port": 6379 if engine != "memcached" else 11211},
                       "ReaderEndpoint": {"Address": host, "Port": 6380 if engine != "memcached" else 11212}},
    }
    if p.get("UserGroupId"):
        group = _user_group(p["UserGroupId"], engine)
        record["UserGroupId"] = group["UserGroupId"]
        group["ServerlessCaches"].append(name)
    if not 0 <= record["SnapshotRetentionLimit"] <= 35:
        raise AwsError("InvalidParameterValue", "SnapshotRetentionLimit is from 0 to 35.")
    lifecycle.begin(record, "Status", "creating", "available", "elasticache.serverless.creating")
    CACHES[name] = record
    return {"ServerlessCache": record}


def _default_subnets():
    return [subnet["SubnetId"] for subnet in ec2._subnets.values() if subnet.get("DefaultForAz")][:3]


@op("elasticache", "DescribeServerlessCaches")
def describe(ctx, p):
    if p.get("ServerlessCacheName"):
        return {"ServerlessCaches": [cache(p["ServerlessCacheName"])]}
    found = sorted(caches().values(), key=lambda record: record["ServerlessCacheName"])
    items, following = page(found, p.get("MaxResults"), p.get("NextToken"), 1, 100, 50)
    return {"ServerlessCaches": items, "NextToken": following}


@op("elasticache", "ModifyServerlessCache")
def modify(ctx, p):
    record = cache(p["ServerlessCacheName"])
    if record["Status"] != "available":
        raise AwsError("InvalidServerlessCacheStateFault", f"Serverless cache {record['ServerlessCacheName']} is in "
                       f"{record['Status']} state.")
    changes = {name: p[name] for name in ("Description", "SnapshotRetentionLimit", "DailySnapshotTime")
               if p.get(name) is not None}
    if p.get("SecurityGroupIds"):
        lookups.require_security_groups(p["SecurityGroupIds"])
        changes["SecurityGroupIds"] = p["SecurityGroupIds"]
    if p.get("CacheUsageLimits"):
        changes["CacheUsageLimits"] = _limits(p["CacheUsageLimits"])
    if p.get("Engine") or p.get("MajorEngineVersion"):
        engine = (p.get("Engine") or record["Engine"]).lower()
        major = p.get("MajorEngineVersion") or _DEFAULTS.get(engine)
        if major not in _VERSIONS.get(engine, {}) or (engine == record["Engine"]
                                                      and float(major) < float(record["MajorEngineVersion"])):
            raise AwsError("InvalidParameterCombination", "This change of engine or version is not possible.")
        changes.update(Engine=engine, MajorEngineVersion=major, FullEngineVersion=_VERSIONS[engine][major])
    if p.get("UserGroupId") or p.get("RemoveUserGroup"):
        target = _user_group(p["UserGroupId"], record["Engine"]) if p.get("UserGroupId") else None
        changes["UserGroupId"] = target["UserGroupId"] if target else None
        old = users.groups().get(record.get("UserGroupId") or "")
        if old and record["ServerlessCacheName"] in old["ServerlessCaches"]:
            old["ServerlessCaches"].remove(record["ServerlessCacheName"])
        if target:
            target["ServerlessCaches"].append(record["ServerlessCacheName"])
    if not changes:
        raise AwsError("InvalidParameterCombination", "No modifications were requested.")
    record.update(changes)
    lifecycle.begin(record, "Status", "modifying", "available", "elasticache.serverless.modifying")
    return {"ServerlessCache": record}


@op("elasticache", "DeleteServerlessCache")
def delete(ctx, p):
    record = cache(p["ServerlessCacheName"])
    if record["Status"] not in ("available", "create-failed"):
        raise AwsError("InvalidServerlessCacheStateFault", f"Serverless cache {record['ServerlessCacheName']} is in "
                       f"{record['Status']} state.")
    made = make_snapshot(ctx, record, p["FinalSnapshotName"], None, None) if p.get("FinalSnapshotName") else None
    lifecycle.begin(record, "Status", "deleting", lifecycle.GONE, "elasticache.serverless.deleting")
    if made:
        record["_due"] = max(record["_due"], made["_due"])
    return {"ServerlessCache": record}
