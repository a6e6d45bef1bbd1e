"""RBAC users and user groups: a group's rules differ by engine, and a group in use cannot go."""
import re

from .. import lifecycle
from ..registry import op, page
from ..wire.errors import AwsError
from .common import GROUPS, USERS, groups, merge_tags, users


def user(user_id):
    record = users().get(user_id.lower())
    if record is None and user_id.lower() == "default":
        record = {"UserId": "default", "UserName": "default", "Status": "active", "Engine": "redis", "UserGroupIds": [],
                  "AccessString": "on ~* +@all", "Authentication": {"Type": "no-password"}, "_implicit": True}
    if record is None:
        raise AwsError("UserNotFoundFault", f"User {user_id} not found.")
    return record


def group(group_id):
    record = groups().get(group_id.lower())
    if record is None:
        raise AwsError("UserGroupNotFoundFault", f"User group {group_id} not found.")
    return record


def _identifier(value, name):
    if not re.fullmatch(r"[a-zA-Z](?!.*--)[a-zA-Z0-9-]{0,39}(?<!-)", value):
        raise AwsError("InvalidParameterValue", f"The parameter {name} is not a valid identifier.")
    return value.lower()


def _authentication(p, record):
    mode = p.get("AuthenticationMode") or {}
    passwords = p.get("Passwords") or mode.get("Passwords") or []
    kind = mode.get("Type") or ("no-password-required" if p.get("NoPasswordRequired") else
                                "password" if passwords else None)
    if kind is None:
        return
    if kind == "password" and not 1 <= len(passwords) <= 2:
        raise AwsError("InvalidParameterValue", "One or two passwords are needed.")
    if any(not 16 <= len(password) <= 128 or re.search(r'[ ,"/@]', password) for password in passwords):
        raise AwsError("InvalidParameterValue", "Passwords length must be between 16-128 characters.")
    if kind == "iam" and record["UserId"] != record["UserName"]:
        raise AwsError("InvalidParameterValue", "The user ID and user name of an IAM user must be the same.")
    record["Authentication"] = ({"Type": "password", "PasswordCount": len(passwords)} if kind == "password"
                                else {"Type": "no-password" if kind.startswith("no-") else "iam"})


@op("elasticache", "CreateUser")
def create_user(ctx, p):
    user_id = _identifier(p["UserId"], "UserId")
    if user_id in users():
        raise AwsError("UserAlreadyExistsFault", f"User {user_id} already exists.")
    engine = p["Engine"].lower()
    if engine not in ("redis", "valkey"):
        raise AwsError("InvalidParameterValue", f"Engine must be redis or valkey, not {p['Engine']}.")
    if not re.match(r"(on|off)\b", p["AccessString"]):
        raise AwsError("InvalidParameterValue", "The access string must begin with on or off.")
    record = {"UserId": user_id, "UserName": p["UserName"], "Engine": engine, "MinimumEngineVersion":
              "6.0" if engine == "redis" else "7.2", "AccessString": p["AccessString"], "UserGroupIds": [],
              "ARN": ctx.arn("elasticache", f"user:{user_id}"), "Status": "active",
              "TagList": merge_tags([], p.get("Tags")), "Authentication": None}
    _authentication(p, record)
    if record["Authentication"] is None:
        raise AwsError("InvalidParameterCombination", "Passwords, NoPasswordRequired or AuthenticationMode is needed.")
    USERS[user_id] = record
    return record


@op("elasticache", "ModifyUser")
def modify_user(ctx, p):
    record = user(p["UserId"])
    if record["Status"] != "active":
        raise AwsError("InvalidUserStateFault", f"User {record['UserId']} is in {record['Status']} state.")
    if p.get("AccessString"):
        record["AccessString"] = p["AccessString"]
    if p.get("AppendAccessString"):
        record["AccessString"] += " " + p["AppendAccessString"]
    _authentication(p, record)
    lifecycle.begin(record, "Status", "modifying", "active", "elasticache.user.modifying")
    return record


@op("elasticache", "DeleteUser")
def delete_user(ctx, p):
    record = user(p["UserId"])
    if record["UserId"] == "default":
        raise AwsError("InvalidParameterValue", "The default user cannot be deleted.")
    if record["Status"] != "active":
        raise AwsError("InvalidUserStateFault", f"User {record['UserId']} is in {record['Status']} state.")
    if record["UserName"] == "default" and any(GROUPS[name]["Engine"] == "redis" for name in record["UserGroupIds"]
                                               if name in GROUPS):
        raise AwsError("DefaultUserAssociatedToUserGroupFault", "The user is the default user of a user group.")
    lifecycle.begin(record, "Status", "deleting", lifecycle.GONE, "elasticache.user.deleting")
    return record


@op("elasticache", "DescribeUsers")
def describe_users(ctx, p):
    if p.get("UserId"):
        return {"Users": [user(p["UserId"])]}
    found = sorted(({**record} for record in users().values()), key=lambda record: record["UserId"])
    if p.get("Engine"):
        found = [record for record in found if record["Engine"] == p["Engine"].lower()]
    for item in p.get("Filters") or []:
        fields = {"user-id": "UserId", "user-name": "UserName", "user-group-id": "UserGroupIds"}
        if item["Name"] not in fields:
            raise AwsError("InvalidParameterValue", f"Unrecognized filter name: {item['Name']}")
        found = [record for record in found if set(item["Values"]) & _as_set(record[fields[item["Name"]]])]
    items, following = page(found, p.get("MaxRecords"), p.get("Marker"), 20, 100, 100)
    return {"Users": items, "Marker": following}


def _as_set(value):
    return set(value) if isinstance(value, list) else {value}


def _check_members(engine, ids):
    members = [user(user_id) for user_id in ids]
    names = [member["UserName"] for member in members]
    if len(set(names)) != len(names):
        raise AwsError("DuplicateUserNameFault", "A user with this user name is already in the group.")
    if engine == "redis" and "default" not in names:
        raise AwsError("DefaultUserRequired", "You must add default user to a user group.")
    if engine == "redis" and any(member["Engine"] != "redis" for member in members):
        raise AwsError("InvalidParameterValue", "A Redis OSS user group accepts only Redis OSS users.")
    for member in members:
        if member["Status"] == "deleting":
            raise AwsError("InvalidUserStateFault", f"User {member['UserId']} is in deleting state.")
    return [member["UserId"] for member in members]


def _link(record):
    for member in USERS.values():
        listed = member.setdefault("UserGroupIds", [])
        if member["UserId"] in record["UserIds"] and record["UserGroupId"] not in listed:
            listed.append(record["UserGroupId"])
        if member["UserId"] not in record["UserIds"] and record["UserGroupId"] in listed:
            listed.remove(record["UserGroupId"])


@op("elasticache", "CreateUserGroup")
def create_group(ctx, p):
    group_id = _identifier(p["UserGroupId"], "UserGroupId")
    if group_id in groups():
        raise AwsError("UserGroupAlreadyExistsFault", f"User group {group_id} already exists.")
    engine = p["Engine"].lower()
    if engine not in ("redis", "valkey"):
        raise AwsError("InvalidParameterValue", f"Engine must be redis or valkey, not {p['Engine']}.")
    record = {"UserGroupId": group_id, "Engine": engine, "UserIds": _check_members(engine, p.get("UserIds") or []),
              "MinimumEngineVersion": "6.0" if engine == "redis" else "7.2", "ReplicationGroups": [],
              "ServerlessCaches": [], "ARN": ctx.arn("elasticache", f"usergroup:{group_id}"),
              "TagList": merge_tags([], p.get("Tags"))}
    lifecycle.begin(record, "Status", "creating", "active", "elasticache.usergroup.creating")
    GROUPS[group_id] = record
    _link(record)
    return record


@op("elasticache", "ModifyUserGroup")
def modify_group(ctx, p):
    record = group(p["UserGroupId"])
    if record["Status"] != "active":
        raise AwsError("InvalidUserGroupStateFault", f"User group {record['UserGroupId']} is in {record['Status']} state.")
    add, remove = p.get("UserIdsToAdd") or [], p.get("UserIdsToRemove") or []
    if not add and not remove:
        raise AwsError("InvalidParameterCombination", "No modifications were requested.")
    if set(add) & set(record["UserIds"]):
        raise AwsError("InvalidParameterValue", "A user is already in the group.")
    if set(remove) - set(record["UserIds"]):
        raise AwsError("UserNotFoundFault", "A user to remove is not in the group.")
    record["UserIds"] = _check_members(record["Engine"],
                                       [item for item in record["UserIds"] if item not in remove] + add)
    _link(record)
    lifecycle.begin(record, "Status", "modifying", "active", "elasticache.usergroup.modifying")
    return record


@op("elasticache", "DeleteUserGroup")
def delete_group(ctx, p):
    record = group(p["UserGroupId"])
    if record["Status"] != "active" or record["ReplicationGroups"] or record.get("ServerlessCaches"):
        raise AwsError("InvalidUserGroupStateFault", f"User group {record['UserGroupId']} is in use or in "
                       f"{record['Status']} state.")
    lifecycle.begin(record, "Status", "deleting", lifecycle.GONE, "elasticache.usergroup.deleting")
    return record


@op("elasticache", "DescribeUserGroups")
def describe_groups(ctx, p):
    users()
    if p.get("UserGroupId"):
        return {"UserGroups": [group(p["UserGroupId"])]}
    found = sorted(groups().values(), key=lambda record: record["UserGroupId"])
    items, following = page(found, p.get("MaxRecords"), p.get("Marker"), 20, 100, 100)
    return {"UserGroups": items, "Marker": following}
