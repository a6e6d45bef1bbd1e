"""KMS: pages of keys, policies that are JSON, and no changes to a key that is pending deletion."""
import json

from ministack.services import kms as emulator

from ..registry import Forward, op, page
from ..wire.errors import AwsError


def _check_policy(text):
    if text is None:
        return
    try:
        ok = isinstance(json.loads(text).get("Statement"), list)
    except (ValueError, AttributeError):
        ok = False
    if not ok:
        raise AwsError("MalformedPolicyDocumentException", "The new key policy is not a valid policy document.")


def _check_state(key):
    record = emulator._resolve_key(key)
    if record is not None and record["KeyState"] == "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{record['Arn']} is pending deletion.")


@op("kms", "CreateKey", "PutKeyPolicy")
def with_policy(ctx, p):
    _check_policy(p.get("Policy"))
    _check_state(p.get("KeyId"))
    raise Forward()


@op("kms", "TagResource", "UntagResource", "UpdateKeyDescription", "CreateAlias", "EnableKeyRotation")
def change(ctx, p):
    _check_state(p.get("KeyId") or p.get("TargetKeyId"))
    raise Forward()


@op("kms", "ListKeys")
def list_keys(ctx, p):
    found = sorted(emulator._keys.values(), key=lambda record: record["KeyId"])
    items, following = page(found, p.get("Limit"), p.get("Marker"), 1, 1000, 100, "ValidationException")
    return {"Keys": [{"KeyId": record["KeyId"], "KeyArn": record["Arn"]} for record in items],
            "NextMarker": following, "Truncated": following is not None}


@op("kms", "ListAliases")
def list_aliases(ctx, p):
    record = emulator._resolve_key(p["KeyId"]) if p.get("KeyId") else None
    if p.get("KeyId") and record is None:
        raise AwsError("NotFoundException", f"Key '{p['KeyId']}' does not exist")
    found = sorted((arn, key) for arn, key in emulator._aliases.items() if record is None or key == record["KeyId"])
    items, following = page(found, p.get("Limit"), p.get("Marker"), 1, 100, 50, "ValidationException")
    return {"NextMarker": following, "Truncated": following is not None, "Aliases": [
        {"AliasName": arn.split(":", 5)[5], "AliasArn": arn, "TargetKeyId": key, **(emulator._alias_dates.get(arn) or {})}
        for arn, key in items]}
