"""Restores into a file system that is there: PENDING, RUNNING, then COMPLETED with a folder of their own, or FAILED."""
import datetime
import uuid

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region

from .. import contents, lifecycle, lookups
from ..efs.common import file_systems
from ..registry import Ctx, op, page
from ..wire.errors import AwsError
from .points import points, short

RESTORES = AccountRegionScopedDict()
BAD = "InvalidParameterValueException"


def restores():
    """Jobs by id, each in the state that the time since its start gives it."""
    ctx = Ctx(get_account_id(), get_region())
    for record in RESTORES.values():
        if record["Status"] in ("PENDING", "RUNNING") and ctx.now >= record["_finish_at"]:
            _finish(record)
        elif record["Status"] == "PENDING" and ctx.now >= record["_run_at"]:
            record["Status"] = "RUNNING"
    return dict(RESTORES.items())


def _finish(record):
    target = file_systems().get(record["_into"])
    record["CompletionDate"] = record["_finish_at"]
    if target is None or target["LifeCycleState"] not in ("available", "updating"):
        record.update(Status="FAILED", PercentDone="0.0", StatusMessage=f"File system {record['_into']} is not available")
        return
    at = datetime.datetime.fromtimestamp(record["_finish_at"], datetime.timezone.utc)
    folder = at.strftime("aws-backup-restore_%Y-%m-%dT%H-%M-%S-%fZ")
    target.setdefault("_folders", {})[folder] = record["ResourceArn"]
    contents.copy("points", short(record["RecoveryPointArn"]), "files", record["_into"], folder)
    record.update(Status="COMPLETED", PercentDone="100.0", CreatedResourceArn=target["FileSystemArn"])


@op("backup", "StartRestoreJob")
def start(ctx, p):
    token = p.get("IdempotencyToken")
    for record in restores().values():
        if token and record["_token"] == token:
            return {"RestoreJobId": record["RestoreJobId"]}
    point = points().get(p["RecoveryPointArn"])
    if point is None or point["Status"] != "COMPLETED":
        raise AwsError("ResourceNotFoundException", f"Recovery point {p['RecoveryPointArn']} does not exist.")
    if not lookups.role_exists(p.get("IamRoleArn", "")):
        raise AwsError(BAD, f"IAM Role {p.get('IamRoleArn')} cannot be assumed by AWS Backup")
    metadata = p.get("Metadata") or {}
    if point["ResourceType"] != "EFS" or p.get("ResourceType", "EFS") != "EFS":
        raise AwsError(BAD, "Only restores of EFS are known here.")
    missing = {"file-system-id", "newFileSystem", "Encrypted", "PerformanceMode"} - set(metadata)
    if missing:
        raise AwsError(BAD, f"Metadata lacks {', '.join(sorted(missing))}.")
    if metadata["newFileSystem"] != "false":
        raise AwsError(BAD, "Restores into a new file system are not known here.")
    target = file_systems().get(metadata["file-system-id"])
    if target is None or target["LifeCycleState"] not in ("available", "updating"):
        raise AwsError(BAD, f"File system {metadata['file-system-id']} does not exist or is not available.")
    name = str(uuid.uuid4())
    run_at = ctx.now + lifecycle.DELAYS["backup.restore.pending"]
    RESTORES[name] = {
        "AccountId": ctx.account, "RestoreJobId": name, "RecoveryPointArn": p["RecoveryPointArn"],
        "CreationDate": ctx.now, "Status": "PENDING", "PercentDone": "0.0", "ResourceType": "EFS",
        "BackupSizeInBytes": point["BackupSizeInBytes"], "IamRoleArn": p["IamRoleArn"],
        "ResourceArn": point["ResourceArn"], "_into": metadata["file-system-id"], "_token": token, "_run_at": run_at,
        "_finish_at": run_at + lifecycle.DELAYS["backup.restore.running"]}
    return {"RestoreJobId": name}


@op("backup", "DescribeRestoreJob")
def describe(ctx, p):
    record = restores().get(p["RestoreJobId"])
    if record is None:
        raise AwsError("ResourceNotFoundException", f"Restore job {p['RestoreJobId']} does not exist.")
    return record


@op("backup", "ListRestoreJobs")
def list_jobs(ctx, p):
    found = [record for record in restores().values() if p.get("ByStatus") in (None, record["Status"])]
    found.sort(key=lambda record: (-record["CreationDate"], record["RestoreJobId"]))
    items, following = page(found, p.get("MaxResults"), p.get("NextToken"), 1, 1000, 1000, BAD)
    return {"RestoreJobs": items, "NextToken": following}
