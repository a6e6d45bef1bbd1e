"""Stores and lookups of EFS."""
from ministack.services import efs as emulator

from .. import contents, lifecycle
from ..wire.errors import AwsError

FILE_SYSTEMS = emulator._file_systems
MOUNT_TARGETS = emulator._mount_targets
ACCESS_POINTS = emulator._access_points
STATE = "LifeCycleState"


def file_systems():
    mount_targets()
    return lifecycle.settle(FILE_SYSTEMS, STATE, on_gone=_file_system_gone)


def _file_system_gone(record):
    for name, point in list(ACCESS_POINTS.items()):
        if point["FileSystemId"] == record["FileSystemId"]:
            contents.unmount(ACCESS_POINTS.pop(name))
    contents.remove("files", record["FileSystemId"])
    emulator._lifecycle_configs.pop(record["FileSystemId"], None)
    emulator._backup_policies.pop(record["FileSystemId"], None)


def mount_targets():
    return lifecycle.settle(MOUNT_TARGETS, STATE, on_gone=lambda target: count_target(target, -1))


def count_target(target, more):
    """Kept with its file system: counting them at every look would take a thousand times as long."""
    record = FILE_SYSTEMS.get(target["FileSystemId"])
    if record is not None:
        record["NumberOfMountTargets"] = record.get("NumberOfMountTargets", 0) + more


def access_points():
    return lifecycle.settle(ACCESS_POINTS, STATE, on_gone=contents.unmount)


def short(value):
    return value.rsplit("/", 1)[-1] if value.startswith("arn:") else value


def file_system(identifier):
    record = file_systems().get(short(identifier))
    if record is None:
        raise AwsError("FileSystemNotFound", f"File system '{identifier}' does not exist.")
    return record


def available(identifier):
    record = file_system(identifier)
    if record[STATE] not in ("available", "updating"):
        raise AwsError("IncorrectFileSystemLifeCycleState", f"File system '{record['FileSystemId']}' is in the "
                       f"{record[STATE]} state.")
    return record


def set_tags(record, tags):
    merged = {tag["Key"]: tag["Value"] for tag in record.get("Tags") or []}
    for tag in tags or []:
        if tag["Key"].lower().startswith("aws:"):
            raise AwsError("BadRequest", "Tag keys must not start with aws:.")
        merged[tag["Key"]] = tag["Value"]
    record["Tags"] = [{"Key": key, "Value": value} for key, value in merged.items()]
    record["Name"] = merged.get("Name") or None
