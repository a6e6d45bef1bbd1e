"""RDS for PostgreSQL as a controller sees it, through boto3: instances that stand alone."""
import pytest
from botocore.exceptions import ClientError

from conftest import code, until

PASSWORD = "Abcdefgh12345678"


def make(world, name="pg", **more):
    rds = world.client("rds")
    if not rds.describe_db_subnet_groups()["DBSubnetGroups"]:
        rds.create_db_subnet_group(DBSubnetGroupName="subnets", DBSubnetGroupDescription="d",
                                   SubnetIds=world.seed["databaseSubnetIds"])
    values = {"DBInstanceIdentifier": name, "Engine": "postgres", "EngineVersion": "16.11", "DBInstanceClass": "db.r6g.large",
              "AllocatedStorage": 100, "MaxAllocatedStorage": 1000, "StorageType": "gp3", "MultiAZ": True,
              "MasterUsername": "emradmin", "MasterUserPassword": PASSWORD, "DBSubnetGroupName": "subnets",
              "VpcSecurityGroupIds": [world.seed["clusterSecurityGroupId"]], "BackupRetentionPeriod": 7,
              "StorageEncrypted": True, "DeletionProtection": True, "CopyTagsToSnapshot": True,
              "EnableCloudwatchLogsExports": ["postgresql"], "Tags": [{"Key": "owner", "Value": "x"}]}
    return rds.create_db_instance(**{**values, **more})["DBInstance"]


def shown(world, name="pg"):
    return world.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def reaches(world, status, name="pg"):
    until(lambda: shown(world, name)["DBInstanceStatus"] == status)
    return shown(world, name)


def refused(call, wanted, **values):
    with pytest.raises(ClientError) as failure:
        call(**values)
    assert code(failure) == wanted


def test_states_and_what_a_creation_must_say(world):
    for wrong, why in ((dict(EngineVersion="16.99"), "InvalidParameterCombination"),
                       (dict(DBInstanceClass="db.none.large"), "InvalidParameterValue"),
                       (dict(AllocatedStorage=10), "InvalidParameterValue"),
                       (dict(MaxAllocatedStorage=105), "InvalidParameterCombination"),
                       (dict(Iops=5000), "InvalidParameterCombination"),
                       (dict(EnableCloudwatchLogsExports=["audit"]), "InvalidParameterCombination"),
                       (dict(DBParameterGroupName="none"), "DBParameterGroupNotFound")):
        refused(lambda **values: make(world, **values), why, **wrong)
    made = make(world)
    assert made["DBInstanceStatus"] == "creating" and not made.get("Endpoint")
    assert (made["Iops"], made["StorageThroughput"]) == (3000, 125)
    reaches(world, "backing-up")
    ready = reaches(world, "available")
    assert ready["Endpoint"]["Port"] == 5432 and ready["DbiResourceId"].startswith("db-")


def test_changes_are_pending_and_storage_only_grows(world):
    rds = world.client("rds")
    make(world)
    reaches(world, "available")
    before = rds.modify_db_instance(DBInstanceIdentifier="pg", DBInstanceClass="db.r6g.xlarge", AllocatedStorage=105,
                                    ApplyImmediately=True)["DBInstance"]
    assert before["DBInstanceStatus"] == "available" and before["DBInstanceClass"] == "db.r6g.large"
    now = shown(world)
    assert now["DBInstanceClass"] == "db.r6g.large" and now["PendingModifiedValues"] == {
        "DBInstanceClass": "db.r6g.xlarge", "AllocatedStorage": 110}
    refused(rds.modify_db_instance, "InvalidDBInstanceState", DBInstanceIdentifier="pg", MultiAZ=False)
    arranged = reaches(world, "storage-optimization")
    assert (arranged["DBInstanceClass"], arranged["AllocatedStorage"]) == ("db.r6g.xlarge", 110)
    refused(rds.modify_db_instance, "InvalidParameterCombination", DBInstanceIdentifier="pg", AllocatedStorage=200)
    reaches(world, "available")
    refused(rds.modify_db_instance, "InvalidParameterValue", DBInstanceIdentifier="pg", AllocatedStorage=50)


def test_replicas_snapshots_and_what_a_deletion_leaves(world):
    rds = world.client("rds")
    make(world)
    refused(rds.create_db_instance_read_replica, "InvalidDBInstanceState", DBInstanceIdentifier="pg-reader-1",
            SourceDBInstanceIdentifier="pg")
    ready = reaches(world, "available")
    rds.create_db_instance_read_replica(DBInstanceIdentifier="pg-reader-1", SourceDBInstanceIdentifier="pg")
    replica = reaches(world, "available", "pg-reader-1")
    assert replica["ReadReplicaSourceDBInstanceIdentifier"] == "pg" and replica["KmsKeyId"] == ready["KmsKeyId"]
    rds.create_db_snapshot(DBSnapshotIdentifier="s", DBInstanceIdentifier="pg")
    until(lambda: rds.describe_db_snapshots(DBSnapshotIdentifier="s")["DBSnapshots"][0]["Status"] == "available")
    snapshot = rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"][0]
    assert snapshot["TagList"] == [{"Key": "owner", "Value": "x"}] and snapshot["EngineVersion"] == "16.11"
    refused(rds.delete_db_instance, "InvalidParameterCombination", DBInstanceIdentifier="pg", SkipFinalSnapshot=True)
    reaches(world, "available")
    rds.modify_db_instance(DBInstanceIdentifier="pg", DeletionProtection=False)
    rds.delete_db_instance(DBInstanceIdentifier="pg", SkipFinalSnapshot=True, DeleteAutomatedBackups=False)
    assert not shown(world, "pg-reader-1").get("ReadReplicaSourceDBInstanceIdentifier"), "it was promoted"
    until(lambda: len(rds.describe_db_instances()["DBInstances"]) == 1)
    again = rds.restore_db_instance_to_point_in_time(TargetDBInstanceIdentifier="again", UseLatestRestorableTime=True,
                                                     SourceDbiResourceId=ready["DbiResourceId"],
                                                     DBSubnetGroupName="subnets")["DBInstance"]
    assert again["MasterUsername"] == "emradmin" and not again["DeletionProtection"]
    rds.delete_db_snapshot(DBSnapshotIdentifier="s")
    refused(rds.describe_db_snapshots, "DBSnapshotNotFound", DBSnapshotIdentifier="s")
