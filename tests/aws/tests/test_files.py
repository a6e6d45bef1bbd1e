"""EFS and AWS Backup."""
import pytest
from botocore.exceptions import ClientError

from conftest import code, until


def state(world, name):
    return world.client("efs").describe_file_systems(FileSystemId=name)["FileSystems"][0]["LifeCycleState"]


def make(world, token="t", **more):
    efs = world.client("efs")
    made = efs.create_file_system(CreationToken=token, Encrypted=True, ThroughputMode="elastic", Backup=False,
                                  Tags=[{"Key": "Name", "Value": token}], **more)
    assert made["LifeCycleState"] == "creating" and made["CreationTime"].year > 2000
    until(lambda: state(world, made["FileSystemId"]) == "available")
    return made


def test_file_system_with_targets_and_access_points(world):
    efs = world.client("efs")
    made = make(world)
    name = made["FileSystemId"]
    with pytest.raises(ClientError) as failure:
        efs.create_file_system(CreationToken="t")
    assert code(failure) == "FileSystemAlreadyExists"
    assert failure.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert failure.value.response["FileSystemId"] == name
    targets = [efs.create_mount_target(FileSystemId=name, SubnetId=subnet,
                                       SecurityGroups=[world.seed["clusterSecurityGroupId"]])
               for subnet in world.seed["databaseSubnetIds"]]
    assert {target["LifeCycleState"] for target in targets} == {"creating"}
    with pytest.raises(ClientError) as failure:
        efs.create_mount_target(FileSystemId=name, SubnetId=world.seed["privateSubnetIds"][0])
    assert code(failure) == "MountTargetConflict"
    until(lambda: all(item["LifeCycleState"] == "available"
                      for item in efs.describe_mount_targets(FileSystemId=name)["MountTargets"]))
    assert efs.describe_file_systems()["FileSystems"][0]["NumberOfMountTargets"] == 3
    page = efs.describe_mount_targets(FileSystemId=name, MaxItems=2)
    assert len(page["MountTargets"]) == 2
    assert len(efs.describe_mount_targets(FileSystemId=name, MaxItems=2, Marker=page["NextMarker"])["MountTargets"]) == 1
    point = efs.create_access_point(ClientToken="c", FileSystemId=name, RootDirectory={
        "Path": "/sites", "CreationInfo": {"OwnerUid": 1000, "OwnerGid": 1000, "Permissions": "0750"}})
    with pytest.raises(ClientError) as failure:
        efs.create_access_point(ClientToken="c", FileSystemId=name)
    assert code(failure) == "AccessPointAlreadyExists"
    assert failure.value.response["AccessPointId"] == point["AccessPointId"]
    efs.put_lifecycle_configuration(FileSystemId=name, LifecyclePolicies=[{"TransitionToIA": "AFTER_30_DAYS"},
                                                                          {"TransitionToArchive": "AFTER_90_DAYS"}])
    assert len(efs.describe_lifecycle_configuration(FileSystemId=name)["LifecyclePolicies"]) == 2
    assert efs.describe_backup_policy(FileSystemId=name)["BackupPolicy"]["Status"] == "DISABLED"
    with pytest.raises(ClientError) as failure:
        efs.delete_file_system(FileSystemId=name)
    assert code(failure) == "FileSystemInUse"
    with pytest.raises(ClientError) as failure:
        world.client("ec2").delete_security_group(GroupId=world.seed["clusterSecurityGroupId"])
    assert code(failure) == "DependencyViolation"
    efs.delete_access_point(AccessPointId=point["AccessPointId"])
    for target in targets:
        efs.delete_mount_target(MountTargetId=target["MountTargetId"])
    assert efs.describe_mount_targets(FileSystemId=name)["MountTargets"][0]["LifeCycleState"] == "deleting"
    until(lambda: not efs.describe_mount_targets(FileSystemId=name)["MountTargets"])
    efs.delete_file_system(FileSystemId=name)
    assert state(world, name) == "deleting"
    until(lambda: not efs.describe_file_systems()["FileSystems"])
    assert efs.describe_access_points()["AccessPoints"] == []


def test_file_systems_are_paged(world):
    efs = world.client("efs")
    for number in range(5):
        efs.create_file_system(CreationToken=f"t{number}")
    first = efs.describe_file_systems(MaxItems=3)
    assert len(first["FileSystems"]) == 3
    assert len(efs.describe_file_systems(MaxItems=3, Marker=first["NextMarker"])["FileSystems"]) == 2


def test_backup_jobs_leave_recovery_points(world):
    backup, iam = world.client("backup"), world.client("iam")
    role = iam.create_role(Path="/emr/", RoleName="backup", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    made = make(world)
    backup.create_backup_vault(BackupVaultName="vault", BackupVaultTags={"a": "b"})
    with pytest.raises(ClientError) as failure:
        backup.create_backup_vault(BackupVaultName="vault")
    assert code(failure) == "AlreadyExistsException"
    ask = {"BackupVaultName": "vault", "ResourceArn": made["FileSystemArn"], "IamRoleArn": role,
           "IdempotencyToken": "once", "Lifecycle": {"DeleteAfterDays": 35}, "RecoveryPointTags": {"set": "1"}}
    job = backup.start_backup_job(**ask)
    assert backup.start_backup_job(**ask)["BackupJobId"] == job["BackupJobId"]
    assert backup.describe_backup_job(BackupJobId=job["BackupJobId"])["State"] in ("CREATED", "RUNNING")
    assert backup.list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"] == []
    until(lambda: backup.describe_backup_job(BackupJobId=job["BackupJobId"])["State"] == "COMPLETED")
    point = backup.list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"][0]
    assert point["Status"] == "COMPLETED" and point["CreationDate"].year > 2000
    assert point["RecoveryPointArn"] == job["RecoveryPointArn"]
    assert backup.list_recovery_points_by_resource(ResourceArn=made["FileSystemArn"])["RecoveryPoints"]
    assert backup.list_tags(ResourceArn=point["RecoveryPointArn"])["Tags"] == {"Name": "t", "set": "1"}
    found = backup.describe_recovery_point(BackupVaultName="vault", RecoveryPointArn=point["RecoveryPointArn"])
    assert found["Lifecycle"]["DeleteAfterDays"] == 35
    assert backup.list_backup_jobs(ByResourceArn=made["FileSystemArn"])["BackupJobs"][0]["State"] == "COMPLETED"
    with pytest.raises(ClientError) as failure:
        backup.delete_backup_vault(BackupVaultName="vault")
    assert code(failure) == "InvalidRequestException"
    assert backup.describe_backup_vault(BackupVaultName="vault")["NumberOfRecoveryPoints"] == 1
    backup.delete_recovery_point(BackupVaultName="vault", RecoveryPointArn=point["RecoveryPointArn"])
    until(lambda: backup.describe_backup_vault(BackupVaultName="vault")["NumberOfRecoveryPoints"] == 0)
    missing = backup.start_backup_job(**{**ask, "IdempotencyToken": "twice",
                                         "ResourceArn": made["FileSystemArn"][:-3] + "000"})
    until(lambda: backup.describe_backup_job(BackupJobId=missing["BackupJobId"])["State"] == "FAILED")
    backup.delete_backup_vault(BackupVaultName="vault")
    with pytest.raises(ClientError) as failure:
        backup.start_backup_job(**ask)
    assert code(failure) == "ResourceNotFoundException"


def test_backup_plans_and_what_they_cover(world):
    backup, iam = world.client("backup"), world.client("iam")
    role = iam.create_role(Path="/emr/", RoleName="backup", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    rule = {"RuleName": "daily", "TargetBackupVaultName": "vault", "ScheduleExpression": "cron(0 2 * * ? *)",
            "Lifecycle": {"DeleteAfterDays": 35}}
    ask = {"BackupPlan": {"BackupPlanName": "plan", "Rules": [rule]}, "CreatorRequestId": "once",
           "BackupPlanTags": {"a": "b"}}
    with pytest.raises(ClientError) as failure:
        backup.create_backup_plan(**ask)
    assert code(failure) == "ResourceNotFoundException"
    backup.create_backup_vault(BackupVaultName="vault")
    made = backup.create_backup_plan(**ask)
    plan = {"BackupPlanId": made["BackupPlanId"]}
    assert backup.create_backup_plan(**ask)["BackupPlanId"] == made["BackupPlanId"]
    assert backup.list_tags(ResourceArn=made["BackupPlanArn"])["Tags"] == {"a": "b"}
    listed = backup.list_backup_plans()["BackupPlansList"]
    assert [item["CreatorRequestId"] for item in listed] == ["once"]
    for wrong in ({"ScheduleExpression": "daily"}, {"Lifecycle": {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 100}}):
        with pytest.raises(ClientError) as failure:
            backup.update_backup_plan(**plan, BackupPlan={"BackupPlanName": "plan", "Rules": [{**rule, **wrong}]})
        assert code(failure) == "InvalidParameterValueException"
    updated = backup.update_backup_plan(**plan, BackupPlan={"BackupPlanName": "plan", "Rules": [rule, {**rule, "RuleName": "b"}]})
    assert updated["VersionId"] != made["VersionId"]
    assert len(backup.get_backup_plan(**plan)["BackupPlan"]["Rules"]) == 2
    chosen = {"SelectionName": "tagged", "IamRoleArn": role, "ListOfTags": [
        {"ConditionType": "STRINGEQUALS", "ConditionKey": "backup", "ConditionValue": "files"}]}
    first = backup.create_backup_selection(**plan, BackupSelection=chosen, CreatorRequestId="one")
    again = backup.create_backup_selection(**plan, BackupSelection=chosen, CreatorRequestId="one")
    assert first["SelectionId"] == again["SelectionId"]
    with pytest.raises(ClientError) as failure:
        backup.delete_backup_plan(**plan)
    assert code(failure) == "InvalidRequestException"
    found = backup.get_backup_selection(**plan, SelectionId=first["SelectionId"])["BackupSelection"]
    assert found["ListOfTags"] == chosen["ListOfTags"]
    backup.delete_backup_selection(**plan, SelectionId=first["SelectionId"])
    backup.delete_backup_plan(**plan)
    assert backup.list_backup_plans()["BackupPlansList"] == []


def test_protected_resources_tell_the_newest_recovery_point(world):
    backup, iam = world.client("backup"), world.client("iam")
    role = iam.create_role(Path="/emr/", RoleName="backup", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    made = make(world)
    backup.create_backup_vault(BackupVaultName="vault")
    with pytest.raises(ClientError) as failure:
        backup.describe_protected_resource(ResourceArn=made["FileSystemArn"])
    assert code(failure) == "ResourceNotFoundException"
    job = backup.start_backup_job(BackupVaultName="vault", ResourceArn=made["FileSystemArn"], IamRoleArn=role)
    until(lambda: backup.list_protected_resources()["Results"])
    [listed] = backup.list_protected_resources()["Results"]
    assert listed["LastRecoveryPointArn"] == job["RecoveryPointArn"]
    found = backup.describe_protected_resource(ResourceArn=made["FileSystemArn"])
    assert found["LastBackupTime"] == listed["LastBackupTime"]
