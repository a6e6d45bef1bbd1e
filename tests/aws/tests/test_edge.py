"""EC2, KMS, Secrets Manager, Logs, IAM: what is set in front of the emulator."""
import pytest
from botocore.exceptions import ClientError

from conftest import code
from test_rds import make_cluster


def refused(expected, call, **arguments):
    with pytest.raises(ClientError) as failure:
        call(**arguments)
    assert code(failure) == expected


def test_security_groups(world):
    ec2, vpc = world.client("ec2"), world.seed["vpcId"]
    first = ec2.create_security_group(GroupName="one", Description="d", VpcId=vpc, TagSpecifications=[
        {"ResourceType": "security-group", "Tags": [{"Key": "owner", "Value": "x"}]}])["GroupId"]
    refused("InvalidGroup.Duplicate", ec2.create_security_group, GroupName="one", Description="d", VpcId=vpc)
    rule = [{"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306,
             "UserIdGroupPairs": [{"GroupId": world.seed["clusterSecurityGroupId"]}]}]
    ec2.authorize_security_group_ingress(GroupId=first, IpPermissions=rule)
    refused("InvalidPermission.Duplicate", ec2.authorize_security_group_ingress, GroupId=first, IpPermissions=rule)
    found = ec2.describe_security_groups(Filters=[{"Name": "tag:owner", "Values": ["x"]}])["SecurityGroups"]
    assert [item["GroupId"] for item in found] == [first]
    pair = found[0]["IpPermissions"][0]["UserIdGroupPairs"][0]
    assert pair["GroupId"] == world.seed["clusterSecurityGroupId"] and pair["UserId"] == world.account
    refused("DependencyViolation", ec2.delete_security_group, GroupId=world.seed["clusterSecurityGroupId"])
    make_cluster(world, VpcSecurityGroupIds=[first])
    refused("DependencyViolation", ec2.delete_security_group, GroupId=first)
    refused("InvalidParameterValue", ec2.describe_subnets, Filters=[{"Name": "bogus", "Values": ["x"]}])
    for number in range(6):
        ec2.create_security_group(GroupName=f"g{number}", Description="d", VpcId=vpc)
    page = ec2.describe_security_groups(MaxResults=5)
    assert len(page["SecurityGroups"]) == 5 and page["NextToken"]
    ec2.revoke_security_group_ingress(GroupId=first, IpPermissions=rule)
    refused("InvalidPermission.NotFound", ec2.revoke_security_group_ingress, GroupId=first, IpPermissions=rule)


def test_keys_secrets_and_log_groups(world):
    kms, secrets, logs = world.client("kms"), world.client("secretsmanager"), world.client("logs")
    key = kms.create_key(Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]
    kms.create_alias(AliasName="alias/emr", TargetKeyId=key["KeyId"])
    assert kms.list_aliases(KeyId=key["KeyId"])["Aliases"][0]["AliasName"] == "alias/emr"
    assert kms.list_resource_tags(KeyId=key["KeyId"])["Tags"] == [{"TagKey": "a", "TagValue": "b"}]
    make_cluster(world, KmsKeyId=key["Arn"])
    ask = {"Name": "emr/a", "SecretString": "x", "KmsKeyId": key["Arn"], "ClientRequestToken": "1" * 32}
    assert secrets.create_secret(**ask)["VersionId"] == "1" * 32
    secrets.create_secret(**ask)
    refused("ResourceExistsException", secrets.create_secret, **{**ask, "SecretString": "y"})
    secrets.create_secret(Name="other/emr/a")
    found = secrets.list_secrets(Filters=[{"Key": "name", "Values": ["emr/"]}])["SecretList"]
    assert [(item["Name"], item["KmsKeyId"]) for item in found] == [("emr/a", key["Arn"])]
    secrets.delete_secret(SecretId="emr/a", RecoveryWindowInDays=30)
    refused("InvalidRequestException", secrets.create_secret, **ask)
    logs.create_log_group(logGroupName="/aws/rds/cluster/db/audit", tags={"a": "b"})
    refused("InvalidParameterException", logs.create_log_group, logGroupName="/x", kmsKeyId=key["Arn"][:-2] + "zz")
    logs.associate_kms_key(logGroupName="/aws/rds/cluster/db/audit", kmsKeyId=key["Arn"])
    group = logs.describe_log_groups(logGroupNamePrefix="/aws/rds")["logGroups"][0]
    assert group["kmsKeyId"] == key["Arn"]
    assert logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"] == {"a": "b"}
    for number in range(3):
        kms.create_key()
        logs.create_log_group(logGroupName=f"/other/{number}")
    assert sum(len(page["Keys"]) for page in kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2})) == 4
    pages = logs.get_paginator("describe_log_groups").paginate(PaginationConfig={"PageSize": 2})
    assert sum(len(page["logGroups"]) for page in pages) == 4
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    refused("KMSKeyNotAccessibleFault", make_cluster, world=world, name="late", KmsKeyId=key["Arn"])
    refused("KMSInvalidStateException", kms.tag_resource, KeyId=key["KeyId"], Tags=[{"TagKey": "c", "TagValue": "d"}])


def test_roles(world):
    iam = world.client("iam")
    trust = '{"Version":"2012-10-17","Statement":[]}'
    limit = iam.create_policy(PolicyName="limit", PolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
                              '"Action":"*","Resource":"*"}]}')["Policy"]["Arn"]
    role = iam.create_role(Path="/emr/", RoleName="r", AssumeRolePolicyDocument=trust, PermissionsBoundary=limit,
                           Tags=[{"Key": "a", "Value": "b"}])["Role"]
    assert role["Arn"].endswith(":role/emr/r")
    assert iam.get_role(RoleName="r")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == limit
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":'
                        '"Allow","Action":"s3:*","Resource":"*"}]}')
    refused("DeleteConflict", iam.delete_role, RoleName="r")
    refused("NoSuchEntity", iam.create_role, RoleName="q", AssumeRolePolicyDocument=trust, PermissionsBoundary=limit + "x")
    refused("MalformedPolicyDocument", iam.create_role, RoleName="q", AssumeRolePolicyDocument="x")
