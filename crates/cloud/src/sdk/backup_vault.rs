//! Backup vaults. AWS Backup denies access to a vault that does not exist, instead of saying so;
//! a single read therefore looks through the list, which is short, and adds the tags.

use async_trait::async_trait;
use aws_sdk_backup::{Client, types::BackupVaultListMember};
use emr_resource::{
    Mutation,
    backup_vault::{BackupVault, Change, Desired, Lock, Observed},
    ids::VaultName,
};

use super::{Clients, Wire, backup};
use crate::{CloudError, Cursor, Page, Port};

pub(super) struct Adapter {
    backup: Client,
    wire: Wire,
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire) -> Self {
        Self {
            backup: clients.backup.clone(),
            wire,
        }
    }
}

fn observed(vault: &BackupVaultListMember) -> Option<Observed> {
    Some(Observed {
        name: VaultName::new(vault.backup_vault_name()?),
        arn: vault.backup_vault_arn()?.into(),
        kms_key_arn: vault.encryption_key_arn().map(Into::into),
        lock: vault.locked().unwrap_or_default().then(|| Lock {
            min_retention_days: vault.min_retention_days(),
            max_retention_days: vault.max_retention_days(),
            final_after_days: vault.lock_date().map(|_| 0),
        }),
        tags: None,
    })
}

#[async_trait]
impl Port<BackupVault> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let token = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self.backup.list_backup_vaults().max_results(backup::PAGE);
            call.set_next_token(token.clone()).send()
        };
        let page = self.wire.read("ListBackupVaults", list).await?;
        let items = page
            .backup_vault_list()
            .iter()
            .filter_map(observed)
            .collect();
        Ok(Page::new(items, page.next_token()))
    }

    async fn read(&self, id: &VaultName) -> Result<Option<Observed>, CloudError> {
        let Some(mut seen) = backup::find(self, id).await? else {
            return Ok(None);
        };
        let tags = backup::tags(&self.backup, &self.wire, &seen.arn).await;
        seen.tags = CloudError::none_if_not_found(tags)?;
        Ok(seen.tags.is_some().then_some(seen))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match change {
            Change::Create(desired) => self.create(desired, operation).await,
            Change::Lock { name, lock } => {
                let call = self
                    .backup
                    .put_backup_vault_lock_configuration()
                    .backup_vault_name(name.as_str())
                    .set_min_retention_days(lock.min_retention_days)
                    .set_max_retention_days(lock.max_retention_days)
                    .set_changeable_for_days(lock.final_after_days);
                self.wire.mutate(operation, call.send()).await?;
                // The reply is empty.
                Ok(None)
            }
        }
    }
}

impl Adapter {
    async fn create(
        &self,
        desired: &Desired,
        operation: &'static str,
    ) -> Result<Option<Observed>, CloudError> {
        let call = self
            .backup
            .create_backup_vault()
            .backup_vault_name(desired.name.as_str())
            .encryption_key_arn(desired.kms_key_arn.as_str())
            .set_backup_vault_tags(Some(desired.tags.clone().into_iter().collect()));
        let answer = self.wire.mutate(operation, call.send()).await?;
        Ok(answer.backup_vault_arn().map(|arn| Observed {
            name: desired.name.clone(),
            arn: arn.into(),
            kms_key_arn: Some(desired.kms_key_arn.clone()),
            lock: None,
            tags: Some(desired.tags.clone()),
        }))
    }
}
