//! Invariant 8: what the operator called is within the policy that it is given.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;

use crate::{Outcome, World, failure::ensure, world::repository};

/// The SDK's user agent.
const OPERATOR: &str = "aws-sdk-rust";
/// Granted by the owner of the role that is assumed, not by the operator's own policy.
const THE_USERS: [&str; 1] = ["sts:AssumeRole"];

/// The IAM action of an operation of S3 that has another name. Source: Service Authorization Reference.
fn action(service: &str, operation: &str) -> String {
    let action = match (service, operation) {
        ("s3", "ListBuckets") => "ListAllMyBuckets",
        ("s3", "ListObjectVersions") => "ListBucketVersions",
        ("s3", "GetPublicAccessBlock") => "GetBucketPublicAccessBlock",
        ("s3", "PutPublicAccessBlock") => "PutBucketPublicAccessBlock",
        ("s3", "GetBucketEncryption") => "GetEncryptionConfiguration",
        ("s3", "PutBucketEncryption") => "PutEncryptionConfiguration",
        ("s3", "GetBucketLifecycleConfiguration") => "GetLifecycleConfiguration",
        ("s3", "PutBucketLifecycleConfiguration") => "PutLifecycleConfiguration",
        ("s3", "GetBucketCors") => "GetBucketCORS",
        ("s3", "PutBucketCors" | "DeleteBucketCors") => "PutBucketCORS",
        ("s3", "GetObjectLockConfiguration") => "GetBucketObjectLockConfiguration",
        ("s3", "PutObjectLockConfiguration") => "PutBucketObjectLockConfiguration",
        (_, same) => same,
    };
    format!("{service}:{action}")
}

/// Every call that the stand-in saw, by the operator and in any account, has a row in the generated
/// policies. Runs last, so that it sees the calls of every scenario before.
pub async fn every_call_is_within_the_policy(world: Arc<World>) -> Outcome {
    let mut allowed = BTreeSet::new();
    let mut folder = tokio::fs::read_dir(repository().join("deploy/iam")).await?;
    while let Some(file) = folder.next_entry().await? {
        let policy: Value = serde_json::from_slice(&tokio::fs::read(file.path()).await?)?;
        for statement in policy["Statement"].as_array().into_iter().flatten() {
            let actions = match &statement["Action"] {
                Value::Array(all) => all.clone(),
                one => vec![one.clone()],
            };
            allowed.extend(actions.iter().filter_map(Value::as_str).map(str::to_owned));
        }
    }
    let calls: Value = world
        .sandbox
        .aws
        .control("GET", "calls?since=0", None)
        .await?;
    let called: BTreeSet<String> = calls["calls"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|call| {
            call["agent"]
                .as_str()
                .is_some_and(|agent| agent.starts_with(OPERATOR))
        })
        .filter_map(|call| {
            Some(action(
                call["service"].as_str()?,
                call["operation"].as_str()?,
            ))
        })
        .filter(|call| !THE_USERS.contains(&call.as_str()))
        .collect();
    ensure(called.len() > 10, || {
        format!("too few calls to tell anything: {called:?}")
    })?;
    let beyond: Vec<_> = called.difference(&allowed).collect();
    ensure(beyond.is_empty(), || {
        format!("calls beyond the policy: {beyond:?}")
    })
}
