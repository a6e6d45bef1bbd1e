"""New clusters from a snapshot or from a point in time; the source is never touched."""
from .. import contents
from ..registry import op
from ..wire.errors import AwsError
from ..wire.parse import parse_time
from . import attributes, engines
from .common import AUTOMATED, cluster, snapshot


def _inherit(source):
    """What a restored cluster takes over: the data's owner, its encryption and its database."""
    return {field: source.get(field) for field in ("MasterUsername", "_MasterUserPassword", "DatabaseName",
                                                   "StorageEncrypted", "KmsKeyId")}


def _restore(ctx, p, source, engine, version, held):
    merged = {**p}
    merged.setdefault("Port", source.get("Port"))
    merged.setdefault("BackupRetentionPeriod", source.get("BackupRetentionPeriod"))
    if p.get("KmsKeyId") and not source.get("StorageEncrypted"):
        merged["StorageEncrypted"] = True
    record = attributes.new_cluster(ctx, merged, engine, version, _inherit(source))
    contents.copy(*held, "clusters", record["DbClusterResourceId"])
    return {"DBCluster": record}


@op("rds", "RestoreDBClusterFromSnapshot")
def from_snapshot(ctx, p):
    made = snapshot(p["SnapshotIdentifier"])
    if made["Status"] != "available":
        raise AwsError("InvalidDBClusterSnapshotStateFault", f"The snapshot {made['DBClusterSnapshotIdentifier']} is "
                       f"not available (current state: {made['Status']}).")
    if p["Engine"] != made["Engine"]:
        raise AwsError("InvalidParameterCombination", f"Engine {p['Engine']} differs from the snapshot's {made['Engine']}.")
    version = engines.require_version(p["Engine"], p.get("EngineVersion") or made["EngineVersion"])
    held = ("snapshots", made["DBClusterSnapshotIdentifier"])
    return _restore(ctx, p, made["_source"], p["Engine"], version, held)


@op("rds", "RestoreDBClusterToPointInTime")
def to_point_in_time(ctx, p):
    if p.get("SourceDbClusterResourceId"):
        kept = AUTOMATED.get(p["SourceDbClusterResourceId"])
        if kept is None:
            raise AwsError("DBClusterAutomatedBackupNotFoundFault", "No automated backup for this resource id.")
        held = ("automated", p["SourceDbClusterResourceId"])
        source = {**kept["_source"], "_until": parse_time(kept["RestoreWindow"]["LatestTime"])}
    elif p.get("SourceDBClusterIdentifier"):
        source = cluster(p["SourceDBClusterIdentifier"])
        held = ("clusters", source["DbClusterResourceId"])
        if source["Status"] in ("creating", "deleting"):
            raise AwsError("InvalidDBClusterStateFault", f"The source cluster is in {source['Status']} state.")
    else:
        raise AwsError("InvalidParameterCombination", "SourceDBClusterIdentifier is required.")
    moment = p.get("RestoreToTime")
    if bool(moment) == bool(p.get("UseLatestRestorableTime")):
        raise AwsError("InvalidParameterCombination", "Specify exactly one of RestoreToTime and UseLatestRestorableTime.")
    if moment:
        earliest, latest = parse_time(source["EarliestRestorableTime"]), source.get("_until", ctx.now)
        if not earliest - 1 <= moment <= latest:
            raise AwsError("InvalidRestoreFault", "The specified time is outside of the restore window.")
    return _restore(ctx, p, source, source["Engine"], source["EngineVersion"], held)
