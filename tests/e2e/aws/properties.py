"""Everything that the account holds, with its properties, in words that are the same for two instances of one
manifest: without times, and with placeholders for what AWS picks and for what derives from a namespace."""

import re

_TIMES = re.compile(r"(Time|Date|CreatedOn|CreatedAt|creationTime)$")
# What AWS picks, or counts.
_PICKED = re.compile(r"^(Db\w*ResourceId|Endpoint|ReaderEndpoint|HostedZoneId|SizeInBytes|storedBytes|RoleId|VersionId\w*|IpAddress|CurrentKeyMaterialId)$")
_WORDS = [
    (re.compile(os.environ["AWS_ACCESS_KEY_ID"]), "ACCOUNT"),
    (re.compile(rf"(?<![a-z0-9]){re.escape(namespace)}(?![a-z0-9])"), "NAMESPACE"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"\b(vpc|subnet|sg|sgr|fs|fsap|fsmt|eni)-[0-9a-f]{8,}"), r"\1-ID"),
    (re.compile(r"(:secret:\S+)-[A-Za-z0-9]{6}\b"), r"\1-ID"),
    (re.compile(r"(?<=[-/])(?!frontend\b)[a-z0-9]{8}\b"), "HASH"),
]


def plain(value):
    if isinstance(value, dict):
        return {
            name: plain(part)
            for name, part in value.items()
            if not _TIMES.search(name) and not _PICKED.search(name) and name != "ResponseMetadata"
        }
    if isinstance(value, (list, tuple)):
        return sorted((plain(part) for part in value), key=lambda part: json.dumps(part, sort_keys=True))
    if isinstance(value, datetime.datetime):
        return "TIME"
    if not isinstance(value, str):
        return value
    for pattern, word in _WORDS:
        value = pattern.sub(word, value)
    return value


def tagged(call, key, items, argument, of):
    """Each item with its tags, which a call of its own tells."""
    return [{**item, "_tags": call(**{argument: item[of]})[key]} for item in items]


def cluster(one):
    members = one.pop("DBClusterMembers")
    # Which of them writes is AWS's choice: the one that came first.
    writers = sum(member.pop("IsClusterWriter") for member in members)
    return {**one, "_members": members, "_writers": writers}


def parameters(group):
    named = {"DBClusterParameterGroupName": group["DBClusterParameterGroupName"]}
    found = pages(rds.describe_db_cluster_parameters, "Parameters", Source="user", **named)
    return {p["ParameterName"]: p.get("ParameterValue") for p in found}


def key(listed):
    named = {"KeyId": listed["KeyId"]}
    return {
        "about": kms.describe_key(**named)["KeyMetadata"],
        "rotated": kms.get_key_rotation_status(**named)["KeyRotationEnabled"],
        "policy": json.loads(kms.get_key_policy(PolicyName="default", **named)["Policy"]),
        "tags": kms.list_resource_tags(**named)["Tags"],
        "aliases": [a["AliasName"] for a in kms.list_aliases(**named)["Aliases"]],
    }


def role(listed):
    named = {"RoleName": listed["RoleName"]}
    inline = iam.list_role_policies(**named)["PolicyNames"]
    return {
        "about": iam.get_role(**named)["Role"],
        "attached": iam.list_attached_role_policies(**named)["AttachedPolicies"],
        "inline": {name: iam.get_role_policy(PolicyName=name, **named)["PolicyDocument"] for name in inline},
    }


def secret(listed):
    about = secrets.describe_secret(SecretId=listed["ARN"])
    stages = about.pop("VersionIdsToStages")
    value = json.loads(secrets.get_secret_value(SecretId=listed["ARN"])["SecretString"])
    return {**about, "_stages": list(stages.values()), "_fields": {k: v for k, v in value.items() if k != "password"}}


def file_system(one):
    named = {"FileSystemId": one["FileSystemId"]}
    return {
        **one,
        "_lifecycle": efs.describe_lifecycle_configuration(**named)["LifecyclePolicies"],
        "_backup": efs.describe_backup_policy(**named)["BackupPolicy"],
        "_targets": [
            {**target, "_groups": efs.describe_mount_target_security_groups(MountTargetId=target["MountTargetId"])["SecurityGroups"]}
            for target in efs.describe_mount_targets(**named)["MountTargets"]
        ],
    }


tags = elasticache.list_tags_for_resource
vaults = backup.list_backup_vaults()["BackupVaultList"]
groups = [
    g
    for g in pages(rds.describe_db_cluster_parameter_groups, "DBClusterParameterGroups")
    if not g["DBClusterParameterGroupName"].startswith("default.")
]
found = {
    "clusters": [cluster(one) for one in pages(rds.describe_db_clusters, "DBClusters")],
    "instances": pages(rds.describe_db_instances, "DBInstances"),
    "snapshots": pages(rds.describe_db_cluster_snapshots, "DBClusterSnapshots"),
    "subnetGroups": pages(rds.describe_db_subnet_groups, "DBSubnetGroups"),
    "parameterGroups": [{**group, "_parameters": parameters(group)} for group in groups],
    "securityGroups": pages(ec2.describe_security_groups, "SecurityGroups"),
    "caches": tagged(tags, "TagList", pages(elasticache.describe_serverless_caches, "ServerlessCaches"), "ResourceName", "ARN"),
    "cacheUsers": tagged(tags, "TagList", [u for u in pages(elasticache.describe_users, "Users") if u["UserId"] != "default"], "ResourceName", "ARN"),
    "cacheUserGroups": tagged(tags, "TagList", pages(elasticache.describe_user_groups, "UserGroups"), "ResourceName", "ARN"),
    "fileSystems": [file_system(one) for one in pages(efs.describe_file_systems, "FileSystems")],
    "accessPoints": pages(efs.describe_access_points, "AccessPoints"),
    "secrets": [secret(one) for one in pages(secrets.list_secrets, "SecretList")],
    "logGroups": tagged(logs.list_tags_for_resource, "tags", pages(logs.describe_log_groups, "logGroups"), "resourceArn", "logGroupArn"),
    "keys": [key(one) for one in pages(kms.list_keys, "Keys")],
    "vaults": tagged(backup.list_tags, "Tags", vaults, "ResourceArn", "BackupVaultArn"),
    "recoveryPoints": [
        point
        for vault in vaults
        for point in backup.list_recovery_points_by_backup_vault(BackupVaultName=vault["BackupVaultName"])["RecoveryPoints"]
    ],
    "plans": plans(),
    "roles": [role(one) for one in pages(iam.list_roles, "Roles") if one["Path"] == "/emrstack/"],
}
found = plain(found)
