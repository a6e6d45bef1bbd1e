"""Access points: a client token names exactly one; they cannot be changed, only made and removed."""
from .. import contents, lifecycle
from ..registry import op, page
from ..wire.errors import AwsError
from .common import ACCESS_POINTS, STATE, access_points, available, emulator, file_system, set_tags, short


@op("elasticfilesystem", "CreateAccessPoint")
def create(ctx, p):
    owner = available(p["FileSystemId"])
    token = p.get("ClientToken")
    if not token:
        raise AwsError("BadRequest", "ClientToken is needed.")
    for record in access_points().values():
        if record["ClientToken"] == token and record[STATE] != "deleting":
            raise AwsError("AccessPointAlreadyExists", f"The access point '{record['AccessPointId']}' already exists "
                           "with this client token.", AccessPointId=record["AccessPointId"])
    root = p.get("RootDirectory") or {}
    path = root.get("Path", "/")
    if not path.startswith("/") or len(path) > 100 or path.count("/") > 4 and path != "/":
        raise AwsError("BadRequest", "The root directory's path begins with a slash, at most four levels deep.")
    info = root.get("CreationInfo")
    if info and not all(field in info for field in ("OwnerUid", "OwnerGid", "Permissions")):
        raise AwsError("BadRequest", "CreationInfo needs OwnerUid, OwnerGid and Permissions.")
    name = emulator._ap_id()
    record = {"ClientToken": token, "AccessPointId": name, "FileSystemId": owner["FileSystemId"], "OwnerId": ctx.account,
              "AccessPointArn": ctx.arn("elasticfilesystem", f"access-point/{name}"), "PosixUser": p.get("PosixUser"),
              "RootDirectory": {"Path": path, "CreationInfo": info}, "Tags": []}
    set_tags(record, p.get("Tags"))
    lifecycle.begin(record, STATE, "creating", "available", "efs.accesspoint.creating")
    ACCESS_POINTS[name] = record
    contents.mount(record)
    return record


@op("elasticfilesystem", "DescribeAccessPoints")
def describe(ctx, p):
    if p.get("AccessPointId"):
        record = access_points().get(short(p["AccessPointId"]))
        if record is None:
            raise AwsError("AccessPointNotFound", f"Access point '{p['AccessPointId']}' does not exist.")
        return {"AccessPoints": [record]}
    found = sorted(access_points().values(), key=lambda record: record["AccessPointId"])
    if p.get("FileSystemId"):
        owner = file_system(p["FileSystemId"])["FileSystemId"]
        found = [record for record in found if record["FileSystemId"] == owner]
    items, following = page(found, p.get("MaxResults"), p.get("NextToken"), 1, 1000, 100, "BadRequest")
    return {"AccessPoints": items, "NextToken": following}


@op("elasticfilesystem", "DeleteAccessPoint")
def delete(ctx, p):
    record = access_points().get(short(p["AccessPointId"]))
    if record is None:
        raise AwsError("AccessPointNotFound", f"Access point '{p['AccessPointId']}' does not exist.")
    if record[STATE] != "deleting":
        lifecycle.begin(record, STATE, "deleting", lifecycle.GONE, "efs.accesspoint.deleting")
