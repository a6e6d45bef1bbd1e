"""Filters of EC2's describe calls: one that the emulator would ignore is refused, not answered with everything."""
from ..registry import Forward, op
from ..wire.errors import AwsError


def check_filters(p, known):
    """Filters by name; AWS refuses names it does not know, and so are those that are not modelled."""
    found = {}
    for item in p.get("Filters") or []:
        name = item.get("Name", "")
        if name not in known and not name.startswith("tag:") and name not in ("tag-key", "tag-value"):
            raise AwsError("InvalidParameterValue", f"The filter '{name}' is invalid")
        found[name] = item.get("Values") or []
    return found


@op("ec2", "DescribeSubnets")
def describe_subnets(ctx, p):
    check_filters(p, ("vpc-id", "availability-zone", "subnet-id", "cidr-block", "default-for-az"))
    raise Forward()


@op("ec2", "DescribeVpcs")
def describe_vpcs(ctx, p):
    check_filters(p, ("vpc-id", "cidr", "cidr-block-association.cidr-block", "state", "owner-id", "is-default"))
    raise Forward()
