"""ElastiCache Serverless, users and groups."""
import pytest
from botocore.exceptions import ClientError

from conftest import code, until

OFF = "off -@all"


def group(world, name="clinic", engine="valkey"):
    cache = world.client("elasticache")
    cache.create_user(UserId=f"{name}-app", UserName="app", Engine=engine, AccessString="on ~* +@all",
                      Passwords=["a" * 32], Tags=[{"Key": "k", "Value": "v"}])
    ids = [f"{name}-app"]
    if engine == "redis":
        cache.create_user(UserId=f"{name}-default", UserName="default", Engine=engine, AccessString=OFF,
                          NoPasswordRequired=True)
        ids.append(f"{name}-default")
    made = cache.create_user_group(UserGroupId=name, Engine=engine, UserIds=ids)
    assert made["Status"] == "creating"
    until(lambda: cache.describe_user_groups(UserGroupId=name)["UserGroups"][0]["Status"] == "active")


def create(world, name="cache", **more):
    return world.client("elasticache").create_serverless_cache(
        ServerlessCacheName=name, Engine="valkey", MajorEngineVersion="8", SubnetIds=world.seed["databaseSubnetIds"],
        SecurityGroupIds=[world.seed["clusterSecurityGroupId"]], Tags=[{"Key": "a", "Value": "b"}], **more)["ServerlessCache"]


def describe(world, name="cache"):
    return world.client("elasticache").describe_serverless_caches(ServerlessCacheName=name)["ServerlessCaches"][0]


def test_life_of_a_cache(world):
    cache = world.client("elasticache")
    group(world)
    created = create(world, UserGroupId="clinic", SnapshotRetentionLimit=3, DailySnapshotTime="03:00",
                     CacheUsageLimits={"DataStorage": {"Maximum": 5, "Unit": "GB"}, "ECPUPerSecond": {"Maximum": 5000}})
    assert created["Status"] == "creating" and "Endpoint" not in created and created["CreateTime"].year > 2000
    with pytest.raises(ClientError) as failure:
        cache.modify_serverless_cache(ServerlessCacheName="cache", Description="x")
    assert code(failure) == "InvalidServerlessCacheStateFault"
    until(lambda: describe(world)["Status"] == "available")
    found = describe(world)
    assert found["Endpoint"]["Port"] == 6379 and found["ReaderEndpoint"]["Port"] == 6380
    assert found["UserGroupId"] == "clinic" and found["CacheUsageLimits"]["DataStorage"]["Maximum"] == 5
    assert found["FullEngineVersion"] == "8.1" and found["SnapshotRetentionLimit"] == 3
    assert cache.list_tags_for_resource(ResourceName=found["ARN"])["TagList"] == [{"Key": "a", "Value": "b"}]
    with pytest.raises(ClientError) as failure:
        cache.delete_user_group(UserGroupId="clinic")
    assert code(failure) == "InvalidUserGroupState"
    assert cache.describe_user_groups()["UserGroups"][0]["ServerlessCaches"] == ["cache"]
    cache.modify_serverless_cache(ServerlessCacheName="cache", Description="x")
    assert describe(world)["Status"] == "modifying"
    until(lambda: describe(world)["Status"] == "available")
    assert cache.delete_serverless_cache(ServerlessCacheName="cache", FinalSnapshotName="last")[
        "ServerlessCache"]["Status"] == "deleting"
    with pytest.raises(ClientError) as failure:
        cache.delete_serverless_cache(ServerlessCacheName="cache")
    assert code(failure) == "InvalidServerlessCacheStateFault"
    until(lambda: not cache.describe_serverless_caches()["ServerlessCaches"])
    snapshot = cache.describe_serverless_cache_snapshots()["ServerlessCacheSnapshots"][0]
    assert snapshot["Status"] == "available" and snapshot["CreateTime"].year > 2000
    cache.delete_user_group(UserGroupId="clinic")
    until(lambda: not cache.describe_user_groups()["UserGroups"])
    assert cache.describe_users()["Users"][0]["UserGroupIds"] == []
    cache.delete_user(UserId="clinic-app")
    until(lambda: not cache.describe_users()["Users"])


def test_refusals(world):
    cache = world.client("elasticache")
    group(world, "red", "redis")
    with pytest.raises(ClientError) as failure:
        cache.create_user_group(UserGroupId="nodefault", Engine="redis", UserIds=["red-app"])
    assert code(failure) == "DefaultUserRequired"
    with pytest.raises(ClientError) as failure:
        create(world, UserGroupId="missing")
    assert code(failure) == "UserGroupNotFound"
    create(world)
    with pytest.raises(ClientError) as failure:
        create(world)
    assert code(failure) == "ServerlessCacheAlreadyExistsFault"
    with pytest.raises(ClientError) as failure:
        cache.create_user(UserId="short", UserName="short", Engine="valkey", AccessString=OFF, Passwords=["short"])
    assert code(failure) == "InvalidParameterValue"
    with pytest.raises(ClientError) as failure:
        cache.create_serverless_cache(ServerlessCacheName="onezone", Engine="valkey",
                                      SubnetIds=world.seed["databaseSubnetIds"][:1])
    assert code(failure) == "InvalidParameterValue"


def test_paging(world):
    cache = world.client("elasticache")
    for number in range(23):
        cache.create_user(UserId=f"u{number:02}", UserName=f"u{number}", Engine="valkey", AccessString=OFF,
                          NoPasswordRequired=True)
    first = cache.describe_users(MaxRecords=20)
    assert len(first["Users"]) == 20
    assert len(cache.describe_users(MaxRecords=20, Marker=first["Marker"])["Users"]) == 3
    for number in range(3):
        create(world, f"c{number}")
    first = cache.describe_serverless_caches(MaxResults=2)
    assert len(cache.describe_serverless_caches(MaxResults=2, NextToken=first["NextToken"])["ServerlessCaches"]) == 1


def queue(world, **more):
    cache = world.client("elasticache")
    cache.create_cache_subnet_group(CacheSubnetGroupName="queues", CacheSubnetGroupDescription="x",
                                    SubnetIds=world.seed["databaseSubnetIds"])
    cache.create_cache_parameter_group(CacheParameterGroupName="queues", CacheParameterGroupFamily="redis7",
                                       Description="x")
    cache.modify_cache_parameter_group(CacheParameterGroupName="queues", ParameterNameValues=[
        {"ParameterName": "maxmemory-policy", "ParameterValue": "noeviction"}])
    return cache.create_replication_group(**{
        "ReplicationGroupId": "jobs", "ReplicationGroupDescription": "x", "Engine": "redis", "EngineVersion": "7.1",
        "CacheNodeType": "cache.r6g.large", "NumNodeGroups": 1, "ReplicasPerNodeGroup": 1, "MultiAZEnabled": True,
        "AutomaticFailoverEnabled": True, "CacheParameterGroupName": "queues", "CacheSubnetGroupName": "queues",
        "TransitEncryptionEnabled": True, "AuthToken": "a" * 32, "Tags": [{"Key": "a", "Value": "b"}], **more})


def group_now(world):
    return world.client("elasticache").describe_replication_groups(ReplicationGroupId="jobs")["ReplicationGroups"][0]


def test_a_replication_group_from_creation_to_its_final_snapshot(world):
    cache = world.client("elasticache")
    made = queue(world)["ReplicationGroup"]
    assert made["Status"] == "creating" and "PrimaryEndpoint" not in made["NodeGroups"][0]
    until(lambda: group_now(world)["Status"] == "available")
    found = group_now(world)
    assert found["NodeGroups"][0]["PrimaryEndpoint"]["Port"] == 6379 and found["MemberClusters"] == ["jobs-001", "jobs-002"]
    node = cache.describe_cache_clusters(CacheClusterId="jobs-001")["CacheClusters"][0]
    assert node["EngineVersion"] == "7.1.0" and node["CacheSubnetGroupName"] == "queues"
    assert cache.list_tags_for_resource(ResourceName=found["ARN"])["TagList"] == [{"Key": "a", "Value": "b"}]
    with pytest.raises(ClientError) as failure:
        cache.delete_cache_parameter_group(CacheParameterGroupName="queues")
    assert code(failure) == "InvalidCacheParameterGroupState"
    deleted = cache.delete_replication_group(ReplicationGroupId="jobs", FinalSnapshotIdentifier="last")
    assert deleted["ReplicationGroup"]["Status"] == "deleting"
    until(lambda: not cache.describe_replication_groups()["ReplicationGroups"])
    assert cache.describe_snapshots()["Snapshots"][0]["SnapshotName"] == "last"
    cache.delete_cache_subnet_group(CacheSubnetGroupName="queues")


def test_a_token_is_set_after_it_was_rotated(world):
    cache = world.client("elasticache")
    queue(world)
    until(lambda: group_now(world)["Status"] == "available")

    def replace(strategy):
        return cache.modify_replication_group(ReplicationGroupId="jobs", ApplyImmediately=True, AuthToken="b" * 32,
                                              AuthTokenUpdateStrategy=strategy)
    with pytest.raises(ClientError) as failure:
        replace("SET")
    assert code(failure) == "InvalidParameterCombination"
    times = [group_now(world)["AuthTokenLastModifiedDate"]]
    for strategy in ("ROTATE", "SET"):
        replace(strategy)
        with pytest.raises(ClientError) as failure:
            replace(strategy)
        assert code(failure) == "InvalidReplicationGroupState"
        until(lambda: group_now(world)["Status"] == "available")
        times.append(group_now(world)["AuthTokenLastModifiedDate"])
    assert len(set(times)) == 3, times


def test_failover_needs_a_replica(world):
    with pytest.raises(ClientError) as failure:
        queue(world, ReplicasPerNodeGroup=0)
    assert code(failure) == "InvalidParameterCombination"
