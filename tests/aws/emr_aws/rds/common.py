"""Stores, identifiers, lookups and tags that every RDS module needs."""
import re
import uuid

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import rds as emulator

from .. import contents, lifecycle
from ..lookups import key_arn
from ..registry import Forward, op
from ..wire.errors import AwsError

CLUSTERS = emulator._clusters
INSTANCES = emulator._instances
SNAPSHOTS = emulator._db_cluster_snapshots
SUBNET_GROUPS = emulator._subnet_groups
PARAMETER_GROUPS = emulator._db_cluster_param_groups
DB_SNAPSHOTS = AccountRegionScopedDict()   # of instances that stand alone
INSTANCE_GROUPS = AccountRegionScopedDict()
RETAINED = AccountRegionScopedDict()   # resource id of a deleted instance -> the instance, as its backups hold it
AUTOMATED = AccountRegionScopedDict()   # resource id of a deleted cluster -> its retained automated backup

_IDENTIFIER = re.compile(r"[a-zA-Z](?!.*--)[a-zA-Z0-9-]{0,62}(?<!-)")


def require_identifier(value, name, longest=63):
    if not _IDENTIFIER.fullmatch(value or "") and not (longest > 63 and re.fullmatch(
            r"[a-zA-Z](?!.*--)[a-zA-Z0-9-]*(?<!-)", value or "")) or len(value) > longest:
        raise AwsError("InvalidParameterValue", f"The parameter {name} is not a valid identifier. Identifiers must "
                       "begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end "
                       "with a hyphen or contain two consecutive hyphens.")
    return value.lower()


def short(value):
    """The identifier in a name or an ARN."""
    return (value.rsplit(":", 1)[-1] if value.startswith("arn:") else value).lower()


def clusters():
    """Live clusters by name, settled; a cluster that is gone takes its automated backups with it or leaves them."""
    return lifecycle.settle(CLUSTERS, "Status", contents.serve, _cluster_gone)


def _cluster_gone(record):
    keep = record.pop("_automated", None)
    contents.cluster_gone(record, bool(keep))
    if keep:
        AUTOMATED[record["DbClusterResourceId"]] = keep
    secret = (record.get("MasterUserSecret") or {}).get("SecretArn")
    if secret:
        emulator.secretsmanager.delete_secret_in_process(secret)
    emulator._tags.pop(record["DBClusterArn"], None)


def instances():
    return lifecycle.settle(INSTANCES, "DBInstanceStatus", _instance_ready, _instance_gone)


def _instance_ready(record):
    from . import standalone
    if standalone.is_ours(record):
        standalone.settled(record)
        return
    cluster = CLUSTERS.get(record.get("DBClusterIdentifier") or "")
    if cluster and record["DBInstanceStatus"] == "available" and not record.get("Endpoint"):
        record["Endpoint"] = record["_endpoint"]


def _instance_gone(record):
    cluster = CLUSTERS.get(record.get("DBClusterIdentifier") or "")
    if cluster:
        cluster["DBClusterMembers"] = [member for member in cluster["DBClusterMembers"]
                                       if member["DBInstanceIdentifier"] != record["DBInstanceIdentifier"]]
    if record.pop("_keep", False):
        RETAINED[record["DbiResourceId"]] = record
    emulator._tags.pop(record["DBInstanceArn"], None)


def snapshots():
    found = lifecycle.settle(SNAPSHOTS, "Status")
    for record in found.values():
        record["PercentProgress"] = lifecycle.progress(record)
    return found


def db_snapshots():
    found = lifecycle.settle(DB_SNAPSHOTS, "Status")
    for record in found.values():
        record["PercentProgress"] = lifecycle.progress(record)
    return found


def db_snapshot(identifier):
    record = db_snapshots().get(short(identifier))
    if record is None:
        raise AwsError("DBSnapshotNotFound", f"DBSnapshot not found: {identifier}")
    return record


def cluster(identifier):
    record = clusters().get(short(identifier))
    if record is None or (identifier.startswith("arn:") and record["DBClusterArn"] != identifier):
        raise AwsError("DBClusterNotFoundFault", f"DBCluster {short(identifier)} not found.")
    return record


def available_cluster(identifier):
    record = cluster(identifier)
    if record["Status"] != "available":
        raise AwsError("InvalidDBClusterStateFault", f"DBCluster {record['DBClusterIdentifier']} is not in available "
                       f"state (current state: {record['Status']}).")
    return record


def snapshot(identifier):
    record = snapshots().get(short(identifier))
    if record is None:
        raise AwsError("DBClusterSnapshotNotFoundFault", f"DBClusterSnapshot not found: {identifier}")
    return record


def database_key(key):
    return key_arn(key, "KMSKeyNotAccessibleFault")


def resource_id(prefix):
    return f"{prefix}-{uuid.uuid4().hex[:26].upper()}"


def filters(p, allowed):
    """Filters by name; AWS refuses one it does not know, an emulator that ignores it hides the mistake."""
    found = {}
    for item in p.get("Filters") or []:
        if item["Name"] not in allowed:
            raise AwsError("InvalidParameterValue", f"Unrecognized filter name: {item['Name']}")
        found[item["Name"]] = [value for value in item["Values"]]
    return found


def merge_tags(*lists):
    merged = {}
    for tags in lists:
        for tag in tags or []:
            merged[tag["Key"]] = tag.get("Value", "")
    return [{"Key": key, "Value": value} for key, value in merged.items()]


def check_tags(tags):
    for tag in tags or []:
        if tag["Key"].lower().startswith("aws:"):
            raise AwsError("InvalidParameterValue", "Tag keys must not start with aws:.")
    return merge_tags(tags)


def _tagged(arn):
    """The record behind an ARN, or a Forward for the kinds that the emulator keeps alone."""
    kind, _, name = arn.split(":", 5)[5].partition(":") if arn.count(":") >= 6 else ("", "", "")
    clusters(), instances(), db_snapshots()
    store = {"snapshot": DB_SNAPSHOTS, "pg": INSTANCE_GROUPS, "cluster": CLUSTERS, "db": INSTANCES, "cluster-snapshot": SNAPSHOTS, "subgrp": SUBNET_GROUPS,
             "cluster-pg": PARAMETER_GROUPS}.get(kind)
    if store is None:
        raise Forward()
    record = store.get(name)
    if record is None:
        code = {"cluster": "DBClusterNotFoundFault", "db": "DBInstanceNotFoundFault", "subgrp": "InvalidParameterValue",
                "snapshot": "DBSnapshotNotFound", "pg": "DBParameterGroupNotFound",
                "cluster-snapshot": "DBClusterSnapshotNotFoundFault"}.get(kind, "InvalidParameterValue")
        raise AwsError(code, f"No resource with the ARN {arn}.")
    return record


@op("rds", "AddTagsToResource")
def add_tags(ctx, p):
    record = _tagged(p["ResourceName"])
    record["TagList"] = merge_tags(record.get("TagList"), check_tags(p["Tags"]))


@op("rds", "RemoveTagsFromResource")
def remove_tags(ctx, p):
    record = _tagged(p["ResourceName"])
    record["TagList"] = [tag for tag in record.get("TagList") or [] if tag["Key"] not in p["TagKeys"]]


@op("rds", "ListTagsForResource")
def list_tags(ctx, p):
    return {"TagList": _tagged(p["ResourceName"]).get("TagList") or []}
