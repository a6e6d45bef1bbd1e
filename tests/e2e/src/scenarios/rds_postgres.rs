//! A database of RDS, alone.

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
    let file = repository().join("deploy/samples/rds-postgres.yaml");
    let text = tokio::fs::read_to_string(file).await?;
    let manifest: Value = serde_saphyr::from_str(&text)
        .map_err(|error| Failure::Assertion(format!("the sample is no YAML: {error}")))?;
    Ok(manifest["spec"].clone())
}

const PRIMARY: &str = "primary = [of for of in rds.describe_db_instances()['DBInstances'] \
    if not of.get('ReadReplicaSourceDBInstanceIdentifier')][0]\n";

/// The sample becomes Ready with what it asks for, its Secret leads there over TLS, storage grows, and the API
/// server refuses to make it smaller.
pub async fn is_made_from_the_sample_and_grows(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "rds-postgres").await?;
    clinic.platform().await?;
    let spec = sample().await?;
    let manifest = clinic.manifest("ManagedDatabase", "records", spec.clone());
    clinic.apply(manifest).await?;
    let databases = clinic.api::<ManagedDatabase>();
    let database = until(&databases, "records", "settled", PATIENCE, Told::settled).await?;
    as_the_sample_asks(&clinic).await?;

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
    ensure(
        status
            .reader_endpoint
            .is_some_and(|of| of.contains("-reader-1.")),
        || "status names no reader".to_owned(),
    )?;

    let with = |gb: u32| {
        let mut spec = spec.clone();
        spec["rdsPostgres"]["storage"]["allocatedGb"] = json!(gb);
        clinic.manifest("ManagedDatabase", "records", spec)
    };
    clinic.apply(with(200)).await?;
    until(&databases, "records", "settled", PATIENCE, Told::settled).await?;
    let grown = format!("{PRIMARY}found = primary['AllocatedStorage']");
    same("storage", &clinic.aws.run(&grown).await?, &json!(200))?;
    let refused = format!("{:?}", clinic.apply(with(100)).await.err());
    ensure(
        refused.contains("allocatedGb can't be made smaller"),
        || refused.clone(),
    )?;
    let other = clinic.manifest(
        "ManagedDatabase",
        "records",
        json!({"auroraPostgresql": {}}),
    );
    let refused = format!("{:?}", clinic.apply(other).await.err());
    ensure(refused.contains("the engine is immutable"), || {
        refused.clone()
    })
}

/// AWS's side of the sample.
async fn as_the_sample_asks(clinic: &Clinic) -> Outcome {
    let snippet = format!(
        "{PRIMARY}\
        group = primary['DBParameterGroups'][0]['DBParameterGroupName']\n\
        parameters = {{p['ParameterName']: p.get('ParameterValue') for page in \
            rds.get_paginator('describe_db_parameters').paginate( \
                DBParameterGroupName=group, Source='user') for p in page['Parameters']}}\n\
        found = {{'engine': primary['Engine'], 'version': primary['EngineVersion'], \
            'class': primary['DBInstanceClass'], 'multiAz': primary['MultiAZ'], \
            'storage': [primary['StorageType'], primary['AllocatedStorage'], \
                primary['MaxAllocatedStorage']], \
            'port': primary['Endpoint']['Port'], 'encrypted': primary['StorageEncrypted'], \
            'key': primary['KmsKeyId'] == primary['PerformanceInsightsKMSKeyId'], \
            'protected': primary['DeletionProtection'], 'public': primary['PubliclyAccessible'], \
            'retention': primary['BackupRetentionPeriod'], \
            'windows': [primary['PreferredBackupWindow'], primary['PreferredMaintenanceWindow']], \
            'insights': primary['PerformanceInsightsEnabled'], \
            'tags': primary['CopyTagsToSnapshot'], 'minor': primary['AutoMinorVersionUpgrade'], \
            'iam': primary['IAMDatabaseAuthenticationEnabled'], \
            'authority': primary['CACertificateIdentifier'], \
            'logs': primary['EnabledCloudwatchLogsExports'], \
            'tls': parameters.get('rds.force_ssl'), \
            'timeout': parameters.get('statement_timeout'), \
            'replicas': len(primary['ReadReplicaDBInstanceIdentifiers'])}}"
    );
    let wanted = json!({
        "engine": "postgres", "version": "16.11", "class": "db.r6g.large", "multiAz": true,
        "storage": ["gp3", 100, 1000], "port": 5432, "encrypted": true, "key": true,
        "protected": true, "public": false, "retention": 30,
        "windows": ["03:00-04:00", "sun:04:00-sun:05:00"], "insights": true, "tags": true,
        "minor": false, "iam": false, "authority": "rds-ca-rsa2048-g1",
        "logs": ["postgresql", "upgrade"], "tls": "1", "timeout": "60000", "replicas": 1,
    });
    same("the instance", &clinic.aws.run(&snippet).await?, &wanted)
}
