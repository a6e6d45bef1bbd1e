"""Importing this module registers every operation answered here."""
from . import quotas  # noqa: F401
from .rds import clusters, engines, instances, parameters, restore, snapshots, subnets  # noqa: F401
