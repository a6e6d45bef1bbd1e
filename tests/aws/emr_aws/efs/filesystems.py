"""File systems: a creation token names exactly one, and nothing is removed from under mount targets."""
import re

from .. import contents, lifecycle, lookups
from ..quotas import enforce
from ..registry import op, page
from ..wire.errors import AwsError
from .common import (FILE_SYSTEMS, STATE, access_points, available, emulator, file_system, file_systems,
                     mount_targets, set_tags, short)


@op("elasticfilesystem", "CreateFileSystem")
def create(ctx, p):
    token = p["CreationToken"]
    if not 1 <= len(token) <= 64:
        raise AwsError("BadRequest", "CreationToken has 1 to 64 characters.")
    for record in file_systems().values():
        if record["CreationToken"] == token:
            raise AwsError("FileSystemAlreadyExists", f"File system '{record['FileSystemId']}' already exists with "
                           f"creation token '{token}'", FileSystemId=record["FileSystemId"])
    mode, throughput = p.get("PerformanceMode", "generalPurpose"), p.get("ThroughputMode", "bursting")
    if mode not in ("generalPurpose", "maxIO") or throughput not in ("bursting", "provisioned", "elastic"):
        raise AwsError("BadRequest", "Unknown performance or throughput mode.")
    if mode == "maxIO" and throughput == "elastic":
        raise AwsError("BadRequest", "Elastic throughput needs the generalPurpose performance mode.")
    if (throughput == "provisioned") != (p.get("ProvisionedThroughputInMibps") is not None):
        raise AwsError("BadRequest", "ProvisionedThroughputInMibps belongs to the provisioned throughput mode.")
    if p.get("KmsKeyId") and not p.get("Encrypted"):
        raise AwsError("BadRequest", "KmsKeyId needs Encrypted.")
    key = None
    if p.get("Encrypted"):
        key = lookups.key_arn(p.get("KmsKeyId") or "alias/aws/elasticfilesystem", "BadRequest")
        if key.startswith("alias/"):
            key = ctx.arn("kms", "key/aws-elasticfilesystem")
    enforce(ctx, "L-848C634D", len(FILE_SYSTEMS), "FileSystemLimitExceeded")
    name = emulator._fs_id()
    record = {
        "OwnerId": ctx.account, "CreationToken": token, "FileSystemId": name, "NumberOfMountTargets": 0,
        "FileSystemArn": ctx.arn("elasticfilesystem", f"file-system/{name}"), "CreationTime": ctx.now,
        "SizeInBytes": {"Value": 6144, "ValueInIA": 0, "ValueInStandard": 6144, "ValueInArchive": 0},
        "PerformanceMode": mode, "ThroughputMode": throughput, "Encrypted": bool(p.get("Encrypted")), "KmsKeyId": key,
        "ProvisionedThroughputInMibps": p.get("ProvisionedThroughputInMibps"), "Tags": [],
        "FileSystemProtection": {"ReplicationOverwriteProtection": "ENABLED"},
    }
    if p.get("AvailabilityZoneName"):
        from ministack.services import ec2
        record["AvailabilityZoneName"] = p["AvailabilityZoneName"]
        record["AvailabilityZoneId"] = ec2._az_id_for_zone_name(p["AvailabilityZoneName"])
    set_tags(record, p.get("Tags"))
    emulator._backup_policies[name] = {"Status": "ENABLED" if p.get("Backup") else "DISABLED"}
    lifecycle.begin(record, STATE, "creating", "available", "efs.filesystem.creating")
    FILE_SYSTEMS[name] = record
    contents.make("files", name)
    return record


@op("elasticfilesystem", "DescribeFileSystems")
def describe(ctx, p):
    if p.get("FileSystemId") and p.get("CreationToken"):
        raise AwsError("BadRequest", "FileSystemId and CreationToken exclude each other.")
    if p.get("FileSystemId"):
        return {"FileSystems": [file_system(p["FileSystemId"])]}
    found = sorted(file_systems().values(), key=lambda record: record["FileSystemId"])
    if p.get("CreationToken"):
        found = [record for record in found if record["CreationToken"] == p["CreationToken"]]
    items, following = page(found, p.get("MaxItems"), p.get("Marker"), 1, 1000, 100, "BadRequest")
    return {"FileSystems": items, "Marker": p.get("Marker"), "NextMarker": following}


@op("elasticfilesystem", "UpdateFileSystem")
def update(ctx, p):
    record = available(p["FileSystemId"])
    throughput = p.get("ThroughputMode", record["ThroughputMode"])
    if throughput == "provisioned" and not (p.get("ProvisionedThroughputInMibps")
                                            or record.get("ProvisionedThroughputInMibps")):
        raise AwsError("BadRequest", "ProvisionedThroughputInMibps belongs to the provisioned throughput mode.")
    record["ThroughputMode"] = throughput
    record["ProvisionedThroughputInMibps"] = (
        p.get("ProvisionedThroughputInMibps") or record.get("ProvisionedThroughputInMibps")
        if throughput == "provisioned" else None)
    return record


@op("elasticfilesystem", "DeleteFileSystem")
def delete(ctx, p):
    record = file_system(p["FileSystemId"])
    name = record["FileSystemId"]
    if any(target["FileSystemId"] == name for target in mount_targets().values()):
        raise AwsError("FileSystemInUse", f"File system '{name}' has mount targets and cannot be deleted.")
    if emulator._replication_of(name):
        raise AwsError("FileSystemInUse", f"File system '{name}' is part of a replication configuration.")
    if record[STATE] in ("creating", "deleting"):
        raise AwsError("IncorrectFileSystemLifeCycleState", f"File system '{name}' is in the {record[STATE]} state.", 409)
    lifecycle.begin(record, STATE, "deleting", lifecycle.GONE, "efs.filesystem.deleting")


@op("elasticfilesystem", "PutLifecycleConfiguration")
def put_lifecycle(ctx, p):
    record = available(p["FileSystemId"])
    days = r"AFTER_(1|7|14|30|60|90|180|270|365)_DAYS?"
    for policy in p["LifecyclePolicies"]:
        ok = {"TransitionToIA": re.compile(days), "TransitionToArchive": re.compile(days),
              "TransitionToPrimaryStorageClass": re.compile("AFTER_1_ACCESS")}
        if len(policy) != 1 or any(key not in ok or not ok[key].fullmatch(value) for key, value in policy.items()):
            raise AwsError("BadRequest", "Each lifecycle policy holds one known transition.")
    if any("TransitionToArchive" in policy for policy in p["LifecyclePolicies"]) and record["ThroughputMode"] != "elastic":
        raise AwsError("BadRequest", "TransitionToArchive needs elastic throughput.")
    emulator._lifecycle_configs[record["FileSystemId"]] = p["LifecyclePolicies"]
    return {"LifecyclePolicies": p["LifecyclePolicies"]}


@op("elasticfilesystem", "DescribeLifecycleConfiguration")
def describe_lifecycle(ctx, p):
    return {"LifecyclePolicies": emulator._lifecycle_configs.get(file_system(p["FileSystemId"])["FileSystemId"]) or []}


@op("elasticfilesystem", "PutBackupPolicy")
def put_backup(ctx, p):
    record = available(p["FileSystemId"])
    status = p["BackupPolicy"].get("Status")
    if status not in ("ENABLED", "DISABLED"):
        raise AwsError("BadRequest", "The backup policy is ENABLED or DISABLED.")
    emulator._backup_policies[record["FileSystemId"]] = {"Status": status}
    return {"BackupPolicy": {"Status": status}}


@op("elasticfilesystem", "DescribeBackupPolicy")
def describe_backup(ctx, p):
    policy = emulator._backup_policies.get(file_system(p["FileSystemId"])["FileSystemId"])
    if policy is None:
        raise AwsError("PolicyNotFound", "The file system has no backup policy.")
    return {"BackupPolicy": policy}


def _tagged(identifier):
    store = access_points() if short(identifier).startswith("fsap-") else file_systems()
    record = store.get(short(identifier))
    if record is None:
        raise AwsError("AccessPointNotFound" if short(identifier).startswith("fsap-") else "FileSystemNotFound",
                       f"{identifier} does not exist.")
    return record


@op("elasticfilesystem", "TagResource")
def tag(ctx, p):
    set_tags(_tagged(p["ResourceId"]), p["Tags"])


@op("elasticfilesystem", "UntagResource")
def untag(ctx, p):
    record = _tagged(p["ResourceId"])
    record["Tags"] = [item for item in record["Tags"] if item["Key"] not in p["TagKeys"]]
    set_tags(record, [])


@op("elasticfilesystem", "ListTagsForResource")
def list_tags(ctx, p):
    items, following = page(_tagged(p["ResourceId"])["Tags"], p.get("MaxResults"), p.get("NextToken"), 1, 1000, 100,
                            "BadRequest")
    return {"Tags": items, "NextToken": following}
