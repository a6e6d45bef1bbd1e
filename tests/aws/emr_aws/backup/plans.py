"""Plans and what they cover. A repeated request id answers with what the first one made."""
import re
import uuid

from ministack.core.responses import AccountRegionScopedDict

from .. import lookups
from ..registry import op, page
from ..wire.errors import AwsError
from .jobs import jobs
from .points import check_lifecycle, points
from .vaults import vault

PLANS = AccountRegionScopedDict()
BAD = "InvalidParameterValueException"


def plan(plan_id):
    record = PLANS.get(plan_id)
    if record is None:
        raise AwsError("ResourceNotFoundException", f"Cannot find Backup plan with ID: {plan_id}", 400)
    return record


def tags_of(arn):
    return plan(arn.rsplit(":", 1)[-1])["_tags"]


def _check(wanted):
    if not re.fullmatch(r"[a-zA-Z0-9\-_.]{1,50}", wanted["BackupPlanName"]):
        raise AwsError(BAD, "Backup plan names have 1 to 50 letters, digits, -, _ and .")
    if not wanted.get("Rules"):
        raise AwsError(BAD, "A backup plan needs at least one rule.")
    rules = []
    for rule in wanted["Rules"]:
        vault(rule["TargetBackupVaultName"])
        if not re.fullmatch(r"cron\(\S+ \S+ \S+ \S+ \S+ \S+\)", rule.get("ScheduleExpression") or ""):
            raise AwsError(BAD, f"Invalid cron expression: {rule.get('ScheduleExpression')}")
        rules.append({**rule, "RuleId": str(uuid.uuid4()), "Lifecycle": check_lifecycle(rule.get("Lifecycle"))})
    return {**wanted, "Rules": rules}


def _member(record):
    return {name: record[name] for name in ("BackupPlanArn", "BackupPlanId", "CreationDate", "VersionId",
                                           "CreatorRequestId")} | {"BackupPlanName": record["BackupPlan"]["BackupPlanName"]}


@op("backup", "CreateBackupPlan")
def create(ctx, p):
    token = p.get("CreatorRequestId")
    for record in PLANS.values():
        if token and record["CreatorRequestId"] == token:
            return _member(record)
    body = _check(p["BackupPlan"])
    plan_id = str(uuid.uuid4())
    PLANS[plan_id] = {
        "BackupPlanId": plan_id, "BackupPlanArn": ctx.arn("backup", f"backup-plan:{plan_id}"), "BackupPlan": body,
        "VersionId": uuid.uuid4().hex, "CreationDate": ctx.now, "CreatorRequestId": token,
        "_tags": dict(p.get("BackupPlanTags") or {}), "_selections": {}}
    return _member(PLANS[plan_id])


@op("backup", "UpdateBackupPlan")
def update(ctx, p):
    record = plan(p["BackupPlanId"])
    record["BackupPlan"] = _check(p["BackupPlan"])
    record["VersionId"] = uuid.uuid4().hex
    return _member(record)


@op("backup", "DeleteBackupPlan")
def delete(ctx, p):
    record = plan(p["BackupPlanId"])
    if record["_selections"]:
        raise AwsError("InvalidRequestException", "Related backup plan selections must be deleted prior to backup plan deletion")
    return _member(PLANS.pop(p["BackupPlanId"])) | {"DeletionDate": ctx.now}


@op("backup", "GetBackupPlan")
def get(ctx, p):
    record = plan(p["BackupPlanId"])
    return _member(record) | {"BackupPlan": record["BackupPlan"]}


@op("backup", "ListBackupPlans")
def list_plans(ctx, p):
    found = [_member(record) for record in PLANS.values()]
    items, following = page(found, p.get("MaxResults"), p.get("NextToken"), 1, 1000, 1000, BAD)
    return {"BackupPlansList": items, "NextToken": following}


@op("backup", "CreateBackupSelection")
def select(ctx, p):
    record = plan(p["BackupPlanId"])
    wanted, token = p["BackupSelection"], p.get("CreatorRequestId")
    if not lookups.role_exists(wanted["IamRoleArn"]):
        raise AwsError(BAD, f"IAM Role {wanted['IamRoleArn']} cannot be assumed by AWS Backup")
    for found in record["_selections"].values():
        if token and found["CreatorRequestId"] == token:
            return found
    selection_id = str(uuid.uuid4())
    record["_selections"][selection_id] = {
        "SelectionId": selection_id, "BackupPlanId": p["BackupPlanId"], "CreationDate": ctx.now,
        "SelectionName": wanted["SelectionName"], "IamRoleArn": wanted["IamRoleArn"], "CreatorRequestId": token,
        "BackupSelection": wanted}
    return record["_selections"][selection_id]


def _selection(p):
    found = plan(p["BackupPlanId"])["_selections"].get(p["SelectionId"])
    if found is None:
        raise AwsError("ResourceNotFoundException", f"Cannot find Backup selection with ID: {p['SelectionId']}", 400)
    return found


@op("backup", "GetBackupSelection")
def get_selection(ctx, p):
    return _selection(p)


@op("backup", "ListBackupSelections")
def list_selections(ctx, p):
    found = list(plan(p["BackupPlanId"])["_selections"].values())
    items, following = page(found, p.get("MaxResults"), p.get("NextToken"), 1, 1000, 1000, BAD)
    return {"BackupSelectionsList": items, "NextToken": following}


@op("backup", "DeleteBackupSelection")
def unselect(ctx, p):
    _selection(p)
    plan(p["BackupPlanId"])["_selections"].pop(p["SelectionId"])


def protected():
    """What has a complete recovery point, by ARN, with the newest one."""
    jobs()
    newest = {}
    for record in points().values():
        before = newest.get(record["ResourceArn"])
        if record["Status"] == "COMPLETED" and (before is None or before["CompletionDate"] <= record["CompletionDate"]):
            newest[record["ResourceArn"]] = record
    return {arn: {"ResourceArn": arn, "ResourceType": record["ResourceType"], "LastBackupTime": record["CompletionDate"],
                  "LastBackupVaultArn": record["BackupVaultArn"], "LastRecoveryPointArn": record["RecoveryPointArn"]}
            for arn, record in newest.items()}


@op("backup", "ListProtectedResources")
def list_protected(ctx, p):
    found = [record for _, record in sorted(protected().items())]
    items, following = page(found, p.get("MaxResults"), p.get("NextToken"), 1, 1000, 1000, BAD)
    return {"Results": items, "NextToken": following}


@op("backup", "DescribeProtectedResource")
def describe_protected(ctx, p):
    found = protected().get(p["ResourceArn"])
    if found is None:
        raise AwsError("ResourceNotFoundException", f"{p['ResourceArn']} does not exist.")
    return found
