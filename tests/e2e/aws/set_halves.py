def tagged(tags):
    return tags.get("emrstack.dev/set-id") == set_id


snapshots = rds.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
database = [one for one in snapshots if tagged(tags_of(one.get("TagList")))]
files = []
for vault in backup.list_backup_vaults()["BackupVaultList"]:
    for point in backup.list_recovery_points_by_backup_vault(BackupVaultName=vault["BackupVaultName"])["RecoveryPoints"]:
        if tagged(backup.list_tags(ResourceArn=point["RecoveryPointArn"])["Tags"]):
            files.append(point)
assert all(one["Status"] == "available" for one in database), database
found = {"database": len(database), "files": len(files)}
