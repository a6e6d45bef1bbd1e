"""RDS as a controller sees it, through boto3."""
import pytest
from botocore.exceptions import ClientError

from conftest import World, code, until

PASSWORD = "Abcdefgh12345678"


def make_cluster(world, name="db", subnets=None, **more):
    rds = world.client("rds")
    group = subnets or f"{name}-subnets"
    if not any(item["DBSubnetGroupName"] == group for item in rds.describe_db_subnet_groups()["DBSubnetGroups"]):
        rds.create_db_subnet_group(DBSubnetGroupName=group, DBSubnetGroupDescription="d",
                                   SubnetIds=world.seed["databaseSubnetIds"])
    values = {"DBClusterIdentifier": name, "Engine": "aurora-mysql", "EngineVersion": "8.0.mysql_aurora.3.08.2",
              "MasterUsername": "admin", "MasterUserPassword": PASSWORD, "DBSubnetGroupName": group,
              "VpcSecurityGroupIds": [world.seed["clusterSecurityGroupId"]], "BackupRetentionPeriod": 30,
              "StorageEncrypted": True, "EnableCloudwatchLogsExports": ["audit", "error", "slowquery"],
              "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 16}, "CopyTagsToSnapshot": True,
              "EnablePerformanceInsights": True, "PerformanceInsightsRetentionPeriod": 7, "DeletionProtection": True,
              "Tags": [{"Key": "owner", "Value": "x"}], "PreferredBackupWindow": "04:00-04:30"}
    values.update(more)
    return rds.create_db_cluster(**{key: value for key, value in values.items() if value is not None})["DBCluster"]


def status(world, name="db"):
    return world.client("rds").describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]["Status"]


def ready(world, name="db"):
    until(lambda: status(world, name) == "available")


def test_cluster_with_members_lives_and_dies(world):
    rds = world.client("rds")
    created = make_cluster(world)
    assert created["Status"] == "creating" and created["KmsKeyId"]
    with pytest.raises(ClientError) as failure:
        rds.modify_db_cluster(DBClusterIdentifier="db", BackupRetentionPeriod=7)
    assert code(failure) == "InvalidDBClusterStateFault"
    for name, zone in (("db-0", "us-east-1b"), ("db-1", "us-east-1a")):
        rds.create_db_instance(DBInstanceIdentifier=name, DBClusterIdentifier="db", Engine="aurora-mysql",
                               DBInstanceClass="db.serverless", AvailabilityZone=zone, PromotionTier=0)
    ready(world)
    until(lambda: all(item["DBInstanceStatus"] == "available" for item in rds.describe_db_instances()["DBInstances"]))
    cluster = rds.describe_db_clusters()["DBClusters"][0]
    assert cluster["EnabledCloudwatchLogsExports"] == ["audit", "error", "slowquery"]
    assert cluster["ServerlessV2ScalingConfiguration"] == {"MinCapacity": 0.5, "MaxCapacity": 16.0}
    assert [member["IsClusterWriter"] for member in cluster["DBClusterMembers"]] == [True, False]
    assert cluster["PerformanceInsightsEnabled"] and cluster["PerformanceInsightsRetentionPeriod"] == 7
    assert cluster["ClusterCreateTime"].year > 2000
    member = rds.describe_db_instances(DBInstanceIdentifier="db-0")["DBInstances"][0]
    assert member["AvailabilityZone"] == "us-east-1b" and member["StorageType"] == "aurora"
    assert member["StorageEncrypted"] and member["KmsKeyId"] == cluster["KmsKeyId"]
    assert member["BackupRetentionPeriod"] == 30 and member["Endpoint"]["Port"] == 3306
    assert member["DBParameterGroups"][0]["DBParameterGroupName"] == "default.aurora-mysql8.0"
    assert member["DBSubnetGroup"]["DBSubnetGroupName"] == "db-subnets"
    with pytest.raises(ClientError) as failure:
        rds.delete_db_cluster(DBClusterIdentifier="db", SkipFinalSnapshot=True)
    assert code(failure) == "InvalidParameterCombination"
    rds.modify_db_cluster(DBClusterIdentifier="db", DeletionProtection=False, ApplyImmediately=True,
                          CloudwatchLogsExportConfiguration={"DisableLogTypes": ["audit"]})
    assert status(world) == "modifying"
    ready(world)
    assert rds.describe_db_clusters()["DBClusters"][0]["EnabledCloudwatchLogsExports"] == ["error", "slowquery"]
    with pytest.raises(ClientError) as failure:
        rds.delete_db_cluster(DBClusterIdentifier="db", SkipFinalSnapshot=True)
    assert code(failure) == "InvalidDBClusterStateFault"
    for name in ("db-0", "db-1"):
        assert rds.delete_db_instance(DBInstanceIdentifier=name)["DBInstance"]["DBInstanceStatus"] == "deleting"
    with pytest.raises(ClientError) as failure:
        rds.delete_db_instance(DBInstanceIdentifier="db-0")
    assert code(failure) == "InvalidDBInstanceState"
    with pytest.raises(ClientError) as failure:
        rds.delete_db_cluster(DBClusterIdentifier="db")
    assert code(failure) == "InvalidParameterCombination"
    rds.delete_db_cluster(DBClusterIdentifier="db", FinalDBSnapshotIdentifier="last", DeleteAutomatedBackups=False)
    with pytest.raises(ClientError) as failure:
        rds.delete_db_cluster(DBClusterIdentifier="db", SkipFinalSnapshot=True)
    assert code(failure) == "InvalidDBClusterStateFault"
    assert status(world) == "deleting"
    with pytest.raises(ClientError) as failure:
        until(lambda: status(world) == "no such state")
    assert code(failure) == "DBClusterNotFoundFault"
    snapshot = rds.describe_db_cluster_snapshots()["DBClusterSnapshots"][0]
    assert snapshot["Status"] == "available" and snapshot["PercentProgress"] == 100
    assert snapshot["TagList"] == [{"Key": "owner", "Value": "x"}] and snapshot["SnapshotType"] == "manual"
    kept = rds.describe_db_cluster_automated_backups()["DBClusterAutomatedBackups"][0]
    assert kept["Status"] == "retained"


@pytest.mark.parametrize("change, expected", [
    ({"MasterUserPassword": None}, "InvalidParameterCombination"),
    ({"BackupRetentionPeriod": 36}, "InvalidParameterValue"),
    ({"EngineVersion": "8.0.mysql_aurora.9.9.9"}, "InvalidParameterCombination"),
    ({"DBSubnetGroupName": "missing"}, "DBSubnetGroupNotFoundFault"),
    ({"DBClusterParameterGroupName": "missing"}, "DBClusterParameterGroupNotFound"),
    ({"DBClusterIdentifier": "9bad"}, "InvalidParameterValue"),
    ({"DBClusterIdentifier": "bad--name"}, "InvalidParameterValue"),
    ({"KmsKeyId": "arn:aws:kms:us-east-1:1:key/none"}, "KMSKeyNotAccessibleFault"),
    ({"VpcSecurityGroupIds": ["sg-00000000000000000"]}, "InvalidParameterValue"),
    ({"ServerlessV2ScalingConfiguration": {"MinCapacity": 0.7, "MaxCapacity": 2}}, "InvalidParameterValue"),
])
def test_bad_clusters_are_refused(world, change, expected):
    with pytest.raises(ClientError) as failure:
        make_cluster(world, **change)
    assert code(failure) == expected
    assert world.client("rds").describe_db_clusters()["DBClusters"] == []


def test_one_zone_is_not_enough_for_a_subnet_group(server):
    world = World(server, zones=1)
    with pytest.raises(ClientError) as failure:
        make_cluster(world)
    assert code(failure) == "DBSubnetGroupDoesNotCoverEnoughAZs"


def test_subnet_and_parameter_groups(world):
    rds = world.client("rds")
    make_cluster(world, DBClusterParameterGroupName=None)
    with pytest.raises(ClientError) as failure:
        rds.create_db_subnet_group(DBSubnetGroupName="db-subnets", DBSubnetGroupDescription="d",
                                   SubnetIds=world.seed["databaseSubnetIds"])
    assert code(failure) == "DBSubnetGroupAlreadyExists"
    with pytest.raises(ClientError) as failure:
        rds.delete_db_subnet_group(DBSubnetGroupName="db-subnets")
    assert code(failure) == "InvalidDBSubnetGroupStateFault"
    rds.create_db_cluster_parameter_group(DBClusterParameterGroupName="pg", DBParameterGroupFamily="aurora-mysql8.0",
                                          Description="d", Tags=[{"Key": "a", "Value": "b"}])
    parameter = {"ParameterName": "require_secure_transport", "ParameterValue": "ON", "ApplyMethod": "immediate"}
    rds.modify_db_cluster_parameter_group(DBClusterParameterGroupName="pg", Parameters=[parameter])
    with pytest.raises(ClientError) as failure:
        rds.modify_db_cluster_parameter_group(DBClusterParameterGroupName="pg",
                                              Parameters=[{**parameter, "ParameterName": "no_such"}])
    assert code(failure) == "InvalidParameterValue"
    found = rds.describe_db_cluster_parameters(DBClusterParameterGroupName="pg", Source="user")["Parameters"]
    assert [(item["ParameterName"], item["ParameterValue"], item["ApplyMethod"], item["Source"]) for item in found] == [
        ("require_secure_transport", "ON", "immediate", "user")]
    ready(world)
    rds.modify_db_cluster(DBClusterIdentifier="db", DBClusterParameterGroupName="pg", ApplyImmediately=True)
    with pytest.raises(ClientError) as failure:
        rds.delete_db_cluster_parameter_group(DBClusterParameterGroupName="pg")
    assert code(failure) == "InvalidDBParameterGroupState"
    arn = rds.describe_db_cluster_parameter_groups()["DBClusterParameterGroups"][0]["DBClusterParameterGroupArn"]
    assert rds.list_tags_for_resource(ResourceName=arn)["TagList"] == [{"Key": "a", "Value": "b"}]


def test_snapshots_copies_and_restores(world):
    rds = world.client("rds")
    make_cluster(world)
    with pytest.raises(ClientError) as failure:
        rds.create_db_cluster_snapshot(DBClusterIdentifier="db", DBClusterSnapshotIdentifier="s")
    assert code(failure) == "InvalidDBClusterStateFault"
    ready(world)
    made = rds.create_db_cluster_snapshot(DBClusterIdentifier="db", DBClusterSnapshotIdentifier="s")["DBClusterSnapshot"]
    assert made["Status"] == "creating"
    with pytest.raises(ClientError) as failure:
        rds.create_db_cluster_snapshot(DBClusterIdentifier="db", DBClusterSnapshotIdentifier="s")
    assert code(failure) == "DBClusterSnapshotAlreadyExistsFault"
    restore = {"Engine": "aurora-mysql", "SnapshotIdentifier": "s", "DBSubnetGroupName": "db-subnets"}
    with pytest.raises(ClientError) as failure:
        rds.restore_db_cluster_from_snapshot(DBClusterIdentifier="db2", **restore)
    assert code(failure) == "InvalidDBClusterSnapshotStateFault"
    until(lambda: rds.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier="s")
          ["DBClusterSnapshots"][0]["Status"] == "available")
    restored = rds.restore_db_cluster_from_snapshot(DBClusterIdentifier="db2", **restore)["DBCluster"]
    source = rds.describe_db_clusters(DBClusterIdentifier="db")["DBClusters"][0]
    assert restored["KmsKeyId"] == source["KmsKeyId"] and restored["MasterUsername"] == "admin"
    rds.restore_db_cluster_to_point_in_time(DBClusterIdentifier="db3", SourceDBClusterIdentifier="db",
                                            UseLatestRestorableTime=True, DBSubnetGroupName="db-subnets")
    rds.copy_db_cluster_snapshot(SourceDBClusterSnapshotIdentifier="s", TargetDBClusterSnapshotIdentifier="s2",
                                 CopyTags=True)
    ready(world, "db2"), ready(world, "db3")
    assert len(rds.describe_db_clusters()["DBClusters"]) == 3


def test_lists_are_paged(world):
    rds = world.client("rds")
    world.server.control("PUT", "quotas", [{"account": world.account, "quotaCode": "L-952B80B9", "value": 45}])
    for number in range(45):
        make_cluster(world, f"c{number:02}", subnets="shared")
    page = rds.describe_db_clusters(MaxRecords=20)
    assert len(page["DBClusters"]) == 20 and page["Marker"]
    pages = list(rds.get_paginator("describe_db_clusters").paginate(PaginationConfig={"PageSize": 20}))
    assert len({item["DBClusterIdentifier"] for page in pages for item in page["DBClusters"]}) == 45
    for size in (5, 101):
        with pytest.raises(ClientError) as failure:
            rds.describe_db_clusters(MaxRecords=size)
        assert code(failure) == "InvalidParameterValue"
    with pytest.raises(ClientError) as failure:
        make_cluster(world, "onemore", subnets="shared")
    assert code(failure) == "DBClusterQuotaExceededFault"
    quota = world.client("service-quotas").get_service_quota(ServiceCode="rds", QuotaCode="L-952B80B9")["Quota"]
    assert quota["Value"] == 45
    world.server.control("PUT", "quotas", [])


def test_account_attributes_tell_what_is_enforced(world):
    rds = world.client("rds")

    def told():
        quotas = rds.describe_account_attributes()["AccountQuotas"]
        assert all(set(quota) == {"AccountQuotaName", "Used", "Max"} for quota in quotas)
        return {quota["AccountQuotaName"]: (quota["Used"], quota["Max"]) for quota in quotas}

    before = told()
    assert before["DBClusters"] == (0, 40) and before["ManualClusterSnapshots"] == (0, 100)
    assert before["DBClusterParameterGroups"] == (0, 50)
    world.server.control("PUT", "quotas", [{"account": world.account, "quotaCode": "L-952B80B9", "value": 1}])
    make_cluster(world, "one", subnets="shared")
    after = told()
    assert after["DBClusters"] == (1, 1)
    assert after["DBSubnetGroups"][0] == before["DBSubnetGroups"][0] + 1
    with pytest.raises(ClientError) as failure:
        make_cluster(world, "two", subnets="shared")
    assert code(failure) == "DBClusterQuotaExceededFault"
    world.server.control("PUT", "quotas", [])


def test_engine_versions(world):
    versions = world.client("rds").describe_db_engine_versions(Engine="aurora-mysql")["DBEngineVersions"]
    names = [item["EngineVersion"] for item in versions]
    assert {"8.0.mysql_aurora.3.08.0", "8.0.mysql_aurora.3.12.0"} <= set(names)
    assert versions[0]["ValidUpgradeTarget"][-1]["EngineVersion"] == names[-1]
