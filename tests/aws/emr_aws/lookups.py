"""What one service asks of another: subnets, security groups, keys and roles must exist before they are used.

They live in the emulator's own stores, which is why everything runs in one process.
"""
import re

from ministack.services import ec2, iam, kms

from .wire.errors import AwsError


def subnets(ids, code="InvalidSubnet"):
    """The records of these subnets; all must exist and lie in one VPC."""
    found = []
    for subnet_id in ids:
        subnet = ec2._subnets.get(subnet_id)
        if subnet is None:
            raise AwsError(code, f"The subnet ID '{subnet_id}' does not exist", 400)
        found.append(subnet)
    if len({subnet["VpcId"] for subnet in found}) > 1:
        raise AwsError(code, "The subnets belong to different VPCs.", 400)
    return found


def require_security_groups(ids, vpc_id=None, code="InvalidParameterValue"):
    for group_id in ids:
        group = ec2._security_groups.get(group_id)
        if group is None:
            raise AwsError(code, f"Invalid security group , groupId= {group_id}, groupName=.", 400)
        if vpc_id and group["VpcId"] != vpc_id:
            raise AwsError("InvalidVPCNetworkStateFault", f"The security group {group_id} is not in {vpc_id}.", 400)


def key_arn(key, code, status=400):
    """The ARN of a usable KMS key given by id, ARN or alias."""
    if key.startswith("alias/aws/") or ":alias/aws/" in key:
        return key
    record = kms._resolve_key(key)
    if record is None or record["KeyState"] != "Enabled":
        raise AwsError(code, f"The specified KMS key [{key}] does not exist, is not enabled or you do not have "
                       "permissions to access it.", status)
    return record["Arn"]


def role_exists(arn):
    match = re.fullmatch(r"arn:aws[\w-]*:iam::\d{12}:role/(?:.*/)?([\w+=,.@-]+)", arn or "")
    return bool(match) and match.group(1) in iam._roles
