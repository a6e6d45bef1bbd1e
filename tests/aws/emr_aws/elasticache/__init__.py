"""ElastiCache: serverless caches with users, user groups and snapshots; replication groups with subnet and parameter groups."""
