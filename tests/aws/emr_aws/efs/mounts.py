"""Mount targets: one a zone, in a subnet of one VPC, with security groups of that VPC."""
import uuid

from ministack.services import ec2

from .. import lifecycle, lookups
from ..registry import op, page
from ..wire.errors import AwsError
from .common import (MOUNT_TARGETS, STATE, access_points, available, count_target, emulator, file_system, file_systems,
                     mount_targets, short)


def target(identifier):
    record = mount_targets().get(identifier)
    if record is None:
        raise AwsError("MountTargetNotFound", f"Mount target '{identifier}' does not exist.")
    return record


def _groups(ids, vpc):
    if len(ids) > 5:
        raise AwsError("SecurityGroupLimitExceeded", "A mount target has at most five security groups.")
    for group in ids:
        if ec2._security_groups.get(group, {}).get("VpcId") != vpc:
            raise AwsError("SecurityGroupNotFound", f"The security group {group} does not exist in {vpc}.")
    return list(ids)


@op("elasticfilesystem", "CreateMountTarget")
def create(ctx, p):
    owner = available(p["FileSystemId"])
    subnet = lookups.subnets([p["SubnetId"]], "SubnetNotFound")[0]
    zone = subnet["AvailabilityZone"]
    if owner.get("AvailabilityZoneName") not in (None, zone):
        raise AwsError("AvailabilityZonesMismatch", "The One Zone file system is in another zone.")
    for other in mount_targets().values():
        if other["FileSystemId"] != owner["FileSystemId"]:
            continue
        if other["VpcId"] != subnet["VpcId"]:
            raise AwsError("MountTargetConflict", "A file system has mount targets in only one VPC.")
        if other["AvailabilityZoneName"] == zone:
            raise AwsError("MountTargetConflict", "mount target already exists in this AZ")
    groups = p.get("SecurityGroups") or [group["GroupId"] for group in ec2._security_groups.values()
                                         if group["VpcId"] == subnet["VpcId"] and group["GroupName"] == "default"]
    groups = _groups(groups, subnet["VpcId"])
    taken = {other.get("IpAddress") for other in mount_targets().values() if other["SubnetId"] == p["SubnetId"]}
    if p.get("IpAddress") in taken - {None}:
        raise AwsError("IpAddressInUse", f"{p['IpAddress']} is in use.")
    address, problem = emulator._pick_address(subnet["CidrBlock"], taken, p.get("IpAddress"), "IPv4")
    if problem:
        raise AwsError("BadRequest", "The address is not in the subnet.")
    name = emulator._mt_id()
    record = {
        "OwnerId": ctx.account, "MountTargetId": name, "FileSystemId": owner["FileSystemId"], "SubnetId": p["SubnetId"],
        "IpAddress": address, "NetworkInterfaceId": f"eni-{uuid.uuid4().hex[:17]}", "VpcId": subnet["VpcId"],
        "AvailabilityZoneName": zone, "AvailabilityZoneId": subnet["AvailabilityZoneId"], "SecurityGroups": groups}
    lifecycle.begin(record, STATE, "creating", "available", "efs.mounttarget.creating")
    MOUNT_TARGETS[name] = record
    count_target(record, 1)
    return record


@op("elasticfilesystem", "DescribeMountTargets")
def describe(ctx, p):
    chosen = [name for name in ("FileSystemId", "MountTargetId", "AccessPointId") if p.get(name)]
    if len(chosen) != 1:
        raise AwsError("BadRequest", "Name exactly one of FileSystemId, MountTargetId and AccessPointId.")
    if p.get("MountTargetId"):
        found = [target(p["MountTargetId"])]
    else:
        if p.get("AccessPointId"):
            point = access_points().get(short(p["AccessPointId"]))
            if point is None:
                raise AwsError("AccessPointNotFound", f"Access point '{p['AccessPointId']}' does not exist.")
            owner = point["FileSystemId"]
        else:
            owner = file_system(p["FileSystemId"])["FileSystemId"]
        found = sorted((record for record in mount_targets().values() if record["FileSystemId"] == owner),
                       key=lambda record: record["MountTargetId"])
    items, following = page(found, p.get("MaxItems"), p.get("Marker"), 1, 1000, 100, "BadRequest")
    return {"MountTargets": items, "Marker": p.get("Marker"), "NextMarker": following}


@op("elasticfilesystem", "DeleteMountTarget")
def delete(ctx, p):
    record = target(p["MountTargetId"])
    if record[STATE] == "deleting":
        return
    lifecycle.begin(record, STATE, "deleting", lifecycle.GONE, "efs.mounttarget.deleting")


@op("elasticfilesystem", "DescribeMountTargetSecurityGroups")
def describe_groups(ctx, p):
    record = target(p["MountTargetId"])
    if record[STATE] in ("deleting", "deleted"):
        raise AwsError("IncorrectMountTargetState", f"The mount target is in the {record[STATE]} state.")
    return {"SecurityGroups": record["SecurityGroups"]}


@op("elasticfilesystem", "ModifyMountTargetSecurityGroups")
def modify_groups(ctx, p):
    file_systems()
    record = target(p["MountTargetId"])
    if record[STATE] != "available":
        raise AwsError("IncorrectMountTargetState", f"The mount target is in the {record[STATE]} state.")
    record["SecurityGroups"] = _groups(p.get("SecurityGroups") or [], record["VpcId"])
