"""Service Quotas: what may be listed is what is enforced when something is created.

Values are AWS's defaults; a test lowers one through the control API and sees the refusal that a full
account gives.
"""
from .registry import op, page
from .wire.errors import AwsError

_QUOTAS = {
    "L-952B80B9": ("rds", "DB clusters", 40.0, True),
    "L-7B6409FD": ("rds", "DB instances", 40.0, True),
    "L-48C6BF61": ("rds", "DB subnet groups", 50.0, True),
    "L-E4C808A8": ("rds", "DB cluster parameter groups", 50.0, False),
    "L-9B510759": ("rds", "Manual DB cluster snapshots", 100.0, True),
    "L-272F1212": ("rds", "Manual DB instance snapshots", 100.0, True),
    "L-BBCDAECC": ("elasticache", "Serverless Caches per Region", 40.0, True),
    "L-848C634D": ("elasticfilesystem", "File systems per account", 1000.0, True),
}
_NAMES = {"rds": "Amazon Relational Database Service (Amazon RDS)", "elasticfilesystem": "Amazon Elastic File System (EFS)",
          "elasticache": "Amazon ElastiCache"}
_OVERRIDES = {}   # (account or *, region or *, code) -> value


def override(items):
    """Set quota values; the list replaces all earlier ones."""
    wanted = {}
    for item in items:
        code = item.get("quotaCode")
        if code not in _QUOTAS:
            raise AwsError("UnknownQuota", f"quotaCode must be one of {sorted(_QUOTAS)}", 400)
        wanted[(item.get("account", "*"), item.get("region", "*"), code)] = float(item["value"])
    _OVERRIDES.clear()
    _OVERRIDES.update(wanted)
    return overrides()


def overrides():
    return [{"account": account, "region": region, "quotaCode": code, "value": value}
            for (account, region, code), value in _OVERRIDES.items()]


def value(ctx, code):
    for key in ((ctx.account, ctx.region, code), (ctx.account, "*", code), ("*", ctx.region, code), ("*", "*", code)):
        if key in _OVERRIDES:
            return _OVERRIDES[key]
    return _QUOTAS[code][2]


def enforce(ctx, code, existing, error):
    """Refuse one more than the quota allows, with the error of the service."""
    if existing + 1 > value(ctx, code):
        raise AwsError(error, f"{_QUOTAS[code][1]} quota exceeded: at most {int(value(ctx, code))}.")


def _view(ctx, code, applied=True):
    service, name, default, adjustable = _QUOTAS[code]
    return {"ServiceCode": service, "ServiceName": _NAMES[service], "QuotaCode": code, "QuotaName": name,
            "QuotaArn": ctx.arn("servicequotas", f"{service}/{code}"), "Unit": "None", "Adjustable": adjustable,
            "GlobalQuota": False, "Value": value(ctx, code) if applied else default}


def _codes(service):
    codes = [code for code, quota in _QUOTAS.items() if quota[0] == service]
    if not codes:
        raise AwsError("NoSuchResourceException", f"The service {service} has no quotas here.")
    return codes


@op("servicequotas", "ListServiceQuotas")
def list_service_quotas(ctx, p):
    items, following = page(_codes(p["ServiceCode"]), p.get("MaxResults"), p.get("NextToken"), 1, 100, 100,
                            "InvalidPaginationTokenException")
    return {"Quotas": [_view(ctx, code) for code in items], "NextToken": following}


@op("servicequotas", "ListAWSDefaultServiceQuotas")
def list_default_quotas(ctx, p):
    items, following = page(_codes(p["ServiceCode"]), p.get("MaxResults"), p.get("NextToken"), 1, 100, 100,
                            "InvalidPaginationTokenException")
    return {"Quotas": [_view(ctx, code, False) for code in items], "NextToken": following}


@op("servicequotas", "GetServiceQuota")
def get_service_quota(ctx, p):
    if p["QuotaCode"] not in _codes(p["ServiceCode"]):
        raise AwsError("NoSuchResourceException", "The request failed because the specified quota does not exist.")
    return {"Quota": _view(ctx, p["QuotaCode"])}


@op("servicequotas", "GetAWSDefaultServiceQuota")
def get_default_quota(ctx, p):
    if p["QuotaCode"] not in _codes(p["ServiceCode"]):
        raise AwsError("NoSuchResourceException", "The request failed because the specified quota does not exist.")
    return {"Quota": _view(ctx, p["QuotaCode"], False)}
