//! Bad input: refused with the field, the reason and the remedy; nothing is lost.

use std::{sync::Arc, time::Duration};

use emr_api::{EmrInstance, ManagedDatabase, conditions};
use serde_json::json;

use crate::{
    Clinic, Failure, Outcome, World,
    clinic::PATIENCE,
    failure::ensure,
    kinds::{Told, until},
};

/// What the API server refuses, by schema and CEL.
pub async fn by_the_api_server_name_the_field(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "refused").await?;
    let instance = |over: serde_json::Value| clinic.openemr("x", &over);
    let database = |spec: serde_json::Value| clinic.manifest("ManagedDatabase", "x", spec);
    let mysql =
        |capacity: serde_json::Value| database(json!({"auroraMysql": {"capacity": capacity}}));
    let cases = [
        (
            instance(json!({"openemr": null})),
            "exactly one of spec.openemr and spec.medplum",
        ),
        (instance(json!({"hostname": "Not A Host"})), "spec.hostname"),
        (
            instance(json!({"scaling": {"minReplicas": 5, "maxReplicas": 2}})),
            "minReplicas must not exceed spec.scaling.maxReplicas",
        ),
        (
            instance(json!({"access": {"allowedCidrs": ["everybody"]}})),
            "spec.access.allowedCidrs must hold address ranges",
        ),
        (
            instance(json!({"openemr": {"version": "latest"}})),
            "spec.openemr.version",
        ),
        (
            database(json!({})),
            "spec takes exactly one of auroraMysql, auroraPostgresql and rdsPostgres",
        ),
        (
            mysql(json!({"minAcu": 8, "maxAcu": 4})),
            "minAcu must not exceed capacity.maxAcu",
        ),
        (
            mysql(json!({"minAcu": 0.7, "maxAcu": 4})),
            "capacity.minAcu must be a multiple of 0.5",
        ),
        (
            mysql(json!({"minAcu": 0.5, "maxAcu": 300})),
            "capacity.maxAcu",
        ),
        (
            database(json!({"auroraMysql": {"parameters": {"require_secure_transport": "OFF"}}})),
            "require_secure_transport can't be switched off",
        ),
        (
            database(json!({"auroraMysql": {}, "backupRetentionDays": 99})),
            "backupRetentionDays",
        ),
        (
            clinic.manifest("CacheCluster", "x", json!({})),
            "exactly one of serverless and replicationGroup",
        ),
    ];
    for (manifest, expected) in cases {
        match clinic.apply(manifest.clone()).await {
            Ok(()) => return Err(Failure::Assertion(format!("accepted: {manifest}"))),
            Err(failure) => {
                let said = failure.to_string();
                ensure(said.contains(expected), || format!("{expected}: {said}"))?;
            }
        }
    }
    immutable(&clinic).await
}

async fn immutable(clinic: &Clinic) -> Outcome {
    clinic
        .apply(clinic.openemr("fixed", &json!({"profile": "Development"})))
        .await?;
    let mut moved = clinic.openemr("fixed", &json!({"profile": "Development"}));
    moved["spec"]["platformRef"]["name"] = json!("elsewhere");
    let said = clinic
        .apply(moved)
        .await
        .map_or_else(|refused| refused.to_string(), |()| String::new());
    ensure(said.contains("spec.platformRef is immutable"), || {
        said.clone()
    })
}

/// What only AWS, or the neighbourhood, can refuse: stalled with the code and the remedy, and over
/// once the cause is gone.
pub async fn by_aws_stall_and_recover(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "stalls").await?;
    clinic.platform().await?;
    unknown_version(&clinic).await?;
    missing_permission(&clinic).await?;
    quota(&clinic).await?;
    hostname_taken(&clinic).await
}

async fn stalled(clinic: &Clinic, name: &str, reason: &str, says: &str) -> Outcome {
    let databases = clinic.api::<ManagedDatabase>();
    let database = until(
        &databases,
        name,
        reason,
        Duration::from_mins(1),
        |database| database.reason(conditions::STALLED).as_deref() == Some(reason),
    )
    .await?;
    let conditions = database.conditions();
    let message = conditions::find(&conditions, conditions::STALLED)
        .map(|condition| condition.message.clone())
        .unwrap_or_default();
    ensure(message.contains(says), || format!("{says}: {message}"))
}

async fn recovers(clinic: &Clinic, name: &str) -> Outcome {
    until(
        &clinic.api::<ManagedDatabase>(),
        name,
        "settled",
        PATIENCE,
        Told::settled,
    )
    .await?;
    Ok(())
}

async fn unknown_version(clinic: &Clinic) -> Outcome {
    let spec = |version: &str| json!({"auroraMysql": {"engineVersion": version, "readers": 0}});
    let manifest = |version| clinic.manifest("ManagedDatabase", "unknown", spec(version));
    clinic.apply(manifest("8.0.mysql_aurora.3.99.9")).await?;
    stalled(
        clinic,
        "unknown",
        "AwsInvalidRequest",
        "InvalidParameterCombination",
    )
    .await?;
    clinic.apply(manifest("8.0.mysql_aurora.3.10.1")).await?;
    recovers(clinic, "unknown").await
}

/// Recovers by itself: nobody touches the object.
async fn missing_permission(clinic: &Clinic) -> Outcome {
    let aws = &clinic.world.sandbox.aws;
    aws.set_faults(&json!([{
        "account": clinic.aws.account(), "service": "rds", "operation": "CreateDBCluster",
        "kind": "access-denied", "count": null,
    }]))
    .await?;
    let spec = json!({"auroraMysql": {"readers": 0}});
    clinic
        .apply(clinic.manifest("ManagedDatabase", "denied", spec))
        .await?;
    stalled(clinic, "denied", "AwsAccessDenied", "CreateDBCluster").await?;
    aws.set_faults(&json!([])).await?;
    recovers(clinic, "denied").await
}

async fn quota(clinic: &Clinic) -> Outcome {
    let aws = &clinic.world.sandbox.aws;
    let quota = |value: u32| json!([{"account": clinic.aws.account(), "region": "*", "quotaCode": "L-952B80B9", "value": value}]);
    aws.control::<serde_json::Value>("PUT", "quotas", Some(&quota(2)))
        .await?;
    let spec = json!({"auroraMysql": {"readers": 0}});
    clinic
        .apply(clinic.manifest("ManagedDatabase", "third", spec))
        .await?;
    stalled(clinic, "third", "AwsQuotaExceeded", "Service Quotas").await?;
    aws.control::<serde_json::Value>("PUT", "quotas", Some(&json!([])))
        .await?;
    recovers(clinic, "third").await
}

async fn hostname_taken(clinic: &Clinic) -> Outcome {
    let over = json!({"profile": "Development", "hostname": "same.example.org"});
    clinic.apply(clinic.openemr("first", &over)).await?;
    // Ages are told to the second.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    clinic.apply(clinic.openemr("second", &over)).await?;
    until(
        &clinic.api::<EmrInstance>(),
        "second",
        "refusing",
        Duration::from_secs(30),
        |second| second.reason(conditions::STALLED).as_deref() == Some("HostnameTaken"),
    )
    .await?;
    Ok(())
}
