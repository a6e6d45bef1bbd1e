"""Recovery points: what a completed job leaves behind."""
from ministack.core.responses import AccountRegionScopedDict

from .. import contents, lifecycle
from ..rds.common import SNAPSHOTS
from ..registry import op, page
from ..wire.errors import AwsError

POINTS = AccountRegionScopedDict()
_BAD = "InvalidParameterValueException"


def points():
    return lifecycle.settle(POINTS, "Status", on_gone=_gone)


def short(arn):
    """The UUID in the ARN of what is no snapshot."""
    return arn.rsplit(":", 1)[-1]


def _gone(record):
    name = record["RecoveryPointArn"].split(":cluster-snapshot:")
    if len(name) == 2:
        SNAPSHOTS.pop(name[1], None)
        contents.remove("snapshots", name[1])
    else:
        contents.remove("points", short(record["RecoveryPointArn"]))


def check_lifecycle(cycle):
    cold, kept = (cycle or {}).get("MoveToColdStorageAfterDays"), (cycle or {}).get("DeleteAfterDays")
    if cold is not None and kept is not None and kept != -1 and kept < cold + 90:
        raise AwsError(_BAD, "DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays.")
    return cycle


def calculated(cycle, start):
    fields = {"MoveToColdStorageAfterDays": "MoveToColdStorageAt", "DeleteAfterDays": "DeleteAt"}
    return {at: start + cycle[days] * 86400 for days, at in fields.items() if (cycle or {}).get(days, -1) > 0}


def _point(p):
    record = points().get(p["RecoveryPointArn"])
    if record is None or record["BackupVaultName"] != p["BackupVaultName"]:
        raise AwsError("ResourceNotFoundException", f"Recovery point {p['RecoveryPointArn']} does not exist.")
    return record


@op("backup", "DescribeRecoveryPoint")
def describe(ctx, p):
    return _point(p)


@op("backup", "ListRecoveryPointsByBackupVault")
def by_vault(ctx, p):
    from .vaults import vault
    vault(p["BackupVaultName"])
    found = [record for record in points().values() if record["BackupVaultName"] == p["BackupVaultName"]]
    if p.get("ByResourceArn"):
        found = [record for record in found if record["ResourceArn"] == p["ByResourceArn"]]
    if p.get("ByResourceType"):
        found = [record for record in found if record["ResourceType"] == p["ByResourceType"]]
    if p.get("ByCreatedAfter"):
        found = [record for record in found if record["CreationDate"] >= p["ByCreatedAfter"]]
    if p.get("ByCreatedBefore"):
        found = [record for record in found if record["CreationDate"] <= p["ByCreatedBefore"]]
    found.sort(key=lambda record: (-record["CreationDate"], record["RecoveryPointArn"]))
    items, following = page(found, p.get("MaxResults"), p.get("NextToken"), 1, 1000, 1000, _BAD)
    return {"RecoveryPoints": items, "NextToken": following}


@op("backup", "ListRecoveryPointsByResource")
def by_resource(ctx, p):
    found = [record for record in points().values() if record["ResourceArn"] == p["ResourceArn"]]
    found.sort(key=lambda record: (-record["CreationDate"], record["RecoveryPointArn"]))
    items, following = page(found, p.get("MaxResults"), p.get("NextToken"), 1, 1000, 1000, _BAD)
    return {"RecoveryPoints": [{**record, "BackupSizeBytes": record["BackupSizeInBytes"]} for record in items],
            "NextToken": following}


@op("backup", "UpdateRecoveryPointLifecycle")
def update_lifecycle(ctx, p):
    record = _point(p)
    record["Lifecycle"] = check_lifecycle(p.get("Lifecycle"))
    record["CalculatedLifecycle"] = calculated(record["Lifecycle"], record["CreationDate"])
    return record


@op("backup", "DeleteRecoveryPoint")
def delete(ctx, p):
    record = _point(p)
    if record["Status"] == "DELETING":
        raise AwsError("InvalidResourceStateException", "The recovery point is being deleted.")
    lifecycle.begin(record, "Status", "DELETING", lifecycle.GONE, "backup.recoverypoint.deleting")
