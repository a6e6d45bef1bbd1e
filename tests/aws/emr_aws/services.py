"""Importing this module registers every operation answered here."""
from . import quotas  # noqa: F401
from .rds import (account, clusters, copies, engines, instance_parameters, instances, parameters, restore,  # noqa: F401
                  snapshots, subnets)  # noqa: F401
from .backup import jobs, plans, points, restores, vaults  # noqa: F401
from .efs import accesspoints, filesystems, mounts  # noqa: F401
from .elasticache import replication, serverless, users  # noqa: F401
from . import edge  # noqa: F401
