"""Engine versions: one list for what may be created and for what is described."""
import re

from ..registry import Forward, op, page
from ..wire.errors import AwsError

_MINORS = ["04.0", "04.1", "04.2", "04.3", "04.4", "05.2", "06.0", "06.1", "07.1", "08.0", "08.1", "08.2", "09.0",
           "10.0", "10.1", "10.2", "10.3", "11.0", "11.1", "12.0"]
AURORA_MYSQL = [f"8.0.mysql_aurora.3.{minor}" for minor in _MINORS]
DEFAULT = "8.0.mysql_aurora.3.08.2"
FAMILY = "aurora-mysql8.0"
LOG_TYPES = ["audit", "error", "general", "iam-db-auth-error", "instance", "slowquery"]


def require_version(engine, version):
    """The version to use; one that AWS does not have is refused in its words."""
    if engine == "aurora-mysql":
        if version in (None, "", "8.0"):
            return DEFAULT
        if version in AURORA_MYSQL:
            return version
    elif engine == "aurora-postgresql":
        if not version:
            return "16.6"
        if re.fullmatch(r"1[1-7]\.\d{1,2}", version):
            return version
    else:
        raise AwsError("InvalidParameterValue", f"Invalid DB engine: {engine}")
    raise AwsError("InvalidParameterCombination", f"Cannot find version {version} for {engine}")


def family(engine, version):
    return FAMILY if engine == "aurora-mysql" else f"aurora-postgresql{version.split('.')[0]}"


@op("rds", "DescribeDBEngineVersions")
def describe(ctx, p):
    if p.get("Engine") != "aurora-mysql":
        raise Forward()
    wanted = p.get("EngineVersion")
    versions = [version for version in AURORA_MYSQL
                if not wanted or version == wanted or (wanted == "8.0" and version.startswith("8.0."))]
    if p.get("DefaultOnly"):
        versions = [DEFAULT]
    if p.get("DBParameterGroupFamily") not in (None, FAMILY):
        versions = []
    items, following = page(versions, p.get("MaxRecords"), p.get("Marker"), 20, 100, 100)
    return {"Marker": following, "DBEngineVersions": [{
        "Engine": "aurora-mysql", "EngineVersion": version, "DBParameterGroupFamily": FAMILY,
        "DBEngineDescription": "Aurora MySQL", "DBEngineVersionDescription": f"Aurora MySQL {version.split('_aurora.')[1]}",
        "ExportableLogTypes": LOG_TYPES, "SupportsLogExportsToCloudwatchLogs": True, "SupportsReadReplica": False,
        "SupportedEngineModes": ["provisioned"], "Status": "available", "SupportsGlobalDatabases": True,
        "SupportsParallelQuery": True, "SupportsLocalWriteForwarding": True,
        "ServerlessV2FeaturesSupport": {"MinCapacity": 0.0 if version >= "8.0.mysql_aurora.3.08.0" else 0.5,
                                        "MaxCapacity": 256.0},
        "ValidUpgradeTarget": [{"Engine": "aurora-mysql", "EngineVersion": later, "Description": later,
                                "AutoUpgrade": False, "IsMajorVersionUpgrade": False}
                               for later in AURORA_MYSQL[AURORA_MYSQL.index(version) + 1:]],
    } for version in items]}
