"""IAM: trust policies must be policies, boundaries and attached policies must exist."""
import json

from ministack.services import iam as emulator

from ..registry import Forward, op
from ..wire.errors import AwsError


def _policy_exists(arn, ctx):
    if arn and f"::{ctx.account}:policy/" in arn and arn not in emulator._policies:
        raise AwsError("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", 404)


@op("iam", "CreateRole", "UpdateAssumeRolePolicy")
def trust(ctx, p):
    try:
        ok = isinstance(json.loads(p.get("AssumeRolePolicyDocument") or p.get("PolicyDocument")), dict)
    except ValueError:
        ok = False
    if not ok:
        raise AwsError("MalformedPolicyDocument", "This policy contains invalid Json", 400)
    _policy_exists(p.get("PermissionsBoundary"), ctx)
    raise Forward()


@op("iam", "PutRolePermissionsBoundary")
def boundary(ctx, p):
    _policy_exists(p["PermissionsBoundary"], ctx)
    raise Forward()


@op("iam", "AttachRolePolicy")
def attach(ctx, p):
    _policy_exists(p["PolicyArn"], ctx)
    raise Forward()
