"""CloudWatch Logs: keys must exist, and may be attached later."""
from ministack.services import cloudwatch_logs as emulator

from .. import lookups
from ..registry import Forward, op
from ..wire.errors import AwsError


def _key(key):
    lookups.key_arn(key, "InvalidParameterException")
    return key


def _group(p):
    name = p.get("logGroupName") or (p.get("resourceIdentifier") or "").split(":log-group:")[-1].removesuffix(":*")
    record = emulator._log_groups.get(name)
    if record is None:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    return record


@op("logs", "CreateLogGroup")
def create(ctx, p):
    if p.get("kmsKeyId"):
        _key(p["kmsKeyId"])
    raise Forward()


@op("logs", "AssociateKmsKey")
def associate(ctx, p):
    _group(p)["kmsKeyId"] = _key(p["kmsKeyId"])


@op("logs", "DisassociateKmsKey")
def disassociate(ctx, p):
    _group(p)["kmsKeyId"] = None
