//! Changes of a running instance.

use std::{sync::Arc, time::Duration};

use emr_api::{EmrInstance, ManagedDatabase, conditions, emr_instance::DatabaseUser, labels};
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use crate::{
    Clinic, Outcome, World,
    clinic::PATIENCE,
    failure::ensure,
    kinds::{Told, until},
};

const CLUSTER: &str = "c = rds.describe_db_clusters()['DBClusters'][0]\n";

/// Capacity, parameters and profile change in place; what would replace the database is refused
/// with the reason, and nothing is lost by asking.
pub async fn are_made_in_place_and_a_replacement_is_refused(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "updates").await?;
    clinic.platform().await?;
    clinic
        .apply(clinic.openemr("lakeside", &json!({"profile": "Staging"})))
        .await?;
    clinic.ready("lakeside").await?;
    let before = clinic
        .aws
        .run(&format!("{CLUSTER}found = c['DbClusterResourceId']"))
        .await?;

    capacity_and_parameters(&clinic).await?;
    profile(&clinic).await?;
    database_user(&clinic).await?;
    replacement(&clinic).await?;

    let after = clinic
        .aws
        .run(&format!("{CLUSTER}found = c['DbClusterResourceId']"))
        .await?;
    ensure(before == after, || {
        format!("another database: {before} became {after}")
    })
}

async fn patch(clinic: &Clinic, spec: Value) -> Outcome {
    let patch = Patch::Merge(json!({"spec": spec}));
    clinic
        .api::<EmrInstance>()
        .patch("lakeside", &PatchParams::default(), &patch)
        .await?;
    Ok(())
}

/// The other database user takes the place of the first, by two Jobs and one roll of the pods.
async fn database_user(clinic: &Clinic) -> Outcome {
    let ask = json!({"metadata": {"annotations": {labels::ROTATE_DATABASE_USER: "spring"}}});
    let api = clinic.api::<EmrInstance>();
    let params = PatchParams::default();
    api.patch("lakeside", &params, &Patch::Merge(&ask)).await?;
    let rotated = |instance: &EmrInstance| {
        let status = instance.status.as_ref();
        let users = status.and_then(|status| status.database_users.as_ref());
        users.is_some_and(|users| users.rotation.is_none() && users.active == DatabaseUser::B)
            && instance.says(conditions::DATABASE_USER_ROTATED).as_deref() == Some("True")
            && instance.settled()
    };
    until(&api, "lakeside", "signed in as another", PATIENCE, rotated).await?;
    let names = "found = sorted(s['Name'].rsplit('/', 1)[-1] for s in \
                 client('secretsmanager').list_secrets()['SecretList'])";
    let found = clinic.aws.run(names).await?;
    let has = |name: &str| {
        found
            .as_array()
            .is_some_and(|all| all.iter().any(|of| of == name))
    };
    ensure(has("app-a") && has("app-b"), || found.to_string())
}

async fn capacity_and_parameters(clinic: &Clinic) -> Outcome {
    let managed = json!({
        "capacity": {"minAcu": 1.5, "maxAcu": 32},
        "parameters": {"innodb_lock_wait_timeout": "77"},
    });
    patch(clinic, json!({"database": {"managed": managed}})).await?;
    let changed = |database: &ManagedDatabase| {
        database.settled()
            && database
                .spec
                .aurora_mysql
                .as_ref()
                .is_some_and(|mysql| (mysql.capacity.max_acu - 32.0).abs() < f64::EPSILON)
    };
    until(&clinic.api(), "lakeside", "changed", PATIENCE, changed).await?;
    let found = clinic
        .aws
        .run(&format!(
            "{CLUSTER}parameters = pages(rds.describe_db_cluster_parameters, 'Parameters', \
             DBClusterParameterGroupName=c['DBClusterParameterGroup'], Source='user')\n\
             found = [c['ServerlessV2ScalingConfiguration'], \
             {{p['ParameterName']: p['ParameterValue'] for p in parameters}}]"
        ))
        .await?;
    ensure(
        found[0]["MinCapacity"] == 1.5 && found[0]["MaxCapacity"] == 32.0,
        || format!("capacity: {}", found[0]),
    )?;
    ensure(found[1]["innodb_lock_wait_timeout"] == "77", || {
        format!("parameters: {}", found[1])
    })?;
    ensure(found[1]["require_secure_transport"] == "ON", || {
        "TLS is not forced any more".into()
    })
}

/// Staging becomes Production: a reader comes, the key stays that of the platform.
async fn profile(clinic: &Clinic) -> Outcome {
    patch(clinic, json!({"profile": "Production"})).await?;
    let grown = |database: &ManagedDatabase| {
        database.settled()
            && database
                .spec
                .aurora_mysql
                .as_ref()
                .is_some_and(|m| m.readers == 1)
    };
    until(&clinic.api(), "lakeside", "grown", PATIENCE, grown).await?;
    clinic.ready("lakeside").await?;
    let found = clinic
        .aws
        .run("found = [len(rds.describe_db_instances()['DBInstances']), len(kms.list_keys()['Keys'])]")
        .await?;
    ensure(found[0] == 2, || format!("{} members", found[0]))?;
    ensure(found[1] == 1, || {
        format!("{} keys: the key is decided at creation", found[1])
    })
}

async fn replacement(clinic: &Clinic) -> Outcome {
    patch(
        clinic,
        json!({"database": {"managed": {"engineVersion": "8.0.mysql_aurora.3.08.0"}}}),
    )
    .await?;
    let databases = clinic.api::<ManagedDatabase>();
    let stalled = |database: &ManagedDatabase| {
        database.reason(conditions::STALLED).as_deref() == Some("ReplacementRefused")
    };
    let database = until(
        &databases,
        "lakeside",
        "refusing",
        Duration::from_secs(30),
        stalled,
    )
    .await?;
    ensure(
        database.says(conditions::READY).as_deref() == Some("True"),
        || {
            format!(
                "a refused change made the database unready: {:?}",
                database.conditions()
            )
        },
    )?;
    patch(
        clinic,
        json!({"database": {"managed": {"engineVersion": null}}}),
    )
    .await?;
    until(
        &databases,
        "lakeside",
        "settled",
        Duration::from_secs(30),
        Told::settled,
    )
    .await?;
    Ok(())
}
