//! The SDK's clients, all with the same region, identity, connections and time-outs, and without
//! retries.

use std::time::Duration;

use aws_config::{
    AppName, BehaviorVersion, Region, SdkConfig, retry::RetryConfig, sts::AssumeRoleProvider,
    timeout::TimeoutConfig,
};
use aws_sdk_sts::config::SharedCredentialsProvider;

use super::http;
use crate::{Target, caller::ATTEMPT_TIMEOUT};

/// Time to establish a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// What `CloudTrail` shows as the session of an assumed role.
const NAME: &str = "emr-operator";

/// A client of each service.
#[derive(Clone, Debug)]
pub struct Clients {
    /// AWS Backup.
    pub backup: aws_sdk_backup::Client,
    /// Amazon EC2.
    pub ec2: aws_sdk_ec2::Client,
    /// Amazon EFS.
    pub efs: aws_sdk_efs::Client,
    /// Amazon EKS.
    pub eks: aws_sdk_eks::Client,
    /// Amazon ElastiCache.
    pub elasticache: aws_sdk_elasticache::Client,
    /// AWS IAM.
    pub iam: aws_sdk_iam::Client,
    /// AWS KMS.
    pub kms: aws_sdk_kms::Client,
    /// CloudWatch Logs.
    pub logs: aws_sdk_cloudwatchlogs::Client,
    /// Amazon RDS.
    pub rds: aws_sdk_rds::Client,
    /// Amazon S3.
    pub s3: aws_sdk_s3::Client,
    /// AWS Secrets Manager.
    pub secrets: aws_sdk_secretsmanager::Client,
    /// Service Quotas.
    pub quotas: aws_sdk_servicequotas::Client,
    /// AWS STS.
    pub sts: aws_sdk_sts::Client,
}

impl Clients {
    /// Clients for a target, with the identity that the environment gives: pod identity, a web
    /// identity token, a profile. `AWS_ENDPOINT_URL` is honoured.
    pub async fn load(target: &Target) -> Self {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(target.region.as_str().to_owned()))
            .retry_config(RetryConfig::disabled())
            .http_client(http::client())
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT_TIMEOUT)
                    .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                    .build(),
            );
        if let Ok(name) = AppName::new(NAME) {
            loader = loader.app_name(name);
        }
        let config = loader.load().await;
        let Some(role) = &target.role else {
            return Self::new(&config);
        };
        let mut provider = AssumeRoleProvider::builder(role.arn.as_str())
            .session_name(NAME)
            .configure(&config);
        if let Some(id) = &role.external_id {
            provider = provider.external_id(id);
        }
        let provider = SharedCredentialsProvider::new(provider.build().await);
        Self::new(&config.into_builder().credentials_provider(provider).build())
    }

    /// Clients with this configuration.
    pub fn new(config: &SdkConfig) -> Self {
        Self {
            backup: aws_sdk_backup::Client::new(config),
            ec2: aws_sdk_ec2::Client::new(config),
            efs: aws_sdk_efs::Client::new(config),
            eks: aws_sdk_eks::Client::new(config),
            elasticache: aws_sdk_elasticache::Client::new(config),
            iam: aws_sdk_iam::Client::new(config),
            kms: aws_sdk_kms::Client::new(config),
            logs: aws_sdk_cloudwatchlogs::Client::new(config),
            rds: aws_sdk_rds::Client::new(config),
            s3: aws_sdk_s3::Client::new(config),
            secrets: aws_sdk_secretsmanager::Client::new(config),
            quotas: aws_sdk_servicequotas::Client::new(config),
            sts: aws_sdk_sts::Client::new(config),
        }
    }
}
