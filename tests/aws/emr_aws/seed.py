"""The world that an operator finds: a VPC with three tiers of subnets and an EKS cluster in it.

Written into the emulator's stores, not through its API, so that seeding leaves no recorded calls behind.
"""
import re
import time
import uuid

from ministack.core.responses import request_scope
from ministack.services import ec2, eks

from .wire.errors import AwsError

_SEEDED = {}   # (account, region, cluster name) -> the reply


def seed(account, region="us-east-1", clusterName="clinics", zones=None, version="1.35"):  # noqa: N803  wire names
    """Create everything once; the same names again give the same ids."""
    zones = zones or [f"{region}{letter}" for letter in "abc"]
    if not all(re.fullmatch(re.escape(region) + "[a-f]", zone) for zone in zones) or len(set(zones)) != len(zones):
        raise AwsError("BadRequest", "zones are distinct zones of the region, a to f", 400)
    key = (account, region, clusterName)
    if key not in _SEEDED:
        with request_scope(account, region):
            _SEEDED[key] = _create(account, region, clusterName, zones, version)
    return _SEEDED[key]


def _call(action, params, tag):
    status, _, body = ec2._ACTION_MAP[action]({name: [value] for name, value in params.items()})
    text = body.decode() if isinstance(body, bytes) else body
    if status >= 300:
        raise AwsError("SeedFailed", text, 500)
    return re.search(f"<{tag}>([^<]+)</{tag}>", text).group(1)


def _tag(resource_id, tags):
    ec2._tags[resource_id] = [{"Key": name, "Value": value} for name, value in tags.items()]


def _create(account, region, name, zones, version):
    ec2._ensure_defaults_initialized()
    shared = {f"kubernetes.io/cluster/{name}": "shared"}
    vpc = _call("CreateVpc", {"CidrBlock": "10.0.0.0/16"}, "vpcId")
    _tag(vpc, {**shared, "Name": f"{name}-vpc"})
    tiers = {"private": {"kubernetes.io/role/internal-elb": "1"}, "public": {"kubernetes.io/role/elb": "1"},
             "database": {"emrstack.dev/tier": "database"}}
    subnets = {tier: [] for tier in tiers}
    for row, (tier, tags) in enumerate(tiers.items()):
        for column, zone in enumerate(zones):
            subnet = _call("CreateSubnet", {"VpcId": vpc, "AvailabilityZone": zone,
                                            "CidrBlock": f"10.0.{row * 64 + column * 8}.0/21"}, "subnetId")
            _tag(subnet, {**shared, **tags, "Name": f"{name}-{tier}-{zone}"})
            subnets[tier].append(subnet)
    group = _call("CreateSecurityGroup", {"VpcId": vpc, "GroupName": f"eks-cluster-sg-{name}-{uuid.uuid4().hex[:8]}",
                                          "GroupDescription": "EKS created security group"}, "groupId")
    _tag(group, {"aws:eks:cluster-name": name, f"kubernetes.io/cluster/{name}": "owned"})
    issuer = f"https://oidc.eks.{region}.amazonaws.com/id/{uuid.uuid4().hex.upper()}"
    arn = f"arn:aws:eks:{region}:{account}:cluster/{name}"
    eks._clusters[name] = {
        "name": name, "arn": arn, "createdAt": time.time(), "version": version, "status": "ACTIVE",
        "endpoint": f"https://{uuid.uuid4().hex.upper()}.gr7.{region}.eks.amazonaws.com",
        "roleArn": f"arn:aws:iam::{account}:role/{name}-eks", "certificateAuthority": {"data": ""},
        "resourcesVpcConfig": {
            "subnetIds": subnets["private"] + subnets["public"], "securityGroupIds": [], "vpcId": vpc,
            "clusterSecurityGroupId": group, "endpointPublicAccess": True, "endpointPrivateAccess": True,
            "publicAccessCidrs": ["0.0.0.0/0"]},
        "kubernetesNetworkConfig": {"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4"},
        "logging": {"clusterLogging": []}, "identity": {"oidc": {"issuer": issuer}}, "platformVersion": "eks.1",
        "tags": {}, "encryptionConfig": [], "accessConfig": {"authenticationMode": "API"}, "_docker_id": None, "_port": 0,
    }
    return {"account": account, "region": region, "clusterName": name, "clusterArn": arn, "vpcId": vpc, "zones": zones,
            "privateSubnetIds": subnets["private"], "publicSubnetIds": subnets["public"],
            "databaseSubnetIds": subnets["database"], "clusterSecurityGroupId": group, "oidcIssuer": issuer,
            "version": version}
