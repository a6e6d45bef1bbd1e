"""What RDS tells of an account: use and limit of each of its quotas, without parameters and without pages."""
from ..quotas import value
from ..registry import op
from .common import CLUSTERS, INSTANCES, PARAMETER_GROUPS, SNAPSHOTS, SUBNET_GROUPS

# AWS's name, its code in Service Quotas (None: not enforced here, AWS's default), what counts.
_COUNTED = [
    ("DBClusters", "L-952B80B9", lambda: len(CLUSTERS)),
    ("DBInstances", "L-7B6409FD", lambda: len(INSTANCES)),
    ("DBClusterParameterGroups", "L-E4C808A8",
     lambda: sum(1 for name in PARAMETER_GROUPS if not name.startswith("default."))),
    ("DBSubnetGroups", "L-48C6BF61", lambda: sum(1 for name in SUBNET_GROUPS if name != "default")),
    ("ManualClusterSnapshots", "L-9B510759",
     lambda: sum(1 for item in SNAPSHOTS.values() if item["SnapshotType"] == "manual")),
    ("AllocatedStorage", 100000, lambda: 0),
    ("ReservedDBInstances", 40, lambda: 0),
    ("SubnetsPerDBSubnetGroup", 20,
     lambda: max((len(record["Subnets"]) for record in SUBNET_GROUPS.values()), default=0)),
]


@op("rds", "DescribeAccountAttributes")
def describe(ctx, p):
    return {"AccountQuotas": [
        {"AccountQuotaName": name, "Used": used(), "Max": int(value(ctx, limit)) if isinstance(limit, str) else limit}
        for name, limit, used in _COUNTED]}
