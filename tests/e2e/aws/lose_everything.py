"""Destroys every DB cluster and file system of the account, and leaves what was copied of them."""

import time


def gone(call, key):
    while call()[key]:
        time.sleep(0.1)


for cluster in rds.describe_db_clusters()["DBClusters"]:
    name = cluster["DBClusterIdentifier"]
    if cluster["DeletionProtection"]:
        rds.modify_db_cluster(DBClusterIdentifier=name, DeletionProtection=False)
    for member in cluster["DBClusterMembers"]:
        rds.delete_db_instance(DBInstanceIdentifier=member["DBInstanceIdentifier"], SkipFinalSnapshot=True)
    while rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]["Status"] != "available":
        time.sleep(0.1)
    rds.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True, DeleteAutomatedBackups=True)
for files in efs.describe_file_systems()["FileSystems"]:
    name = files["FileSystemId"]
    for target in efs.describe_mount_targets(FileSystemId=name)["MountTargets"]:
        efs.delete_mount_target(MountTargetId=target["MountTargetId"])
    gone(lambda: efs.describe_mount_targets(FileSystemId=name), "MountTargets")
    efs.delete_file_system(FileSystemId=name)
gone(rds.describe_db_clusters, "DBClusters")
gone(efs.describe_file_systems, "FileSystems")
