"""EC2 security groups: duplicates and unknown names refused, in-use groups kept, filters and pages honoured."""
import re

from ministack.services import ec2

from ..efs.common import mount_targets
from ..elasticache.common import caches, replication_groups
from ..rds.common import clusters, instances
from ..registry import Forward, op, page
from ..wire.errors import AwsError
from .network import check_filters


def group(group_id):
    if not re.fullmatch(r"sg-[0-9a-f]{8,17}", group_id or ""):
        raise AwsError("InvalidGroupId.Malformed", f'Invalid id: "{group_id}"')
    record = ec2._security_groups.get(group_id)
    if record is None:
        raise AwsError("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
    return record


@op("ec2", "CreateSecurityGroup")
def create(ctx, p):
    ec2._ensure_defaults_initialized()
    if p.get("VpcId") and p["VpcId"] not in ec2._vpcs:
        raise AwsError("InvalidVpcID.NotFound", f"The vpc ID '{p['VpcId']}' does not exist")
    if p["GroupName"].startswith("sg-") or len(p["GroupName"]) > 255 or p["GroupName"].lower() == "default":
        raise AwsError("InvalidParameterValue", f"Invalid group name '{p['GroupName']}'.")
    if not re.fullmatch(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}", p["Description"]):
        raise AwsError("InvalidParameterValue", "Invalid security group description. Valid descriptions are strings less "
                       "than 256 characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*")
    raise Forward()


def _single(permissions):
    """Each rule as AWS counts it: protocol, ports and one source."""
    for rule in permissions:
        protocol = str(rule.get("IpProtocol"))
        ports = (None, None) if protocol == "-1" else (rule.get("FromPort"), rule.get("ToPort"))
        sources = [item["CidrIp"] for item in rule.get("IpRanges") or []]
        sources += [item["CidrIpv6"] for item in rule.get("Ipv6Ranges") or []]
        sources += [item["PrefixListId"] for item in rule.get("PrefixListIds") or []]
        sources += [item["GroupId"] for item in rule.get("UserIdGroupPairs") or [] if item.get("GroupId")]
        for source in sources:
            yield (protocol, *ports, source)


def _authorize(p, field):
    record = group(p.get("GroupId"))
    wanted = list(_single(p.get("IpPermissions") or []))
    for *_, source in wanted:
        if source.startswith("sg-"):
            group(source)
    if len(set(wanted)) != len(wanted):
        raise AwsError("InvalidParameterValue", "The same permission must not appear multiple times")
    held = set(_single(record[field]))
    for rule in wanted:
        if rule in held:
            raise AwsError("InvalidPermission.Duplicate", f'the specified rule "peer: {rule[3]}, protocol: {rule[0]}, '
                           f'ports: {rule[1]}-{rule[2]}, ALLOW" already exists')
    raise Forward()


@op("ec2", "AuthorizeSecurityGroupIngress")
def authorize_ingress(ctx, p):
    _authorize(p, "IpPermissions")


@op("ec2", "AuthorizeSecurityGroupEgress")
def authorize_egress(ctx, p):
    _authorize(p, "IpPermissionsEgress")


def _revoke(p, field):
    record = group(p.get("GroupId"))
    wanted = set(_single(p.get("IpPermissions") or []))
    if wanted - set(_single(record[field])):
        raise AwsError("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
    if not wanted:
        raise Forward()   # by rule id
    # The emulator matches whole rules only; AWS takes one source out of a rule that names several.
    kept, count = [], 0
    for rule in record[field]:
        rest = {**rule}
        for name, key in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6"), ("PrefixListIds", "PrefixListId"),
                          ("UserIdGroupPairs", "GroupId")):
            rest[name] = [item for item in rule.get(name) or []
                          if next(_single([{**rule, "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [],
                                            "UserIdGroupPairs": [], name: [item]}])) not in wanted]
            count += len(rule.get(name) or []) - len(rest[name])
        if any(rest[name] for name in ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")):
            kept.append(rest)
    record[field] = kept
    return {"Return": True}


@op("ec2", "RevokeSecurityGroupIngress")
def revoke_ingress(ctx, p):
    return _revoke(p, "IpPermissions")


@op("ec2", "RevokeSecurityGroupEgress")
def revoke_egress(ctx, p):
    return _revoke(p, "IpPermissionsEgress")


def _users(group_id):
    """What still uses a group, network interfaces of managed services included."""
    for record in list(clusters().values()) + list(instances().values()):
        if any(item["VpcSecurityGroupId"] == group_id for item in record.get("VpcSecurityGroups") or []):
            yield record.get("DBClusterIdentifier") or record.get("DBInstanceIdentifier")
    for record in caches().values():
        if group_id in record.get("SecurityGroupIds") or []:
            yield record["ServerlessCacheName"]
    for record in replication_groups().values():
        if group_id in record["_security_groups"]:
            yield record["ReplicationGroupId"]
    for record in mount_targets().values():
        if group_id in record.get("SecurityGroups") or []:
            yield record["MountTargetId"]
    for record in ec2._network_interfaces.values():
        if any(item["GroupId"] == group_id for item in record.get("Groups") or []):
            yield record["NetworkInterfaceId"]
    for record in ec2._security_groups.values():
        rules = record["IpPermissions"] + record["IpPermissionsEgress"]
        if record["GroupId"] != group_id and any(rule[3] == group_id for rule in _single(rules)):
            yield record["GroupId"]


@op("ec2", "DeleteSecurityGroup")
def delete(ctx, p):
    record = group(p.get("GroupId"))
    user = next(_users(record["GroupId"]), None)
    if user is not None:
        raise AwsError("DependencyViolation", f"resource {record['GroupId']} has a dependent object")
    raise Forward(after=lambda: ec2._tags.pop(record["GroupId"], None))


def _merged(ctx, permissions):
    """Rules of the same protocol and ports as one entry, which is how AWS describes them."""
    merged = {}
    for rule in permissions:
        key = (rule.get("IpProtocol"), rule.get("FromPort"), rule.get("ToPort"))
        entry = merged.setdefault(key, {"IpProtocol": key[0], "FromPort": key[1], "ToPort": key[2], "IpRanges": [],
                                        "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []})
        for name in ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs"):
            entry[name] = entry[name] + list(rule.get(name) or [])
        entry["UserIdGroupPairs"] = [{"UserId": ctx.account, **pair} for pair in entry["UserIdGroupPairs"]]
    return list(merged.values())


@op("ec2", "DescribeSecurityGroups")
def describe(ctx, p):
    ec2._ensure_defaults_initialized()
    filters = check_filters(p, ("vpc-id", "group-id", "group-name", "owner-id", "description"))
    if p.get("MaxResults") and (p.get("GroupIds") or p.get("GroupNames")):
        raise AwsError("InvalidParameterCombination", "The parameter groupIds cannot be used with the parameter maxResults")
    chosen = [group(group_id) for group_id in p["GroupIds"]] if p.get("GroupIds") else list(ec2._security_groups.values())
    fields = {"vpc-id": "VpcId", "group-id": "GroupId", "group-name": "GroupName", "owner-id": "OwnerId",
              "description": "Description"}
    if p.get("GroupNames"):
        chosen = [record for record in chosen if record["GroupName"] in p["GroupNames"]]
    found = [record for record in chosen
             if ec2._resource_matches_tag_filters(record["GroupId"], filters)
             and all(any(ec2._glob_match(value, record.get(fields[name]) or "") for value in values)
                     for name, values in filters.items() if name in fields)]
    found.sort(key=lambda record: record["GroupId"])
    items, following = page(found, p.get("MaxResults"), p.get("NextToken"), 5, 1000, 1000)
    return {"NextToken": following, "SecurityGroups": [
        {**record, "IpPermissions": _merged(ctx, record["IpPermissions"]), "Tags": ec2._tags.get(record["GroupId"], []),
         "IpPermissionsEgress": _merged(ctx, record["IpPermissionsEgress"]),
         "SecurityGroupArn": ctx.arn("ec2", f"security-group/{record['GroupId']}")} for record in items]}
