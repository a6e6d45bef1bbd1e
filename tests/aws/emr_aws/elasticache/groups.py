"""Cache subnet groups and cache parameter groups: known families and parameters, in-use groups stay."""
import re

from .. import lookups
from ..registry import op, page
from ..wire.errors import AwsError
from .common import PARAMETER_GROUPS, SUBNET_GROUPS, merge_tags, replication_groups


FAMILIES = ("redis6.x", "redis7", "valkey7", "valkey8")
# Of some 80 the ones that matter to a queue, and those next to them.
_KNOWN = re.compile(r"(active|client-|cluster-|hash-|lazyfree-|lfu-|maxmemory|repl-|slowlog-)[a-z0-9-]*"
                    r"|appendonly|databases|notify-keyspace-events|tcp-keepalive|timeout")


def _name(value, field):
    if not re.fullmatch(r"[a-z](?!.*--)[a-z0-9-]{0,254}(?<!-)", value.lower()):
        raise AwsError("InvalidParameterValue", f"The parameter {field} is not a valid identifier.")
    return value.lower()


def subnet_group(name):
    record = SUBNET_GROUPS.get((name or "").lower())
    if record is None:
        raise AwsError("CacheSubnetGroupNotFoundFault", f"Cache Subnet Group {name} does not exist.")
    return record


def parameter_group(name):
    record = PARAMETER_GROUPS.get((name or "").lower())
    if record is None:
        raise AwsError("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.")
    return record


def _users(field, name):
    return any(record["_" + field] == name for record in replication_groups().values())


def _members(ids):
    found = lookups.subnets(ids)
    return found[0]["VpcId"], [{"SubnetIdentifier": subnet["SubnetId"], "SubnetAvailabilityZone": {
        "Name": subnet["AvailabilityZone"]}, "SupportedNetworkTypes": ["ipv4"]} for subnet in found]


@op("elasticache", "CreateCacheSubnetGroup")
def create_subnets(ctx, p):
    name = _name(p["CacheSubnetGroupName"], "CacheSubnetGroupName")
    if name in SUBNET_GROUPS:
        raise AwsError("CacheSubnetGroupAlreadyExists", f"Cache subnet group {name} already exists.")
    vpc, subnets = _members(p["SubnetIds"])
    record = {"CacheSubnetGroupName": name, "CacheSubnetGroupDescription": p["CacheSubnetGroupDescription"],
              "VpcId": vpc, "Subnets": subnets, "ARN": ctx.arn("elasticache", f"subnetgroup:{name}"),
              "SupportedNetworkTypes": ["ipv4"], "TagList": merge_tags([], p.get("Tags"))}
    SUBNET_GROUPS[name] = record
    return {"CacheSubnetGroup": record}


@op("elasticache", "ModifyCacheSubnetGroup")
def modify_subnets(ctx, p):
    record = subnet_group(p["CacheSubnetGroupName"])
    vpc, subnets = _members(p["SubnetIds"])
    if vpc != record["VpcId"]:
        raise AwsError("InvalidSubnet", "The new subnets are not in the VPC of the subnet group.")
    record["Subnets"] = subnets
    return {"CacheSubnetGroup": record}


@op("elasticache", "DeleteCacheSubnetGroup")
def delete_subnets(ctx, p):
    name = subnet_group(p["CacheSubnetGroupName"])["CacheSubnetGroupName"]
    if _users("subnets", name):
        raise AwsError("CacheSubnetGroupInUse", f"Cache subnet group {name} is currently in use by a cache cluster.")
    SUBNET_GROUPS.pop(name)


@op("elasticache", "DescribeCacheSubnetGroups")
def describe_subnets(ctx, p):
    if p.get("CacheSubnetGroupName"):
        return {"CacheSubnetGroups": [subnet_group(p["CacheSubnetGroupName"])]}
    found = sorted(SUBNET_GROUPS.values(), key=lambda record: record["CacheSubnetGroupName"])
    items, following = page(found, p.get("MaxRecords"), p.get("Marker"), 20, 100, 100)
    return {"CacheSubnetGroups": items, "Marker": following}


@op("elasticache", "CreateCacheParameterGroup")
def create_parameters(ctx, p):
    name = _name(p["CacheParameterGroupName"], "CacheParameterGroupName")
    if p["CacheParameterGroupFamily"] not in FAMILIES:
        raise AwsError("InvalidParameterValue", f"CacheParameterGroupFamily {p['CacheParameterGroupFamily']} is not a "
                       "valid parameter group family.")
    if name in PARAMETER_GROUPS:
        raise AwsError("CacheParameterGroupAlreadyExists", f"Cache parameter group {name} already exists.")
    record = {"CacheParameterGroupName": name, "CacheParameterGroupFamily": p["CacheParameterGroupFamily"],
              "Description": p["Description"], "IsGlobal": False, "_parameters": {},
              "ARN": ctx.arn("elasticache", f"parametergroup:{name}"), "TagList": merge_tags([], p.get("Tags"))}
    PARAMETER_GROUPS[name] = record
    return {"CacheParameterGroup": record}


@op("elasticache", "ModifyCacheParameterGroup")
def modify_parameters(ctx, p):
    record = parameter_group(p["CacheParameterGroupName"])
    if not 1 <= len(p["ParameterNameValues"]) <= 20:
        raise AwsError("InvalidParameterValue", "From 1 to 20 parameters can be modified in a single request.")
    for item in p["ParameterNameValues"]:
        if not _KNOWN.fullmatch(item["ParameterName"]):
            raise AwsError("InvalidParameterValue", f"Could not find parameter with name: {item['ParameterName']}")
    record["_parameters"].update({item["ParameterName"]: item["ParameterValue"] for item in p["ParameterNameValues"]})
    return {"CacheParameterGroupName": record["CacheParameterGroupName"]}


@op("elasticache", "DeleteCacheParameterGroup")
def delete_parameters(ctx, p):
    name = parameter_group(p["CacheParameterGroupName"])["CacheParameterGroupName"]
    if _users("parameters", name):
        raise AwsError("InvalidCacheParameterGroupState", "One or more cache clusters are still members of this "
                       f"parameter group {name}, so the group cannot be deleted.")
    PARAMETER_GROUPS.pop(name)


@op("elasticache", "DescribeCacheParameterGroups")
def describe_groups(ctx, p):
    if p.get("CacheParameterGroupName"):
        return {"CacheParameterGroups": [parameter_group(p["CacheParameterGroupName"])]}
    found = sorted(PARAMETER_GROUPS.values(), key=lambda record: record["CacheParameterGroupName"])
    items, following = page(found, p.get("MaxRecords"), p.get("Marker"), 20, 100, 100)
    return {"CacheParameterGroups": items, "Marker": following}


@op("elasticache", "DescribeCacheParameters")
def describe_parameters(ctx, p):
    """Those that were set; the defaults of a family are not kept."""
    chosen = parameter_group(p["CacheParameterGroupName"])["_parameters"]
    names = sorted(chosen) if p.get("Source") in (None, "user") else []
    items, following = page(names, p.get("MaxRecords"), p.get("Marker"), 20, 100, 100)
    return {"Marker": following, "CacheNodeTypeSpecificParameters": [], "Parameters": [
        {"ParameterName": name, "ParameterValue": chosen[name], "Source": "user", "DataType": "string",
         "IsModifiable": True, "ChangeType": "immediate"} for name in items]}
