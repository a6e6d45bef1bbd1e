"""Clients for snippets, and the way their result leaves the process."""

import datetime
import json
import os
import sys

import boto3
from botocore.config import Config

_config = Config(retries={"max_attempts": 2}, s3={"addressing_style": "path"})


def client(service):
    return boto3.client(service, region_name=os.environ["AWS_REGION"], config=_config)


rds, efs, ec2, kms = client("rds"), client("efs"), client("ec2"), client("kms")
secrets, logs, backup = client("secretsmanager"), client("logs"), client("backup")
elasticache, iam, eks = client("elasticache"), client("iam"), client("eks")
found = None


def tags_of(pairs):
    return {pair["Key"]: pair["Value"] for pair in pairs or []}


def pages(call, key, **arguments):
    paginator = call.__self__.get_paginator(call.__name__)
    return [item for page in paginator.paginate(**arguments) for item in page[key]]


def show(value):
    def plain(thing):
        if isinstance(thing, (datetime.datetime, datetime.date)):
            return thing.isoformat()
        return str(thing)

    json.dump(value, sys.stdout, default=plain)


def plans():
    """The rules of each backup plan, by the value of the tag that it selects by and by name."""
    found = {}
    for listed in backup.list_backup_plans()["BackupPlansList"]:
        plan = {"BackupPlanId": listed["BackupPlanId"]}
        rules = {}
        for rule in backup.get_backup_plan(**plan)["BackupPlan"]["Rules"]:
            rules[rule["RuleName"]] = {"ScheduleExpression": rule["ScheduleExpression"], **rule["Lifecycle"]}
        for chosen in backup.list_backup_selections(**plan)["BackupSelectionsList"]:
            selection = backup.get_backup_selection(**plan, SelectionId=chosen["SelectionId"])["BackupSelection"]
            for tag in selection["ListOfTags"]:
                assert (tag["ConditionType"], tag["ConditionKey"]) == ("STRINGEQUALS", "emrstack.dev/backup"), tag
                found[tag["ConditionValue"]] = rules
    return found
