"""Vaults and tags; a vault that still holds recovery points cannot be removed."""
import re
import uuid

from ministack.services import backup as emulator

from .. import lookups
from ..registry import Forward, op, page
from ..wire.errors import AwsError
from .points import points

VAULTS = emulator._vaults


def vault(name):
    record = VAULTS.get(name)
    if record is None:
        raise AwsError("ResourceNotFoundException", f"Backup vault {name} does not exist.", 400)
    record["NumberOfRecoveryPoints"] = sum(1 for item in points().values() if item["BackupVaultName"] == name)
    return record


@op("backup", "CreateBackupVault")
def create(ctx, p):
    name = p["BackupVaultName"]
    if not re.fullmatch(r"[a-zA-Z0-9_-]{2,50}", name):
        raise AwsError("InvalidParameterValueException", "Backup vault names have 2 to 50 letters, digits, - and _.")
    arn = ctx.arn("backup", f"backup-vault:{name}")
    if name in VAULTS:
        raise AwsError("AlreadyExistsException", "Backup vault with the same name already exists", Arn=arn,
                       CreatorRequestId=VAULTS[name].get("CreatorRequestId") or "")
    key = (lookups.key_arn(p["EncryptionKeyArn"], "InvalidParameterValueException") if p.get("EncryptionKeyArn")
           else ctx.arn("kms", f"key/{uuid.uuid5(uuid.NAMESPACE_URL, 'aws/backup' + ctx.account)}"))
    VAULTS[name] = {"BackupVaultName": name, "BackupVaultArn": arn, "CreationDate": ctx.now, "EncryptionKeyArn": key,
                    "BackupVaultTags": dict(p.get("BackupVaultTags") or {}), "Locked": False, "VaultType": "BACKUP_VAULT",
                    "CreatorRequestId": p.get("CreatorRequestId"), "NumberOfRecoveryPoints": 0}
    return VAULTS[name]


@op("backup", "DescribeBackupVault")
def describe(ctx, p):
    return vault(p["BackupVaultName"])


@op("backup", "ListBackupVaults")
def list_vaults(ctx, p):
    found = [vault(name) for name in sorted(VAULTS)]
    items, following = page(found, p.get("MaxResults"), p.get("NextToken"), 1, 1000, 1000, "InvalidParameterValueException")
    return {"BackupVaultList": items, "NextToken": following}


@op("backup", "PutBackupVaultLockConfiguration")
def lock(ctx, p):
    record = vault(p["BackupVaultName"])
    days = p.get("ChangeableForDays")
    if days is not None and days < 3:
        raise AwsError("InvalidParameterValueException", "Changeable for days must be at least 3.")
    if record.get("LockDate") and record["LockDate"] <= ctx.now:
        raise AwsError("InvalidRequestException", "The vault lock is in compliance mode and can't be changed.")
    record.update(Locked=True, MinRetentionDays=p.get("MinRetentionDays"), MaxRetentionDays=p.get("MaxRetentionDays"),
                  LockDate=None if days is None else ctx.now + days * 86400)


@op("backup", "DeleteBackupVault")
def delete(ctx, p):
    record = vault(p["BackupVaultName"])
    if record["NumberOfRecoveryPoints"]:
        raise AwsError("InvalidRequestException", "Backup vault cannot be deleted because it contains recovery points.")
    VAULTS.pop(record["BackupVaultName"])


def _tags(arn):
    if ":backup-plan:" in arn:
        from .plans import tags_of  # plans look at vaults
        return tags_of(arn)
    if ":backup-vault:" in arn:
        return vault(arn.rsplit(":", 1)[-1]).setdefault("BackupVaultTags", {})
    record = points().get(arn)
    if record is not None:
        return record["_tags"]
    if ":recovery-point:" in arn:
        raise AwsError("ResourceNotFoundException", f"{arn} does not exist.")
    raise Forward()


@op("backup", "ListTags")
def list_tags(ctx, p):
    return {"Tags": _tags(p["ResourceArn"])}


@op("backup", "TagResource")
def tag(ctx, p):
    _tags(p["ResourceArn"]).update(p["Tags"])


@op("backup", "UntagResource")
def untag(ctx, p):
    tags = _tags(p["ResourceArn"])
    for key in p["TagKeyList"]:
        tags.pop(key, None)
