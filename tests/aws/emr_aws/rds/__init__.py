"""RDS as Aurora MySQL shows it: clusters, members, snapshots, groups.

Records stay in the emulator's own dictionaries, so that what it answers itself (failover, stop and start,
global clusters, proxies) acts on the same resources.
"""
