"""On-demand backup jobs: CREATED, RUNNING, then COMPLETED with a recovery point, or FAILED."""
import uuid

from ministack.core.responses import get_account_id, get_region
from ministack.services import backup as emulator

from .. import contents, lifecycle, lookups
from ..efs.common import file_systems
from ..rds.common import clusters
from ..rds.snapshots import make_snapshot
from ..registry import Ctx, op, page
from ..wire.errors import AwsError
from .points import POINTS, calculated, check_lifecycle, short
from .vaults import vault

JOBS = emulator._jobs
_TYPES = {"elasticfilesystem": "EFS", "rds": "RDS", "s3": "S3", "dynamodb": "DynamoDB", "ec2": "EBS"}


def _resource(arn):
    """(type, record or None, known) of a resource; only file systems and Aurora clusters can be looked up."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[2] not in _TYPES:
        raise AwsError("InvalidParameterValueException", f"Unsupported resource ARN: {arn}")
    if parts[2] == "elasticfilesystem":
        return "EFS", file_systems().get(parts[5].rsplit("/", 1)[-1]), True
    if parts[2] == "rds" and parts[5].startswith("cluster:"):
        return "Aurora", clusters().get(parts[5][8:]), True
    return _TYPES[parts[2]], None, False


def jobs():
    """Jobs by id, each in the state that the time since its start gives it."""
    ctx = Ctx(get_account_id(), get_region())
    for record in JOBS.values():
        if record["State"] in ("CREATED", "RUNNING") and ctx.now >= record["_finish_at"]:
            _finish(ctx, record)
        elif record["State"] == "CREATED" and ctx.now >= record["_run_at"]:
            record["State"] = "RUNNING"
        if record["State"] == "RUNNING":
            span = max(record["_finish_at"] - record["_run_at"], 1e-6)
            record["PercentDone"] = f"{100 * (ctx.now - record['_run_at']) / span:.1f}"
    return dict(JOBS.items())


def _finish(ctx, record):
    kind, resource, known = _resource(record["ResourceArn"])
    at = record["CompletionDate"] = record["_finish_at"]
    state = (resource or {}).get("LifeCycleState") or (resource or {}).get("Status")
    if known and state not in ("available", "modifying", "updating"):
        record.update(State="FAILED", PercentDone="0.0", MessageCategory="FAILURE", RecoveryPointArn=None,
                      StatusMessage=f"Resource {record['ResourceArn']} does not exist or is not available")
        return
    if kind == "Aurora":
        name = record["RecoveryPointArn"].split(":cluster-snapshot:")[1]
        made = make_snapshot(ctx, resource, name, None, kind="awsbackup")
        lifecycle.finish_now(made, "Status", "available")
    elif kind == "EFS":
        contents.copy("files", resource["FileSystemId"], "points", short(record["RecoveryPointArn"]))
    record.update(State="COMPLETED", PercentDone="100.0", MessageCategory="SUCCESS", BackupSizeInBytes=6144,
                  BytesTransferred=6144)
    POINTS[record["RecoveryPointArn"]] = {
        "RecoveryPointArn": record["RecoveryPointArn"], "BackupVaultName": record["BackupVaultName"],
        "BackupVaultArn": record["BackupVaultArn"], "ResourceArn": record["ResourceArn"], "ResourceType": kind,
        "IamRoleArn": record["IamRoleArn"], "Status": "COMPLETED", "CreationDate": record["CreationDate"],
        "CompletionDate": at, "BackupSizeInBytes": 6144, "EncryptionKeyArn": record["EncryptionKeyArn"],
        "IsEncrypted": True, "StorageClass": "WARM", "Lifecycle": record["RecoveryPointLifecycle"], "IsParent": False,
        "CalculatedLifecycle": calculated(record["RecoveryPointLifecycle"], record["CreationDate"]),
        "ResourceName": record.get("ResourceName"), "VaultType": "BACKUP_VAULT", "_tags": record["_tags"]}


@op("backup", "StartBackupJob")
def start(ctx, p):
    held = vault(p["BackupVaultName"])
    if not lookups.role_exists(p["IamRoleArn"]):
        raise AwsError("InvalidParameterValueException", f"IAM Role {p['IamRoleArn']} cannot be assumed by AWS Backup")
    token = p.get("IdempotencyToken")
    for record in jobs().values():
        if token and record.get("_token") == token:
            return record
    kind, resource, _ = _resource(p["ResourceArn"])
    cycle = check_lifecycle(p.get("Lifecycle"))
    name = str(uuid.uuid4())
    point = (ctx.arn("rds", f"cluster-snapshot:awsbackup:job-{name}") if kind == "Aurora"
             else ctx.arn("backup", f"recovery-point:{name}"))
    run_at = ctx.now + lifecycle.DELAYS["backup.job.created"]
    tags = {tag["Key"]: tag["Value"] for tag in (resource or {}).get("Tags") or (resource or {}).get("TagList") or []}
    JOBS[name] = {
        "AccountId": ctx.account, "BackupJobId": name, "BackupVaultName": held["BackupVaultName"],
        "BackupVaultArn": held["BackupVaultArn"], "RecoveryPointArn": point, "ResourceArn": p["ResourceArn"],
        "CreationDate": ctx.now, "InitiationDate": ctx.now, "State": "CREATED", "PercentDone": "0.0",
        "IamRoleArn": p["IamRoleArn"], "ResourceType": kind, "IsParent": False, "RecoveryPointLifecycle": cycle,
        "EncryptionKeyArn": held["EncryptionKeyArn"], "IsEncrypted": True, "StartBy": ctx.now + 60 * 480,
        "ExpectedCompletionDate": run_at + lifecycle.DELAYS["backup.job.running"], "ResourceName": tags.get("Name"),
        "_run_at": run_at, "_finish_at": run_at + lifecycle.DELAYS["backup.job.running"], "_token": token,
        "_tags": {**tags, **(p.get("RecoveryPointTags") or {})}}
    return JOBS[name]


def _job(name):
    record = jobs().get(name)
    if record is None:
        raise AwsError("ResourceNotFoundException", f"Backup job {name} does not exist.")
    return record


@op("backup", "DescribeBackupJob")
def describe(ctx, p):
    return _job(p["BackupJobId"])


@op("backup", "StopBackupJob")
def stop(ctx, p):
    record = _job(p["BackupJobId"])
    if record["State"] not in ("CREATED", "RUNNING"):
        raise AwsError("InvalidRequestException", f"The job is in {record['State']} state.")
    record.update(State="ABORTED", CompletionDate=ctx.now, RecoveryPointArn=None, MessageCategory="ABORTED")


@op("backup", "ListBackupJobs")
def list_jobs(ctx, p):
    fields = {"ByResourceArn": "ResourceArn", "ByState": "State", "ByBackupVaultName": "BackupVaultName",
              "ByResourceType": "ResourceType", "ByAccountId": "AccountId"}
    found = [record for record in jobs().values()
             if all(record[field] == p[name] for name, field in fields.items() if p.get(name))]
    if p.get("ByCreatedAfter"):
        found = [record for record in found if record["CreationDate"] >= p["ByCreatedAfter"]]
    found.sort(key=lambda record: (-record["CreationDate"], record["BackupJobId"]))
    items, following = page(found, p.get("MaxResults"), p.get("NextToken"), 1, 1000, 1000, "InvalidParameterValueException")
    return {"BackupJobs": items, "NextToken": following}
