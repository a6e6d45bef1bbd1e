//! An object store, alone.

use std::sync::Arc;

use emr_api::{ObjectStore, labels};
use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};

use crate::{
    Clinic, Failure, Outcome, World,
    clinic::PATIENCE,
    failure::{ensure, same},
    kinds::{Told, until, until_gone},
    world::repository,
};

/// What boto3 finds of the bucket with patients' objects.
const BUCKET: &str = "s3 = client('s3')\n\
    names = sorted(b['Name'] for b in s3.list_buckets()['Buckets'])\n\
    data = [n for n in names if not n.endswith('-logs')]\n\
    name = data[0] if data else None\n\
    rule = lambda: s3.get_bucket_encryption(Bucket=name) \
        ['ServerSideEncryptionConfiguration']['Rules'][0]\n\
    statements = lambda: json.loads(s3.get_bucket_policy(Bucket=name)['Policy'])['Statement']\n\
    tls = lambda: {s['Sid']: s['Condition'] for s in statements() if s['Sid'].startswith('Tls')}\n\
    moves = lambda: {t['StorageClass']: t['Days'] for r in \
        s3.get_bucket_lifecycle_configuration(Bucket=name)['Rules'] for t in r['Transitions']}\n";

/// The sample's spec.
async fn sample() -> Outcome<Value> {
    let file = repository().join("deploy/samples/objects.yaml");
    let text = tokio::fs::read_to_string(file).await?;
    let manifest: Value = serde_saphyr::from_str(&text)
        .map_err(|error| Failure::Assertion(format!("the sample is no YAML: {error}")))?;
    Ok(manifest["spec"].clone())
}

/// The sample becomes Ready with everything that guards objects, pods of one service account take a role
/// that leads to it, its lifecycle changes in place, and its bucket outlives it.
pub async fn are_guarded_let_in_changed_and_outlive_their_store(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "objects").await?;
    clinic.platform().await?;
    let spec = sample().await?;
    clinic
        .apply(clinic.manifest("ObjectStore", "scans", spec))
        .await?;
    let stores = clinic.api::<ObjectStore>();
    let store = until(&stores, "scans", "settled", PATIENCE, Told::settled).await?;
    guards(&clinic, &store).await?;
    access(&clinic, &store).await?;

    let change = json!({"spec": {"lifecycle": {"glacierAfterDays": 730}}});
    let params = PatchParams::default();
    stores
        .patch("scans", &params, &Patch::Merge(&change))
        .await?;
    until(&stores, "scans", "settled", PATIENCE, Told::settled).await?;
    let moves = clinic.aws.run(&format!("{BUCKET}found = moves()")).await?;
    same(
        "the lifecycle",
        &moves,
        &json!({"STANDARD_IA": 90, "GLACIER_IR": 730}),
    )?;
    // Drift: somebody opens it.
    clinic
        .aws
        .run(&format!(
            "{BUCKET}s3.delete_public_access_block(Bucket=name)\n\
             s3.delete_bucket_policy(Bucket=name)"
        ))
        .await?;

    let confirm = json!({"metadata": {"annotations": {labels::CONFIRM_DELETE: "scans"}}});
    stores
        .patch("scans", &params, &Patch::Merge(&confirm))
        .await?;
    stores.delete("scans", &DeleteParams::default()).await?;
    until_gone(&stores, "scans", PATIENCE).await?;
    let left = clinic
        .aws
        .run(&format!(
            "{BUCKET}found = {{'buckets': len(names), 'associations': \
             len(eks.list_pod_identity_associations(clusterName='clinics')['associations']), \
             'roles': [r['RoleName'] for r in pages(iam.list_roles, 'Roles') \
             if r['Path'] == '/emrstack/pods/']}}"
        ))
        .await?;
    same(
        "what is left",
        &left,
        &json!({"buckets": 2, "associations": 0, "roles": []}),
    )
}

async fn guards(clinic: &Clinic, store: &ObjectStore) -> Outcome {
    let snippet = format!(
        "{BUCKET}found = {{'name': name, 'names': names, \
         'versioning': s3.get_bucket_versioning(Bucket=name).get('Status'), \
         'algorithm': rule()['ApplyServerSideEncryptionByDefault']['SSEAlgorithm'], \
         'key': rule()['ApplyServerSideEncryptionByDefault'].get('KMSMasterKeyID'), \
         'bucketKey': rule()['BucketKeyEnabled'], \
         'blocked': sorted(set(s3.get_public_access_block(Bucket=name) \
             ['PublicAccessBlockConfiguration'].values())), \
         'ownership': s3.get_bucket_ownership_controls(Bucket=name) \
             ['OwnershipControls']['Rules'][0]['ObjectOwnership'], \
         'tls': tls(), 'moves': moves(), \
         'owner': tags_of(s3.get_bucket_tagging(Bucket=name)['TagSet'])['emrstack.dev/name'], \
         'logs': s3.get_bucket_logging(Bucket=name)['LoggingEnabled']['TargetBucket'], \
         'origins': s3.get_bucket_cors(Bucket=name)['CORSRules'][0]['AllowedOrigins']}}"
    );
    let seen = clinic.aws.run(&snippet).await?;
    let status = store.status.clone().unwrap_or_default();
    let key = status.placement.map(|placement| placement.kms_key_arn);
    let wanted = json!({
        "name": status.bucket, "names": [status.bucket, status.logs_bucket],
        "versioning": "Enabled", "algorithm": "aws:kms", "key": key, "bucketKey": true,
        "blocked": [true], "ownership": "BucketOwnerEnforced",
        "tls": {
            "TlsOnly": {"Bool": {"aws:SecureTransport": "false"}},
            "Tls12OrLater": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        },
        "moves": {"STANDARD_IA": 90, "GLACIER_IR": 365}, "owner": "scans",
        "logs": status.logs_bucket, "origins": ["https://viewer.example.org"],
    });
    same("the bucket", &seen, &wanted)
}

async fn access(clinic: &Clinic, store: &ObjectStore) -> Outcome {
    let snippet = "one = eks.list_pod_identity_associations(clusterName='clinics')['associations'][0]\n\
        one = eks.describe_pod_identity_association(clusterName='clinics', \
            associationId=one['associationId'])['association']\n\
        role = one['roleArn'].rsplit('/', 1)[1]\n\
        policy = iam.get_role_policy(RoleName=role, PolicyName='emrstack')['PolicyDocument']\n\
        trust = iam.get_role(RoleName=role)['Role']['AssumeRolePolicyDocument']['Statement'][0]\n\
        found = {'account': one['serviceAccount'], 'role': one['roleArn'], \
            'objects': [s['Resource'] for s in policy['Statement'] if s['Sid'] == 'Objects'], \
            'trusted': trust['Principal']['Service'], \
            'namespace': trust['Condition']['StringEquals']['aws:RequestTag/kubernetes-namespace']}";
    let seen = clinic.aws.run(snippet).await?;
    let status = store.status.clone().unwrap_or_default();
    let arn = status.arn.unwrap_or_default();
    ensure(arn.starts_with("arn:aws:s3:::emr-"), || arn.clone())?;
    let wanted = json!({
        "account": "viewer", "role": status.role_arn, "objects": [format!("{arn}/*")],
        "trusted": "pods.eks.amazonaws.com", "namespace": "objects",
    });
    same("the way of the pods", &seen, &wanted)
}
