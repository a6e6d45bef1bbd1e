"""Clusters and file systems that hold something: folders that are copied, moved and removed with them."""
import json
import subprocess
import sys

import pytest

from conftest import until
from test_files import make, state
from test_rds import PASSWORD, make_cluster, ready

# Writes the same number into two files, one after the other, as fast as it can: a server, as far as copies count.
_SERVER = """
import itertools, os
for number in itertools.count():
    for name in ("first", "second"):
        with open("new", "w") as out:
            out.write(str(number))
        os.replace("new", name)
"""


@pytest.fixture
def folder(world, tmp_path):
    path = f"accounts/{world.account}/contents"
    assert world.server.control("PUT", path, {"folder": str(tmp_path)}) == {"folder": str(tmp_path)}
    yield tmp_path
    assert world.server.control("DELETE", path) == {"folder": str(tmp_path)}
    assert world.server.control("GET", path) is None


def test_a_cluster_of_an_account_without_a_folder_holds_nothing(world, tmp_path):
    make_cluster(world)
    ready(world)
    assert list(tmp_path.iterdir()) == []


def test_a_database_comes_back_from_a_snapshot_and_from_what_is_retained(world, folder):
    rds = world.client("rds")
    made = make_cluster(world, DeletionProtection=False)
    ready(world)
    name = made["DbClusterResourceId"]
    data, told = folder / "clusters" / name, folder / "endpoints" / f"{name}.json"
    assert json.loads(told.read_text()) == {"host": made["Endpoint"], "port": 3306, "user": "admin", "password": PASSWORD}
    rds.modify_db_cluster(DBClusterIdentifier="db", MasterUserPassword="Another12345678")
    ready(world)
    assert json.loads(told.read_text())["password"] == "Another12345678"

    (data / "records").write_text("Zoë")
    server = subprocess.Popen([sys.executable, "-c", _SERVER], cwd=data)
    until(lambda: (data / "second").exists())
    for number in range(5):
        rds.create_db_cluster_snapshot(DBClusterIdentifier="db", DBClusterSnapshotIdentifier=f"set-{number}")
        copy = folder / "snapshots" / f"set-{number}"
        # Of one moment: the server was held.
        assert _number(copy / "first") - _number(copy / "second") in (0, 1)
    assert server.poll() is None
    before = _number(data / "second")
    until(lambda: _number(data / "second") > before)

    rds.delete_db_cluster(DBClusterIdentifier="db", SkipFinalSnapshot=True, DeleteAutomatedBackups=False)
    until(lambda: not rds.describe_db_clusters()["DBClusters"])
    assert server.wait(5) < 0
    assert not data.exists() and not told.exists()
    assert (folder / "automated" / name / "records").read_text() == "Zoë"
    common = {"Engine": "aurora-mysql", "DBSubnetGroupName": "db-subnets"}
    again = rds.restore_db_cluster_from_snapshot(DBClusterIdentifier="again", SnapshotIdentifier="set-0", **common)
    latest = rds.restore_db_cluster_to_point_in_time(
        DBClusterIdentifier="latest", SourceDbClusterResourceId=name, UseLatestRestorableTime=True,
        DBSubnetGroupName="db-subnets")
    for restored in (again, latest):
        held = folder / "clusters" / restored["DBCluster"]["DbClusterResourceId"]
        assert (held / "records").read_text() == "Zoë"

    rds.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier="set-0")
    assert not (folder / "snapshots" / "set-0").exists()
    rds.delete_db_cluster_automated_backup(DbClusterResourceId=name)
    assert not (folder / "automated" / name).exists()


def _number(path):
    return int(path.read_text())


def test_files_come_back_into_a_folder_of_their_own(world, folder):
    efs, backup = world.client("efs"), world.client("backup")
    made = make(world)
    name = made["FileSystemId"]
    sites = efs.create_access_point(ClientToken="c", FileSystemId=name, RootDirectory={
        "Path": "/sites", "CreationInfo": {"OwnerUid": 0, "OwnerGid": 0, "Permissions": "0755"}})
    mount = folder / "mounts" / sites["AccessPointId"]
    (mount / "key").write_text("sevena")

    world.client("iam").create_role(RoleName="backup", AssumeRolePolicyDocument="{}")
    role = f"arn:aws:iam::{world.account}:role/backup"
    backup.create_backup_vault(BackupVaultName="vault")
    job = backup.start_backup_job(BackupVaultName="vault", ResourceArn=made["FileSystemArn"], IamRoleArn=role)
    point = until(lambda: (done := backup.describe_backup_job(BackupJobId=job["BackupJobId"]))["State"] == "COMPLETED"
                  and done["RecoveryPointArn"])
    held = folder / "points" / point.rsplit(":", 1)[-1]
    assert (held / "sites" / "key").read_text() == "sevena"
    efs.delete_file_system(FileSystemId=name)
    until(lambda: not efs.describe_file_systems()["FileSystems"])
    assert not (folder / "files" / name).exists() and not mount.is_symlink()

    again = make(world, "again")["FileSystemId"]
    started = backup.start_restore_job(RecoveryPointArn=point, IamRoleArn=role, Metadata={
        "file-system-id": again, "newFileSystem": "false", "Encrypted": "true", "PerformanceMode": "generalPurpose"})
    until(lambda: backup.describe_restore_job(RestoreJobId=started["RestoreJobId"])["Status"] == "COMPLETED")
    [restored] = (folder / "files" / again).iterdir()
    assert restored.name.startswith("aws-backup-restore_")
    assert (restored / "sites" / "key").read_text() == "sevena"
    assert state(world, again) == "available"

    backup.delete_recovery_point(BackupVaultName="vault", RecoveryPointArn=point)
    until(lambda: not backup.list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"])
    assert not held.exists()
