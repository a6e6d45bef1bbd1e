"""DB parameter groups, those of instances: known parameters only, in-use groups stay."""
import re

from ..registry import op, page
from ..wire.errors import AwsError
from . import parameters
from .catalogue import parameters_of
from .common import INSTANCE_GROUPS, check_tags, instances

_FAMILIES = re.compile(r"aurora-mysql8\.0|aurora-postgresql1[1-7]|mysql8\.[04]|postgres1[1-7]")
_MOST = 50


def parameter_group(name, create_default=True):
    record = INSTANCE_GROUPS.get(name)
    if record is None and create_default and name.startswith("default."):
        return {"DBParameterGroupName": name, "DBParameterGroupFamily": name.removeprefix("default."), "Parameters": {},
                "Description": f"Default parameter group for {name.removeprefix('default.')}"}
    if record is None:
        raise AwsError("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}")
    return record


def require_for(name, family):
    """The group that an instance asks for; it must exist and be of the engine's family."""
    record = parameter_group(name)
    if record["DBParameterGroupFamily"] != family:
        raise AwsError("InvalidParameterCombination", f"The parameter group {name} with DBParameterGroupFamily "
                       f"{record['DBParameterGroupFamily']} can't be used for this instance. Please use a parameter group "
                       f"with DBParameterGroupFamily {family}.")
    return name


@op("rds", "CreateDBParameterGroup")
def create(ctx, p):
    name = p["DBParameterGroupName"].lower()
    if not re.fullmatch(r"[a-z](?!.*--)[a-z0-9-]{0,254}(?<!-)", name):
        raise AwsError("InvalidParameterValue", "The parameter DBParameterGroupName is not a valid identifier.")
    if not _FAMILIES.fullmatch(p["DBParameterGroupFamily"]):
        raise AwsError("InvalidParameterValue", f"ParameterGroupFamily {p['DBParameterGroupFamily']} is not a valid "
                       "parameter group family")
    if name in INSTANCE_GROUPS:
        raise AwsError("DBParameterGroupAlreadyExists", f"Parameter group {name} already exists")
    if len(INSTANCE_GROUPS) >= _MOST:
        raise AwsError("DBParameterGroupQuotaExceeded", f"At most {_MOST} DB parameter groups.")
    record = {"DBParameterGroupName": name, "DBParameterGroupFamily": p["DBParameterGroupFamily"],
              "Description": p["Description"], "DBParameterGroupArn": ctx.arn("rds", f"pg:{name}"), "Parameters": {},
              "TagList": check_tags(p.get("Tags"))}
    INSTANCE_GROUPS[name] = record
    return {"DBParameterGroup": record}


@op("rds", "DescribeDBParameterGroups")
def describe(ctx, p):
    if p.get("DBParameterGroupName"):
        return {"DBParameterGroups": [parameter_group(p["DBParameterGroupName"].lower())]}
    found = sorted(INSTANCE_GROUPS.values(), key=lambda record: record["DBParameterGroupName"])
    items, following = page(found, p.get("MaxRecords"), p.get("Marker"), 20, 100, 100)
    return {"DBParameterGroups": items, "Marker": following}


@op("rds", "DeleteDBParameterGroup")
def delete(ctx, p):
    name = p["DBParameterGroupName"].lower()
    used = any(group.get("DBParameterGroupName") == name for item in instances().values()
               for group in item.get("DBParameterGroups") or [])
    if used or name.startswith("default."):
        raise AwsError("InvalidDBParameterGroupState", "One or more database instances are still members of this "
                       f"parameter group {name}, so the group cannot be deleted")
    parameter_group(name, False)
    INSTANCE_GROUPS.pop(name)


@op("rds", "ModifyDBParameterGroup")
def modify(ctx, p):
    record = parameter_group(p["DBParameterGroupName"].lower(), False)
    record["Parameters"].update(parameters.checked(record["DBParameterGroupFamily"], p["Parameters"]))
    return {"DBParameterGroupName": record["DBParameterGroupName"]}


@op("rds", "DescribeDBParameters")
def describe_parameters(ctx, p):
    record = parameter_group(p["DBParameterGroupName"].lower())
    found = parameters.listed(record["Parameters"], parameters_of(record["DBParameterGroupFamily"]), p.get("Source"))
    items, following = page(found, p.get("MaxRecords"), p.get("Marker"), 20, 100, 100)
    return {"Marker": following, "Parameters": items}
