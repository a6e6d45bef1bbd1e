//! Medplum, from its samples up to Ready, with what seed 001 asks for on AWS's side.

use std::sync::Arc;

use emr_api::EmrInstance;
use k8s_openapi::api::core::v1::Secret;
use serde_json::{Value, json};

use crate::{
    Clinic, Failure, Outcome, World,
    failure::{ensure, same},
    world::repository,
};

/// The instance of a sample file, in a scenario's corner of the world.
pub async fn manifest(clinic: &Clinic, file: &str) -> Outcome<Value> {
    let text = tokio::fs::read_to_string(repository().join("deploy/samples").join(file)).await?;
    let documents: Vec<Value> = serde_saphyr::from_multiple(&text)
        .map_err(|error| Failure::Assertion(format!("the sample is no YAML: {error}")))?;
    let mut instance = documents
        .into_iter()
        .find(|document| document["kind"] == "EmrInstance")
        .ok_or_else(|| Failure::Assertion("the sample has no EmrInstance".into()))?;
    let name = instance["metadata"]["name"].as_str().unwrap_or_default();
    let hostname = format!("{name}.{}.example.org", clinic.namespace);
    instance["metadata"]["namespace"] = json!(clinic.namespace);
    instance["spec"]["hostname"] = json!(hostname);
    instance["spec"]["platformRef"] = json!({"name": clinic.namespace});
    Ok(instance)
}

/// Production as the seed has it: database and cache in two zones, a closed bucket, four pods, and a
/// configuration that leads to all of it over TLS.
pub async fn becomes_ready_as_its_samples_ask(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "medplum").await?;
    clinic.platform().await?;
    clinic
        .apply(manifest(&clinic, "medplum.yaml").await?)
        .await?;
    let instance = clinic.ready("lakeside").await?;
    let status = instance.status.clone().unwrap_or_default();
    same("version", &status.version.as_deref(), &Some("4.3.15"))?;
    on_awss_side(&clinic).await?;
    configuration(&clinic, &instance).await?;

    let small = manifest(&clinic, "medplum-development.yaml").await?;
    clinic.apply(small).await?;
    clinic.ready("brookside").await?;
    Ok(())
}

async fn on_awss_side(clinic: &Clinic) -> Outcome {
    let snippet = "\
        db = [of for of in rds.describe_db_instances()['DBInstances']][0]\n\
        s3 = client('s3')\n\
        cache = elasticache.describe_replication_groups()['ReplicationGroups'][0]\n\
        bucket = [of['Name'] for of in s3.list_buckets()['Buckets'] if not of['Name'].endswith('-logs')][0]\n\
        rule = s3.get_bucket_encryption(Bucket=bucket)['ServerSideEncryptionConfiguration']['Rules'][0]\n\
        moves = [t for r in s3.get_bucket_lifecycle_configuration(Bucket=bucket)['Rules'] \
            for t in r.get('Transitions', [])]\n\
        found = {'engine': db['Engine'], 'class': db['DBInstanceClass'], 'zones': db['MultiAZ'], \
            'storage': db['StorageType'], 'encrypted': db['StorageEncrypted'], \
            'days': db['BackupRetentionPeriod'], 'window': db['PreferredBackupWindow'], \
            'nodes': len(cache['MemberClusters']), 'node': cache['CacheNodeType'], \
            'multiAz': cache['MultiAZ'], 'failover': cache['AutomaticFailover'], \
            'tls': cache['TransitEncryptionEnabled'], 'auth': cache['AuthTokenEnabled'], \
            'versioned': s3.get_bucket_versioning(Bucket=bucket)['Status'], \
            'sse': rule['ApplyServerSideEncryptionByDefault']['SSEAlgorithm'], \
            'closed': all(s3.get_public_access_block(Bucket=bucket)['PublicAccessBlockConfiguration'].values()), \
            'moves': {t['StorageClass']: t['Days'] for t in moves}}";
    let wanted = json!({
        "engine": "postgres", "class": "db.r6g.2xlarge", "zones": true, "storage": "gp3",
        "encrypted": true, "days": 30, "window": "03:00-04:00",
        "nodes": 2, "node": "cache.r6g.large", "multiAz": "enabled", "failover": "enabled",
        "tls": true, "auth": true, "versioned": "Enabled", "sse": "aws:kms", "closed": true,
        "moves": {"STANDARD_IA": 90, "GLACIER_IR": 365},
    });
    same("AWS", &clinic.aws.run(snippet).await?, &wanted)
}

/// What the server reads leads to the stores, verifies who they are, and holds no master user.
async fn configuration(clinic: &Clinic, instance: &EmrInstance) -> Outcome {
    let secrets = clinic.api::<Secret>();
    let secret = secrets.get("lakeside-medplum-config").await?;
    let data = secret.data.unwrap_or_default();
    let file = data.get("api.json").map(|file| file.0.clone());
    let config: Value = serde_json::from_slice(&file.unwrap_or_default())?;
    let hostname = &instance.spec.hostname;
    ensure(
        config["appBaseUrl"] == json!(format!("https://{hostname}/")),
        || config["appBaseUrl"].to_string(),
    )?;
    same("user", &config["database"]["username"], &json!("medplum_a"))?;
    let tls = &config["database"]["ssl"];
    same("verified", &tls["rejectUnauthorized"], &json!(true))?;
    let key = config["signingKey"].as_str().unwrap_or_default();
    ensure(key.contains("ENCRYPTED PRIVATE KEY"), || {
        "the signing key is not sealed".to_owned()
    })?;
    // The pool runs the jobs, so the pods of the API run none.
    same("jobs", &config["workers"]["enabled"], &json!([]))?;
    ensure(data.contains_key("workers.json"), || {
        "the worker pool has no configuration".to_owned()
    })
}
