"""Secrets Manager: tokens name versions, names of secrets awaiting deletion stay taken, filters match prefixes."""
from ministack.services import secretsmanager as emulator

from .. import lookups
from ..registry import Forward, op, page
from ..wire.errors import AwsError

SECRETS = emulator._secrets


def _check_key(key):
    if key:
        lookups.key_arn(key, "EncryptionFailure")


def _same(version, p):
    return (version["SecretString"], version["SecretBinary"]) == (p.get("SecretString"), p.get("SecretBinary"))


@op("secretsmanager", "CreateSecret")
def create(ctx, p):
    name, token = p["Name"], p.get("ClientRequestToken")
    _check_token(token)
    _check_key(p.get("KmsKeyId"))
    held = SECRETS.get(name)
    if held is not None:
        if held.get("DeletedDate"):
            raise AwsError("InvalidRequestException", "You can't create this secret because a secret with this name is "
                           "already scheduled for deletion.")
        if token in held["Versions"] and _same(held["Versions"][token], p):
            return {"ARN": held["ARN"], "Name": name, "VersionId": token}
        raise AwsError("ResourceExistsException", f"The operation failed because the secret {name} already exists.")
    if p.get("AddReplicaRegions"):
        raise Forward()
    arn, version = emulator._store_new_secret(
        name, secret_string=p.get("SecretString"), secret_binary=p.get("SecretBinary"),
        description=p.get("Description", ""), tags=p.get("Tags"), kms_key_id=p.get("KmsKeyId"))
    versions = SECRETS[name]["Versions"]
    if p.get("SecretString") is None and p.get("SecretBinary") is None:
        versions.clear()
        return {"ARN": arn, "Name": name}
    if token:
        versions[token] = versions.pop(version)
    return {"ARN": arn, "Name": name, "VersionId": token or version}


def _check_token(token):
    if token is not None and not 32 <= len(token) <= 64:
        raise AwsError("InvalidParameterException", "ClientRequestToken must be 32-64 characters long.")


@op("secretsmanager", "PutSecretValue")
def put(ctx, p):
    token = p.get("ClientRequestToken")
    _check_token(token)
    _, held = emulator._resolve(p["SecretId"])
    if held is not None and not held.get("DeletedDate") and token in held["Versions"]:
        version = held["Versions"][token]
        if not _same(version, p):
            raise AwsError("ResourceExistsException", "You can't use ClientRequestToken "
                           f"{token} because that value is already in use for a version of secret {held['ARN']}.")
        return {"ARN": held["ARN"], "Name": held["Name"], "VersionId": token, "VersionStages": version["Stages"]}
    # The emulator counts whole seconds, in which two changes of a fast test look like one.
    raise Forward(after=lambda: held.update(LastChangedDate=ctx.now))


@op("secretsmanager", "UpdateSecret")
def update(ctx, p):
    _check_key(p.get("KmsKeyId"))
    raise Forward()


@op("secretsmanager", "ListSecrets")
def list_secrets(ctx, p):
    found = [record for record in SECRETS.values() if p.get("IncludePlannedDeletion") or not record.get("DeletedDate")]
    for item in p.get("Filters") or []:
        read = {"name": lambda record: [record["Name"]], "description": lambda record: [record.get("Description") or ""],
                "tag-key": lambda record: [tag["Key"] for tag in record.get("Tags") or []],
                "tag-value": lambda record: [tag.get("Value", "") for tag in record.get("Tags") or []],
                "all": lambda record: [record["Name"], record.get("Description") or ""]
                + [text for tag in record.get("Tags") or [] for text in (tag["Key"], tag.get("Value", ""))]}
        if item.get("Key") not in read:
            raise AwsError("InvalidParameterException", f"The filter {item.get('Key')} is not known.")
        found = [record for record in found if _passes(read[item["Key"]](record), item.get("Values") or [])]
    found.sort(key=lambda record: (record["CreatedDate"], record["Name"]), reverse=p.get("SortOrder") != "asc")
    items, following = page(found, p.get("MaxResults"), p.get("NextToken"), 1, 100, 100, "InvalidNextTokenException")
    return {"NextToken": following, "SecretList": [
        {**record, "SecretVersionsToStages": emulator._vid_to_stages(record)} for record in items]}


def _passes(texts, values):
    """Prefix match, as AWS has it; a value that begins with `!` excludes."""
    wanted = [value for value in values if not value.startswith("!")]
    banned = [value[1:] for value in values if value.startswith("!")]
    return (not wanted or any(text.startswith(value) for text in texts for value in wanted)) and not any(
        text.startswith(value) for text in texts for value in banned)
