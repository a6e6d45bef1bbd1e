ours = [
    group
    for group in pages(ec2.describe_security_groups, "SecurityGroups")
    if "emrstack.dev/managed-by" in tags_of(group.get("Tags"))
]
found = {
    "clusters": {
        c["DBClusterIdentifier"]: sorted(m["DBInstanceIdentifier"] for m in c["DBClusterMembers"])
        for c in pages(rds.describe_db_clusters, "DBClusters")
    },
    "instances": sorted(i["DBInstanceIdentifier"] for i in pages(rds.describe_db_instances, "DBInstances")),
    "snapshots": sorted(
        s["DBClusterSnapshotIdentifier"]
        for s in pages(rds.describe_db_cluster_snapshots, "DBClusterSnapshots")
    ),
    "subnetGroups": sorted(g["DBSubnetGroupName"] for g in pages(rds.describe_db_subnet_groups, "DBSubnetGroups")),
    "parameterGroups": sorted(
        g["DBClusterParameterGroupName"]
        for g in pages(rds.describe_db_cluster_parameter_groups, "DBClusterParameterGroups")
        if g["DBClusterParameterGroupName"].startswith("emr-")
    ),
    "securityGroups": sorted(group["GroupName"] for group in ours),
    "caches": sorted(c["ServerlessCacheName"] for c in pages(elasticache.describe_serverless_caches, "ServerlessCaches")),
    "cacheUsers": sorted(u["UserId"] for u in pages(elasticache.describe_users, "Users") if u["UserId"] != "default"),
    "cacheUserGroups": sorted(g["UserGroupId"] for g in pages(elasticache.describe_user_groups, "UserGroups")),
    "fileSystems": sorted(f["CreationToken"] for f in pages(efs.describe_file_systems, "FileSystems")),
    "accessPoints": sorted(a["ClientToken"] for a in pages(efs.describe_access_points, "AccessPoints")),
    "secrets": sorted(s["Name"] for s in pages(secrets.list_secrets, "SecretList")),
    "logGroups": sorted(g["logGroupName"] for g in pages(logs.describe_log_groups, "logGroups")),
    "aliases": sorted(a["AliasName"] for a in pages(kms.list_aliases, "Aliases") if a["AliasName"].startswith("alias/emr")),
    "keys": len(pages(kms.list_keys, "Keys")),
    "vaults": sorted(v["BackupVaultName"] for v in backup.list_backup_vaults()["BackupVaultList"]),
    "plans": sorted(plans()),
    "roles": sorted(r["RoleName"] for r in pages(iam.list_roles, "Roles") if r["Path"] == "/emrstack/"),
}
