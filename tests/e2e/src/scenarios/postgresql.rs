//! A database of the other engine, alone.

use std::sync::Arc;

use emr_api::ManagedDatabase;
use k8s_openapi::api::core::v1::Secret;
use serde_json::{Value, json};

use crate::{
    Clinic, Failure, Outcome, World,
    clinic::PATIENCE,
    failure::{ensure, same},
    kinds::{Told, until},
    world::repository,
};

/// The sample's spec.
async fn sample() -> Outcome<Value> {
    let file = repository().join("deploy/samples/postgresql.yaml");
    let text = tokio::fs::read_to_string(file).await?;
    let manifest: Value = serde_saphyr::from_str(&text)
        .map_err(|error| Failure::Assertion(format!("the sample is no YAML: {error}")))?;
    Ok(manifest["spec"].clone())
}

/// The sample becomes Ready with what it asks for, its Secret leads there over TLS, and the API server
/// refuses to make it one of MySQL.
pub async fn is_made_from_the_sample_and_stays_what_it_is(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "postgresql").await?;
    clinic.platform().await?;
    let spec = sample().await?;
    clinic
        .apply(clinic.manifest("ManagedDatabase", "records", spec))
        .await?;
    let databases = clinic.api::<ManagedDatabase>();
    let database = until(&databases, "records", "settled", PATIENCE, Told::settled).await?;
    let snippet = "cluster = rds.describe_db_clusters()['DBClusters'][0]\n\
        group = cluster['DBClusterParameterGroup']\n\
        parameters = {p['ParameterName']: p.get('ParameterValue') for page in \
            rds.get_paginator('describe_db_cluster_parameters').paginate( \
                DBClusterParameterGroupName=group, Source='user') for p in page['Parameters']}\n\
        found = {'engine': cluster['Engine'], 'version': cluster['EngineVersion'], \
            'port': cluster['Port'], 'encrypted': cluster['StorageEncrypted'], \
            'protected': cluster['DeletionProtection'], \
            'logs': cluster.get('EnabledCloudwatchLogsExports'), \
            'tls': parameters.get('rds.force_ssl'), \
            'timeout': parameters.get('statement_timeout'), \
            'members': len(cluster['DBClusterMembers'])}";
    let wanted = json!({
        "engine": "aurora-postgresql", "version": "16.6", "port": 5432, "encrypted": true,
        "protected": true, "logs": ["postgresql"], "tls": "1", "timeout": "60000", "members": 2,
    });
    same("the cluster", &clinic.aws.run(snippet).await?, &wanted)?;
    let status = database.status.unwrap_or_default();
    let name = status.master_secret_ref.map(|of| of.name);
    let secrets = clinic.api::<Secret>();
    let secret = secrets.get(&name.unwrap_or_default()).await?;
    let binding = secret.data.unwrap_or_default();
    let text = |key: &str| {
        let value = binding.get(key).map(|value| value.0.clone());
        String::from_utf8(value.unwrap_or_default()).unwrap_or_default()
    };
    same("type", &text("type"), &"postgresql".to_owned())?;
    same("host", &Some(text("host")), &status.endpoint)?;
    ensure(text("ca.crt").contains("BEGIN CERTIFICATE"), || {
        text("ca.crt")
    })?;

    let other = clinic.manifest("ManagedDatabase", "records", json!({"auroraMysql": {}}));
    let refused = format!("{:?}", clinic.apply(other).await.err());
    ensure(refused.contains("the engine is immutable"), || {
        refused.clone()
    })
}
