//! Restores into a file system. A job is found by what it was started with as long as this process knows
//! its id: see [`emr_resource::restore_job`].

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use aws_sdk_backup::Client;
use emr_resource::{
    Mutation,
    ids::RestoreToken,
    restore_job::{Change, Desired, Observed, RestoreJob},
};

use super::{Clients, Wire};
use crate::{CloudError, Cursor, Page, Port};

pub(super) struct Adapter {
    backup: Client,
    wire: Wire,
    /// AWS's ids of the jobs that were started here.
    started: Mutex<HashMap<RestoreToken, String>>,
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire) -> Self {
        Self {
            backup: clients.backup.clone(),
            wire,
            started: Mutex::default(),
        }
    }
}

/// What AWS asks for where the file system exists already. Source: AWS Backup API reference,
/// `StartRestoreJob`, Metadata.
fn metadata(desired: &Desired) -> BTreeMap<&'static str, &str> {
    BTreeMap::from([
        ("file-system-id", desired.file_system_id.as_str()),
        ("newFileSystem", "false"),
        ("Encrypted", "true"),
        ("KmsKeyId", desired.kms_key_arn.as_str()),
        ("PerformanceMode", "generalPurpose"),
    ])
}

#[async_trait]
impl Port<RestoreJob> for Adapter {
    async fn list(&self, _: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        Ok(Page::empty())
    }

    async fn read(&self, token: &RestoreToken) -> Result<Option<Observed>, CloudError> {
        let job_id = {
            let started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
            started.get(token).cloned()
        };
        let Some(job_id) = job_id else {
            return Ok(None);
        };
        let get = || {
            let call = self.backup.describe_restore_job();
            call.restore_job_id(&job_id).send()
        };
        let found = self.wire.read("DescribeRestoreJob", get).await;
        let Some(found) = CloudError::none_if_not_found(found)? else {
            return Ok(None);
        };
        let state = found.status().map(|state| state.as_str().to_owned());
        let lacks = || CloudError::malformed("DescribeRestoreJob", "the status");
        Ok(Some(Observed {
            token: token.clone(),
            state: state.ok_or_else(lacks)?,
            message: found.status_message().map(str::to_owned),
            job_id,
        }))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let Change::Start(desired) = change;
        let mut call = self.backup.start_restore_job();
        call = call.recovery_point_arn(desired.recovery_point_arn.as_str());
        call = call
            .iam_role_arn(desired.role_arn.as_str())
            .idempotency_token(desired.token.as_str())
            .resource_type("EFS");
        for (key, value) in metadata(desired) {
            call = call.metadata(key, value);
        }
        let started = self.wire.mutate(change.operation(), call.send()).await?;
        let job_id = started.restore_job_id();
        let lacks = || CloudError::malformed("StartRestoreJob", "the id");
        let job_id = job_id.ok_or_else(lacks)?.to_owned();
        let mut known = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(desired.token.clone(), job_id);
        // How far it is, the reply does not tell.
        Ok(None)
    }
}
