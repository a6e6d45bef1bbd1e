"""ElastiCache Serverless with its users, user groups and snapshots. Node-based caches stay with the emulator."""
