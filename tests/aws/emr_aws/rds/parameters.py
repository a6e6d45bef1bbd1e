"""DB cluster parameter groups: known parameters only, user-set values readable, in-use groups stay."""
import re

from ..quotas import enforce
from ..registry import op, page
from ..wire.errors import AwsError
from .catalogue import parameters_of
from .common import PARAMETER_GROUPS, check_tags, clusters, emulator

_FAMILIES = re.compile(r"aurora-mysql(5\.7|8\.0)|aurora-postgresql1[1-7]|mysql8\.[04]|postgres1[1-7]")


def parameter_group(name, create_default=True):
    record = PARAMETER_GROUPS.get(name)
    if record is None and create_default and name.startswith("default.aurora-"):
        return {"DBClusterParameterGroupName": name, "DBParameterGroupFamily": name.removeprefix("default."),
                "Description": f"Default cluster parameter group for {name.removeprefix('default.')}", "Parameters": {},
                "DBClusterParameterGroupArn": f"arn:aws:rds:{emulator.get_region()}:{emulator.get_account_id()}:cluster-pg:{name}"}
    if record is None:
        raise AwsError("DBParameterGroupNotFoundFault", f"DBClusterParameterGroup not found: {name}")
    return record


def require_for(name, family):
    """The group that a cluster asks for; it must exist and be of the engine's family."""
    if name != f"default.{family}" and name not in PARAMETER_GROUPS:
        raise AwsError("DBClusterParameterGroupNotFoundFault", f"DBClusterParameterGroup not found: {name}")
    if name in PARAMETER_GROUPS and PARAMETER_GROUPS[name]["DBParameterGroupFamily"] != family:
        raise AwsError("InvalidParameterCombination", f"The parameter group {name} with DBParameterGroupFamily "
                       f"{PARAMETER_GROUPS[name]['DBParameterGroupFamily']} can't be used for this instance. Please "
                       f"use a parameter group with DBParameterGroupFamily {family}.")
    return name


@op("rds", "CreateDBClusterParameterGroup")
def create(ctx, p):
    name = p["DBClusterParameterGroupName"].lower()
    if not re.fullmatch(r"[a-z](?!.*--)[a-z0-9-]{0,254}(?<!-)", name):
        raise AwsError("InvalidParameterValue", "The parameter DBClusterParameterGroupName is not a valid identifier.")
    if not _FAMILIES.fullmatch(p["DBParameterGroupFamily"]):
        raise AwsError("InvalidParameterValue", f"ParameterGroupFamily {p['DBParameterGroupFamily']} is not a valid "
                       "parameter group family")
    if name in PARAMETER_GROUPS:
        raise AwsError("DBParameterGroupAlreadyExistsFault", f"Parameter group {name} already exists")
    enforce(ctx, "L-E4C808A8", len(PARAMETER_GROUPS), "DBParameterGroupQuotaExceededFault")
    record = {"DBClusterParameterGroupName": name, "DBParameterGroupFamily": p["DBParameterGroupFamily"],
              "Description": p["Description"], "DBClusterParameterGroupArn": ctx.arn("rds", f"cluster-pg:{name}"),
              "Parameters": {}, "TagList": check_tags(p.get("Tags"))}
    PARAMETER_GROUPS[name] = record
    return {"DBClusterParameterGroup": record}


@op("rds", "DescribeDBClusterParameterGroups")
def describe(ctx, p):
    if p.get("DBClusterParameterGroupName"):
        return {"DBClusterParameterGroups": [parameter_group(p["DBClusterParameterGroupName"].lower())]}
    found = sorted(PARAMETER_GROUPS.values(), key=lambda record: record["DBClusterParameterGroupName"])
    items, following = page(found, p.get("MaxRecords"), p.get("Marker"), 20, 100, 100)
    return {"DBClusterParameterGroups": items, "Marker": following}


@op("rds", "DeleteDBClusterParameterGroup")
def delete(ctx, p):
    name = p["DBClusterParameterGroupName"].lower()
    if name.startswith("default."):
        raise AwsError("InvalidDBParameterGroupStateFault", f"Default DBParameterGroup cannot be deleted: {name}")
    record = parameter_group(name, False)
    if any(item.get("DBClusterParameterGroup") == name for item in clusters().values()):
        raise AwsError("InvalidDBParameterGroupStateFault", "One or more database instances are still members of this "
                       f"parameter group {name}, so the group cannot be deleted")
    PARAMETER_GROUPS.pop(name)
    emulator._tags.pop(record["DBClusterParameterGroupArn"], None)


@op("rds", "ModifyDBClusterParameterGroup")
def modify(ctx, p):
    record = parameter_group(p["DBClusterParameterGroupName"].lower(), False)
    record["Parameters"].update(checked(record["DBParameterGroupFamily"], p["Parameters"]))
    return {"DBClusterParameterGroupName": record["DBClusterParameterGroupName"]}


def checked(family, wanted):
    """What is to be set in a group of the family, by name."""
    changes = {}
    if len(wanted) > 20:
        raise AwsError("InvalidParameterValue", "A maximum of 20 parameters can be modified in a single request.")
    for item in wanted:
        name, value = item.get("ParameterName"), item.get("ParameterValue")
        method = item.get("ApplyMethod", "immediate")
        if not name or value is None:
            raise AwsError("InvalidParameterValue", "ParameterName, ParameterValue and ApplyMethod are required.")
        known = parameters_of(family)
        if known:
            kind = known.get(name)
            if kind is None:
                raise AwsError("InvalidParameterValue", f"Could not find parameter with name: {name}")
            if kind == "static" and method != "pending-reboot":
                raise AwsError("InvalidParameterCombination", "cannot use immediate apply method for static parameter")
        changes[name] = {"ParameterValue": value, "ApplyMethod": method}
    return changes


@op("rds", "ResetDBClusterParameterGroup")
def reset(ctx, p):
    record = parameter_group(p["DBClusterParameterGroupName"].lower(), False)
    if p.get("ResetAllParameters"):
        record["Parameters"].clear()
    for item in p.get("Parameters") or []:
        record["Parameters"].pop(item.get("ParameterName"), None)
    return {"DBClusterParameterGroupName": record["DBClusterParameterGroupName"]}


@op("rds", "DescribeDBClusterParameters")
def describe_parameters(ctx, p):
    record = parameter_group(p["DBClusterParameterGroupName"].lower())
    found = listed(record["Parameters"], parameters_of(record["DBParameterGroupFamily"]), p.get("Source"))
    items, following = page(found, p.get("MaxRecords"), p.get("Marker"), 20, 100, 100)
    return {"Marker": following, "Parameters": items}


def listed(chosen, known, source):
    """The parameters of a group as they are described: all, or those of a source."""
    names = set(chosen) if source == "user" else set(known) | set(chosen)
    if source in ("engine-default", "system"):
        names -= set(chosen)
    return [{
        "ParameterName": name, "ParameterValue": chosen.get(name, {}).get("ParameterValue"),
        "ApplyMethod": chosen.get(name, {}).get("ApplyMethod", "pending-reboot"),
        "ApplyType": known.get(name, "dynamic"), "DataType": "string", "IsModifiable": True,
        "Source": "user" if name in chosen else "engine-default", "SupportedEngineModes": ["provisioned"],
        "Description": name} for name in sorted(names)]
