//! How a platform is looked at.

use std::collections::BTreeMap;

use async_trait::async_trait;
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::platform::{self, PlatformSeen, PlatformStack};
use emr_resource::{
    Change, Step, backup_plan::BackupPlan, backup_role::BackupRole, backup_vault::BackupVault,
    ids::Arn, key::Key, names, subnet_group::SubnetGroup,
};

use crate::drive::{Stack, owned};

/// A platform on its way up, or out.
pub(super) struct PlatformPass<'a> {
    pub(super) stack: &'a PlatformStack,
    pub(super) recorded: Option<Arn>,
    pub(super) named: Option<Arn>,
    pub(super) watcher: Watcher,
    pub(super) leaving: bool,
}

#[async_trait]
impl Stack for PlatformPass<'_> {
    type Seen = PlatformSeen;

    async fn observe(&self, account: &Account) -> Result<PlatformSeen, CloudError> {
        let (stack, watcher) = (self.stack, &self.watcher);
        let key = match &stack.key {
            Some(desired) => {
                let mut key = account.get::<Key>(&desired.alias, watcher).await?;
                if key.is_none() {
                    // Nothing about a key is unique, so it is looked for before it is made.
                    key = account.confirm::<Key>(&desired.alias).await?;
                }
                key
            }
            None => None,
        };
        let subnet_group = account
            .get::<SubnetGroup>(&stack.subnet_group.name, watcher)
            .await?;
        let vault = account
            .get::<BackupVault>(&names::backup_vault(&stack.owner), watcher)
            .await?;
        let role = account
            .get::<BackupRole>(&stack.backup_role.name, watcher)
            .await?;
        let mut backup_plans = BTreeMap::new();
        for name in &stack.backup_plans {
            if let Some(plan) = owned(account.get::<BackupPlan>(name, watcher).await?) {
                backup_plans.insert(name.clone(), plan);
            }
        }
        Ok(PlatformSeen {
            key: owned(key),
            subnet_group: owned(subnet_group),
            vault: owned(vault),
            backup_role: owned(role),
            backup_plans,
        })
    }

    fn plan(&self, seen: &PlatformSeen) -> Step<Change> {
        if self.leaving {
            platform::teardown(self.stack, seen)
        } else {
            platform::plan(
                self.stack,
                self.recorded.as_ref(),
                self.named.as_ref(),
                seen,
            )
        }
    }
}
