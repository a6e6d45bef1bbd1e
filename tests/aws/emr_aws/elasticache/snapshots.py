"""Snapshots of serverless caches, which the emulator does not take."""
import re

from .. import lifecycle, lookups
from ..registry import op, page
from ..wire.errors import AwsError
from .common import SNAPSHOTS, caches, merge_tags, snapshots


def make_snapshot(ctx, record, name, key, tags):
    name = name.lower()
    if not re.fullmatch(r"[a-z](?!.*--)[a-z0-9-]{0,254}(?<!-)", name):
        raise AwsError("InvalidParameterValue", "The parameter ServerlessCacheSnapshotName is not a valid identifier.")
    if name in snapshots():
        raise AwsError("ServerlessCacheSnapshotAlreadyExistsFault", f"Snapshot {name} already exists.")
    if record["Engine"] == "memcached":
        raise AwsError("InvalidParameterCombination", "Memcached has no snapshots.")
    made = {"ServerlessCacheSnapshotName": name, "ARN": ctx.arn("elasticache", f"serverlesscachesnapshot:{name}"),
            "KmsKeyId": lookups.key_arn(key, "InvalidKMSKeyFault") if key else record.get("KmsKeyId"), "SnapshotType": "manual",
            "CreateTime": ctx.now, "BytesUsedForCache": "0", "TagList": merge_tags([], tags),
            "ServerlessCacheConfiguration": {field: record[field] for field in (
                "ServerlessCacheName", "Engine", "MajorEngineVersion")}}
    lifecycle.begin(made, "Status", "creating", "available", "elasticache.snapshot.creating")
    SNAPSHOTS[name] = made
    return made


def _snapshot(name):
    record = snapshots().get(name.lower())
    if record is None:
        raise AwsError("ServerlessCacheSnapshotNotFoundFault", f"Snapshot {name} not found.")
    return record


@op("elasticache", "CreateServerlessCacheSnapshot")
def create(ctx, p):
    record = caches().get(p["ServerlessCacheName"].lower())
    if record is None:
        raise AwsError("ServerlessCacheNotFoundFault", f"Serverless cache {p['ServerlessCacheName']} not found.")
    if record["Status"] != "available":
        raise AwsError("InvalidServerlessCacheStateFault", f"Serverless cache {p['ServerlessCacheName']} is in "
                       f"{record['Status']} state.")
    return {"ServerlessCacheSnapshot": make_snapshot(ctx, record, p["ServerlessCacheSnapshotName"], p.get("KmsKeyId"),
                                                     p.get("Tags"))}


@op("elasticache", "DescribeServerlessCacheSnapshots")
def describe(ctx, p):
    if p.get("ServerlessCacheSnapshotName"):
        return {"ServerlessCacheSnapshots": [_snapshot(p["ServerlessCacheSnapshotName"])]}
    found = sorted(snapshots().values(), key=lambda record: record["ServerlessCacheSnapshotName"])
    if p.get("ServerlessCacheName"):
        found = [record for record in found if record["ServerlessCacheConfiguration"]["ServerlessCacheName"]
                 == p["ServerlessCacheName"].lower()]
    if p.get("SnapshotType"):
        found = [record for record in found if record["SnapshotType"] == p["SnapshotType"]]
    items, following = page(found, p.get("MaxResults"), p.get("NextToken"), 1, 50, 50)
    return {"ServerlessCacheSnapshots": items, "NextToken": following}


@op("elasticache", "DeleteServerlessCacheSnapshot")
def delete(ctx, p):
    record = _snapshot(p["ServerlessCacheSnapshotName"])
    if record["Status"] not in ("available", "failed"):
        raise AwsError("InvalidServerlessCacheSnapshotStateFault", f"The snapshot is in {record['Status']} state.")
    lifecycle.begin(record, "Status", "deleting", lifecycle.GONE, "elasticache.snapshot.deleting")
    return {"ServerlessCacheSnapshot": record}
