"""DB subnet groups: two zones at least, no silent overwrite, no removal while in use."""
import re

from .. import lookups
from ..quotas import enforce
from ..registry import op, page
from ..wire.errors import AwsError
from .common import SUBNET_GROUPS, check_tags, clusters, emulator, instances


def subnet_group(name):
    record = SUBNET_GROUPS.get((name or "").lower())
    if record is None:
        raise AwsError("DBSubnetGroupNotFoundFault", f"DB subnet group '{name}' does not exist.")
    return record


def zones_of(record):
    return sorted({subnet["SubnetAvailabilityZone"]["Name"] for subnet in record["Subnets"]})


def _members(ids):
    emulator_subnets = lookups.subnets(ids)
    zones = {subnet["AvailabilityZone"] for subnet in emulator_subnets}
    if len(zones) < 2:
        raise AwsError("DBSubnetGroupDoesNotCoverEnoughAZs", "The DB subnet group doesn't meet Availability Zone (AZ) "
                       f"coverage requirement. Current AZ coverage: {', '.join(sorted(zones)) or 'none'}. Add subnets "
                       "to cover at least 2 AZs.")
    return emulator_subnets[0]["VpcId"], [
        {"SubnetIdentifier": subnet["SubnetId"], "SubnetAvailabilityZone": {"Name": subnet["AvailabilityZone"]},
         "SubnetOutpost": {}, "SubnetStatus": "Active"} for subnet in emulator_subnets]


@op("rds", "CreateDBSubnetGroup")
def create(ctx, p):
    name = p["DBSubnetGroupName"].lower()
    if not re.fullmatch(r"[a-z0-9._ -]{1,255}", name) or name == "default":
        raise AwsError("InvalidParameterValue", "The parameter DBSubnetGroupName is not a valid identifier.")
    if name in SUBNET_GROUPS:
        raise AwsError("DBSubnetGroupAlreadyExistsFault", f"The DB subnet group '{name}' already exists.")
    vpc, subnets = _members(p["SubnetIds"])
    enforce(ctx, "L-48C6BF61", len(SUBNET_GROUPS), "DBSubnetGroupQuotaExceededFault")
    record = {"DBSubnetGroupName": name, "DBSubnetGroupDescription": p["DBSubnetGroupDescription"], "VpcId": vpc,
              "SubnetGroupStatus": "Complete", "Subnets": subnets, "SupportedNetworkTypes": ["IPV4"],
              "DBSubnetGroupArn": ctx.arn("rds", f"subgrp:{name}"), "TagList": check_tags(p.get("Tags"))}
    SUBNET_GROUPS[name] = record
    return {"DBSubnetGroup": record}


@op("rds", "ModifyDBSubnetGroup")
def modify(ctx, p):
    record = subnet_group(p["DBSubnetGroupName"])
    vpc, subnets = _members(p["SubnetIds"])
    if vpc != record["VpcId"]:
        raise AwsError("InvalidParameterValue", "The new Subnets are not in the same Vpc as the existing subnet group")
    record["Subnets"] = subnets
    if p.get("DBSubnetGroupDescription"):
        record["DBSubnetGroupDescription"] = p["DBSubnetGroupDescription"]
    return {"DBSubnetGroup": record}


@op("rds", "DeleteDBSubnetGroup")
def delete(ctx, p):
    record = subnet_group(p["DBSubnetGroupName"])
    name = record["DBSubnetGroupName"]
    users = [item["DBClusterIdentifier"] for item in clusters().values() if item.get("DBSubnetGroup") == name]
    users += [item["DBInstanceIdentifier"] for item in instances().values()
              if (item.get("DBSubnetGroup") or {}).get("DBSubnetGroupName") == name]
    if users:
        raise AwsError("InvalidDBSubnetGroupStateFault", f"Cannot delete the subnet group '{name}' because at least "
                       f"one database: {users[0]} is still using it.")
    SUBNET_GROUPS.pop(name)
    emulator._tags.pop(record["DBSubnetGroupArn"], None)


@op("rds", "DescribeDBSubnetGroups")
def describe(ctx, p):
    if p.get("DBSubnetGroupName"):
        return {"DBSubnetGroups": [subnet_group(p["DBSubnetGroupName"])]}
    found = sorted(SUBNET_GROUPS.values(), key=lambda record: record["DBSubnetGroupName"])
    items, following = page(found, p.get("MaxRecords"), p.get("Marker"), 20, 100, 100)
    return {"DBSubnetGroups": items, "Marker": following}
