"""Stores, settling and tags of ElastiCache."""
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import elasticache as emulator

from .. import lifecycle
from ..registry import Forward, op
from ..wire.errors import AwsError

CACHES = emulator._serverless_caches
USERS = emulator._users
GROUPS = emulator._user_groups
SNAPSHOTS = AccountRegionScopedDict()
REPLICATION_GROUPS = AccountRegionScopedDict()
FINAL_SNAPSHOTS = AccountRegionScopedDict()
SUBNET_GROUPS = AccountRegionScopedDict()
PARAMETER_GROUPS = AccountRegionScopedDict()


def caches():
    return lifecycle.settle(CACHES, "Status", on_state=_cache_ready, on_gone=_cache_gone)


def _cache_ready(record):
    record.update(record.pop("_endpoints", {}))


def _cache_gone(record):
    group = GROUPS.get(record.get("UserGroupId") or "")
    if group and record["ServerlessCacheName"] in group.get("ServerlessCaches", []):
        group["ServerlessCaches"].remove(record["ServerlessCacheName"])


def users():
    return lifecycle.settle(USERS, "Status", on_gone=_user_gone)


def _user_gone(record):
    for group in GROUPS.values():
        if record["UserId"] in group["UserIds"]:
            group["UserIds"].remove(record["UserId"])


def groups():
    return lifecycle.settle(GROUPS, "Status", on_gone=_group_gone)


def _group_gone(record):
    for user in USERS.values():
        if record["UserGroupId"] in user.get("UserGroupIds", []):
            user["UserGroupIds"].remove(record["UserGroupId"])


def snapshots():
    return lifecycle.settle(SNAPSHOTS, "Status")


def replication_groups():
    return lifecycle.settle(REPLICATION_GROUPS, "Status", on_state=_group_ready)


def _group_ready(record):
    record["_endpoints"] = True


def merge_tags(existing, added):
    merged = {tag["Key"]: tag.get("Value", "") for tag in (existing or []) + (added or [])}
    return [{"Key": key, "Value": value} for key, value in merged.items()]


def _tagged(arn):
    kind, _, name = arn.split(":", 5)[5].partition(":") if arn.count(":") >= 6 else ("", "", "")
    found = {"serverlesscache": (caches, "ServerlessCacheNotFoundFault"), "user": (users, "UserNotFoundFault"),
             "usergroup": (groups, "UserGroupNotFoundFault"),
             "replicationgroup": (replication_groups, "ReplicationGroupNotFoundFault"),
             "subnetgroup": (lambda: SUBNET_GROUPS, "CacheSubnetGroupNotFoundFault"),
             "parametergroup": (lambda: PARAMETER_GROUPS, "CacheParameterGroupNotFound"),
             "serverlesscachesnapshot": (snapshots, "ServerlessCacheSnapshotNotFoundFault")}.get(kind)
    if found is None:
        raise Forward()
    record = found[0]().get(name)
    if record is None or record["ARN"] != arn:
        raise AwsError(found[1], f"{arn} not found")
    return record


@op("elasticache", "AddTagsToResource")
def add_tags(ctx, p):
    record = _tagged(p["ResourceName"])
    record["TagList"] = merge_tags(record.get("TagList"), p["Tags"])
    return {"TagList": record["TagList"]}


@op("elasticache", "RemoveTagsFromResource")
def remove_tags(ctx, p):
    record = _tagged(p["ResourceName"])
    record["TagList"] = [tag for tag in record.get("TagList") or [] if tag["Key"] not in p["TagKeys"]]
    return {"TagList": record["TagList"]}


@op("elasticache", "ListTagsForResource")
def list_tags(ctx, p):
    return {"TagList": _tagged(p["ResourceName"]).get("TagList") or []}
