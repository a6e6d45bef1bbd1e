"""The control API: recording, faults, latency, delays and the kill switch."""
import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from conftest import ROOT, World, code, until
from test_rds import PASSWORD, make_cluster


def groups(world):
    return world.client("rds").describe_db_cluster_parameter_groups()["DBClusterParameterGroups"]


def make_group(world, name="pg", attempts=1):
    world.client("rds", attempts).create_db_cluster_parameter_group(
        DBClusterParameterGroupName=name, DBParameterGroupFamily="aurora-mysql8.0", Description="d")


def test_seed_is_idempotent_and_complete(server):
    world = World(server, zones=1)
    again = server.control("POST", f"accounts/{world.account}/seed", {"zones": ["us-east-1a"]})
    assert again == world.seed and len(again["databaseSubnetIds"]) == 1
    cluster = world.client("eks").describe_cluster(name="clinics")["cluster"]
    assert cluster["status"] == "ACTIVE" and cluster["version"] == "1.35"
    assert cluster["resourcesVpcConfig"]["vpcId"] == again["vpcId"]
    assert cluster["resourcesVpcConfig"]["clusterSecurityGroupId"] == again["clusterSecurityGroupId"]
    assert set(cluster["resourcesVpcConfig"]["subnetIds"]) == set(again["privateSubnetIds"] + again["publicSubnetIds"])
    assert cluster["identity"]["oidc"]["issuer"].startswith("https://")
    found = world.client("ec2").describe_subnets(
        Filters=[{"Name": "tag:emrstack.dev/tier", "Values": ["database"]},
                 {"Name": "tag-key", "Values": ["kubernetes.io/cluster/clinics"]}])["Subnets"]
    assert [item["SubnetId"] for item in found] == again["databaseSubnetIds"]
    assert world.client("sts").get_caller_identity()["Account"] == world.account
    assert world.calls()[0]["operation"] == "DescribeCluster", "seeding leaves no recorded calls"


def test_calls_are_recorded_without_secrets(world):
    with pytest.raises(ClientError):
        make_cluster(world, EngineVersion="none")
    make_cluster(world)
    world.client("secretsmanager").create_secret(Name="s", SecretString="planted-secret-1")
    world.client("efs").describe_file_systems(CreationToken="clinic")
    world.client("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": ["clinic"]}])
    calls = world.calls()
    named = {(call["service"], call["operation"]): call for call in calls}
    assert named[("rds", "CreateDBCluster")]["mutating"] and named[("rds", "CreateDBCluster")]["status"] == 200
    assert not named[("rds", "DescribeDBSubnetGroups")]["mutating"]
    assert ("elasticfilesystem", "DescribeFileSystems") in named
    assert "InvalidParameterCombination" in [call["code"] for call in calls]
    assert named[("rds", "CreateDBCluster")]["request_summary"]["DBClusterIdentifier"] == "db"
    assert named[("elasticfilesystem", "DescribeFileSystems")]["request_summary"] == {"CreationToken": "clinic"}
    assert named[("ec2", "DescribeSecurityGroups")]["request_summary"] == {"Filter.1.Name": "group-name"}
    assert all(call["at"] <= call["answered"] for call in calls)
    assert {call["agent"] for call in calls} == {"Boto3"}
    text = json.dumps(calls)
    assert PASSWORD not in text and "planted-secret-1" not in text
    last = world.server.control("GET", "calls")["next"]
    groups(world)
    assert [call["operation"] for call in world.calls(last)] == ["DescribeDBClusterParameterGroups"]


@pytest.mark.parametrize("service, operation, call, throttled", [
    ("rds", "DescribeDBClusters", lambda w: w.client("rds").describe_db_clusters(), "Throttling"),
    ("ec2", "DescribeVpcs", lambda w: w.client("ec2").describe_vpcs(), "RequestLimitExceeded"),
    ("efs", "DescribeFileSystems", lambda w: w.client("efs").describe_file_systems(), "ThrottlingException"),
    ("kms", "ListKeys", lambda w: w.client("kms").list_keys(), "ThrottlingException"),
    ("s3", "ListBuckets", lambda w: w.client("s3").list_buckets(), "SlowDown"),
])
def test_faults_in_the_form_of_each_protocol(world, service, operation, call, throttled):
    for kind, expected in (("throttle", throttled), ("error", "InternalFailure"), ("access-denied", None)):
        world.fault(service=service, operation=operation, kind=kind, count=1)
        with pytest.raises(ClientError) as failure:
            call(world)
        assert expected is None or code(failure) == expected
        if kind == "error":
            assert failure.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
        if expected is None:
            assert "Denied" in code(failure) or "Unauthorized" in code(failure)
        call(world)


def test_an_effect_can_happen_without_a_reply(world):
    world.fault(service="rds", operation="CreateDBClusterParameterGroup", kind="timeout-after-effect", count=1)
    with pytest.raises(ConnectionClosedError):
        make_group(world)
    assert len(groups(world)) == 1
    world.fault(service="rds", operation="Create*", kind="reset", count=1)
    with pytest.raises(ConnectionClosedError):
        make_group(world, "second")
    assert len(groups(world)) == 1
    world.fault(service="rds", operation="CreateDBClusterParameterGroup", kind="error", before=False, count=1)
    with pytest.raises(ClientError):
        make_group(world, "second")
    assert len(groups(world)) == 2
    world.fault(service="rds", operation="CreateDBClusterParameterGroup", kind="timeout-after-effect", count=1)
    with pytest.raises(ClientError) as failure:
        make_group(world, "third", attempts=3)
    assert code(failure) == "DBParameterGroupAlreadyExists", "the SDK's own retry meets the effect of the first try"


def test_latency_and_unknown_settings(world):
    world.server.control("PUT", "latency", {"seconds": 0.2})
    started = time.time()
    groups(world)
    assert time.time() - started >= 0.2
    world.server.control("PUT", "latency", {"seconds": 0})
    for path, data in (("delays", {"rds.cluster.creatin": 1}), ("faults", [{"kind": "nonsense"}]),
                       ("kill", {"pid": 1}), ("quotas", [{"quotaCode": "L-0", "value": 1}])):
        with pytest.raises(urllib.error.HTTPError) as failure:
            world.server.control("PUT", path, data)
        assert failure.value.code == 400


@pytest.mark.parametrize("when, made", [("before", 2), ("after", 3)])
def test_kill_switch(world, when, made):
    script = (
        "import boto3, os, sys\n"
        "rds = boto3.client('rds', endpoint_url=sys.argv[1], region_name='us-east-1', aws_access_key_id=sys.argv[2],"
        " aws_secret_access_key='x')\n"
        "sys.stdin.readline()\n"
        "for number in range(9):\n"
        "    rds.describe_db_clusters()\n"
        "    rds.create_db_cluster_parameter_group(DBClusterParameterGroupName=f'pg{number}',"
        " DBParameterGroupFamily='aurora-mysql8.0', Description='d')\n")
    child = subprocess.Popen([sys.executable, "-c", script, world.server.url, world.account], stdin=subprocess.PIPE,
                             cwd=ROOT, stderr=subprocess.DEVNULL)
    world.server.control("PUT", "kill", {"pid": child.pid, "account": world.account, "operation": None, "nth": 3,
                                         "when": when})
    child.stdin.write(b"\n")
    child.stdin.close()
    assert child.wait(15) == -signal.SIGKILL
    view = world.server.control("GET", "kill")
    assert view["fired"] and view["call"]["operation"] == "CreateDBClusterParameterGroup"
    assert len(groups(world)) == made


def test_delays_can_be_set(world):
    world.server.control("PUT", "delays", {"rds.cluster.creating": 1.0})
    started = time.time()
    make_cluster(world)
    until(lambda: world.client("rds").describe_db_clusters()["DBClusters"][0]["Status"] == "available")
    world.server.control("PUT", "delays", {"rds.cluster.creating": 0.25})
    assert 0.9 <= time.time() - started < 3


def test_only_loopback():
    done = subprocess.run([sys.executable, "-m", "emr_aws", "--host", "0.0.0.0"], cwd=ROOT, capture_output=True, timeout=20)
    assert done.returncode != 0 and b"loopback" in done.stderr


def test_replies_have_the_types_that_strict_sdks_want(world):
    """Raw bytes, since boto3 forgives what the SDK for Rust refuses."""
    seen = []
    for service in ("rds", "efs"):
        client = world.client(service)
        client.meta.events.register("before-parse", lambda response_dict, **_: seen.append(response_dict["body"].decode()))
    make_cluster(world)
    world.client("efs").create_file_system(CreationToken="t")
    text = "".join(seen)
    assert "<StorageEncrypted>true</StorageEncrypted>" in text and "True" not in text and "None" not in text
    assert "<ClusterCreateTime>20" in text and "Z</ClusterCreateTime>" in text
    assert isinstance(json.loads(seen[-1])["CreationTime"], float)
