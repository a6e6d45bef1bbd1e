"""S3 and EKS Pod Identity, as far as object stores need them."""
import pytest
from botocore.exceptions import ClientError

from conftest import code


def test_a_new_bucket_is_tagged_and_closed(world):
    s3 = world.client("s3")
    name = f"emr-{world.account}-us-east-1-scans"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"Tags": [{"Key": "a", "Value": "b"}]})
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == [{"Key": "a", "Value": "b"}]
    blocked = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert set(blocked.values()) == {True} and len(blocked) == 4
    for call in (s3.get_bucket_policy, s3.get_bucket_cors, s3.get_object_lock_configuration):
        with pytest.raises(ClientError) as failure:
            call(Bucket=name)
        assert failure.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404, code(failure)
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    with pytest.raises(ClientError) as failure:
        s3.delete_bucket(Bucket=name)
    assert code(failure) == "BucketNotEmpty"


def test_calls_are_named_as_the_sdk_names_them(world):
    s3 = world.client("s3")
    name = f"emr-{world.account}-us-east-1-rules"
    s3.create_bucket(Bucket=name)
    rule = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [rule]})
    s3.get_bucket_lifecycle_configuration(Bucket=name)
    named = [call["operation"] for call in world.calls() if call["service"] == "s3"]
    assert named[-2:] == ["PutBucketLifecycleConfiguration", "GetBucketLifecycleConfiguration"], named


def test_one_role_for_a_service_account(world):
    eks = world.client("eks")
    arguments = {"clusterName": "clinics", "namespace": "a", "serviceAccount": "viewer"}
    made = eks.create_pod_identity_association(**arguments, roleArn="arn:aws:iam::1:role/r", tags={"a": "b"})
    with pytest.raises(ClientError) as failure:
        eks.create_pod_identity_association(**arguments, roleArn="arn:aws:iam::1:role/other")
    assert code(failure) == "ResourceInUseException"
    [found] = eks.list_pod_identity_associations(**arguments)["associations"]
    assert found["associationId"] == made["association"]["associationId"]
