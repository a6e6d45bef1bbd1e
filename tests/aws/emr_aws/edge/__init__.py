"""Services that the emulator answers well, with the rules it lacks set in front of them."""
from . import groups, iam, kms, logs, network, s3, secrets  # noqa: F401
