//! EmrPlatform.

use std::{sync::Arc, time::Duration};

use emr_api::{EmrPlatform, conditions};
use emr_sandbox::apply;
use kube::Api;
use serde_json::json;

use crate::{
    Clinic, Outcome, World,
    failure::ensure,
    kinds::{Told, until},
};

/// Network, key, subnet group, vault and role.
pub async fn finds_the_network_and_makes_what_instances_share(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "platform").await?;
    let platform = clinic.platform().await?;
    let status = platform.status.clone().unwrap_or_default();
    ensure(status.zones == Some(3), || format!("zones: {status:?}"))?;
    ensure(
        status.account_id.as_deref() == Some(clinic.aws.account()),
        || format!("{status:?}"),
    )?;
    let found = clinic
        .aws
        .run(
            "group = rds.describe_db_subnet_groups()['DBSubnetGroups'][0]\n\
             key = [a for a in pages(kms.list_aliases, 'Aliases') if a['AliasName'].startswith('alias/emr')][0]\n\
             meta = kms.describe_key(KeyId=key['TargetKeyId'])['KeyMetadata']\n\
             found = {'subnets': sorted(s['SubnetIdentifier'] for s in group['Subnets']),\n\
                      'rotation': kms.get_key_rotation_status(KeyId=meta['KeyId'])['KeyRotationEnabled'],\n\
                      'policy': kms.get_key_policy(KeyId=meta['KeyId'], PolicyName='default')['Policy'],\n\
                      'tags': {t['TagKey']: t['TagValue'] for t in kms.list_resource_tags(KeyId=meta['KeyId'])['Tags']},\n\
                      'vaults': backup.list_backup_vaults()['BackupVaultList'],\n\
                      'plans': plans(),\n\
                      'role': [r for r in pages(iam.list_roles, 'Roles') if r['Path'] == '/emrstack/']}",
        )
        .await?;
    let mut databases: Vec<String> =
        serde_json::from_value(clinic.seeded["databaseSubnetIds"].clone())?;
    databases.sort();
    ensure(found["subnets"] == serde_json::json!(databases), || {
        format!("{found}")
    })?;
    ensure(found["rotation"] == true, || {
        "the key is not rotated".into()
    })?;
    ensure(found["tags"]["team"] == "records", || {
        format!("the user's tags: {found}")
    })?;
    ensure(
        found["tags"]["emrstack.dev/managed-by"] == "emr-operator",
        || format!("{found}"),
    )?;
    ensure(
        found["policy"]
            .as_str()
            .is_some_and(|policy| policy.contains("logs.us-east-1")),
        || "the key policy lets no log group be encrypted".into(),
    )?;
    ensure(
        found["vaults"][0]["EncryptionKeyArn"] == status.kms_key_arn.unwrap_or_default(),
        || format!("the vault's key: {found}"),
    )?;
    backup_plans(&found["plans"])?;
    ensure(
        found["role"]
            .as_array()
            .is_some_and(|roles| roles.len() == 1),
        || format!("{found}"),
    )
}

/// What the seed's `daily_weekly_monthly7_year_retention` means, for what is tagged so.
fn backup_plans(plans: &serde_json::Value) -> Outcome {
    let rule = |cron: &str, kept: u32| json!({"ScheduleExpression": cron, "DeleteAfterDays": kept});
    let hourly = rule("cron(45 * * * ? *)", 35);
    let daily = rule("cron(0 2 * * ? *)", 35);
    let weekly = rule("cron(0 3 ? * SUN *)", 90);
    let monthly = rule("cron(0 4 1 * ? *)", 2555);
    let mut cold = monthly.clone();
    cold["MoveToColdStorageAfterDays"] = json!(90);
    let wanted = json!({
        "database": {"daily": daily, "weekly": weekly, "monthly": monthly},
        "files": {"daily": daily, "weekly": weekly, "monthly": cold},
        "files-hourly": {"hourly": hourly, "daily": daily, "weekly": weekly, "monthly": cold},
    });
    ensure(*plans == wanted, || format!("backup plans: {plans}"))
}

/// A cluster in one zone is Stalled with the remedy, and goes on when a zone is added.
pub async fn one_zone_stalls_and_recovers(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open_in(&world, "one-zone", &["us-east-1a"]).await?;
    apply(&clinic.client(), None, clinic.platform_manifest()).await?;
    let api = Api::<EmrPlatform>::all(clinic.client());
    let stalled = until(
        &api,
        "one-zone",
        "stalled",
        Duration::from_secs(30),
        |platform| platform.says(conditions::STALLED).as_deref() == Some("True"),
    )
    .await?;
    ensure(
        stalled.reason(conditions::STALLED).as_deref() == Some("TooFewZones"),
        || format!("{:?}", stalled.conditions()),
    )?;
    clinic
        .aws
        .run(&format!(
            "for n, (zone, role) in enumerate([('us-east-1b', 'internal-elb'), ('us-east-1b', None)]):\n\
             \x20   tags = [{{'Key': 'kubernetes.io/role/internal-elb', 'Value': '1'}}] if role else \
             [{{'Key': 'emrstack.dev/tier', 'Value': 'database'}}]\n\
             \x20   ec2.create_subnet(VpcId='{}', CidrBlock=f'10.0.{{200 + n}}.0/24', AvailabilityZone=zone, \
             TagSpecifications=[{{'ResourceType': 'subnet', 'Tags': tags}}])",
            clinic.seeded["vpcId"].as_str().unwrap_or_default()
        ))
        .await?;
    // An annotation is how people ask for a look at once; the slow retry would do it too.
    let mut again = clinic.platform_manifest();
    again["metadata"]["annotations"] =
        serde_json::json!({"emrstack.dev/reconcile-requested-at": "now"});
    apply(&clinic.client(), None, again).await?;
    until(
        &api,
        "one-zone",
        "settled",
        Duration::from_mins(1),
        Told::settled,
    )
    .await?;
    Ok(())
}
