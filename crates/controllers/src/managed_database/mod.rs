//! ManagedDatabase: a store in Aurora or in RDS.
//!
//! What is special about it: it holds data, so what it remembers of its cluster or instance guards
//! against a lost one; it hands the master user out, for Jobs alone.

mod rds;
mod stack;
mod teardown;

use std::{borrow::Cow, collections::BTreeMap};

use async_trait::async_trait;
use emr_api::{
    ManagedDatabase, SharedFileSystem,
    managed_database::ManagedDatabaseStatus,
    references::{Placement, SecretRef},
};
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::{
    database::{self, DatabaseSeen, DatabaseStack},
    owner_of,
    progress::Notice,
};
use emr_resource::{Change, Step, db_cluster::Recorded, ids::Arn};
use emr_runtime::{ReconcileError, controller::Watched};

use crate::{
    connect::Copy,
    landing::Landing,
    store::{Store, Terms, of_the_same_set},
};

#[async_trait]
impl Store for ManagedDatabase {
    const KIND: &'static str = "ManagedDatabase";
    type Stack = DatabaseStack;
    type Seen = DatabaseSeen;

    fn terms(&self) -> Terms<'_> {
        Terms {
            platform: &self.spec.platform_ref.name,
            placed: self.status.as_ref().and_then(|s| s.placement.as_ref()),
            kms_key_arn: self.spec.kms_key_arn.as_deref(),
            deletion: self.spec.deletion_policy,
            management: self.spec.management_policy,
        }
    }

    fn desire(&self, landing: &Landing, key: &str) -> Result<DatabaseStack, Notice> {
        let subnet_group = landing.status.db_subnet_group.as_deref();
        let parts = database::Landing {
            network: &landing.network,
            subnet_group: subnet_group.unwrap_or_default(),
            kms_key_arn: key,
            tags: &landing.spec.tags,
        };
        database::desire(&owner_of(self, landing.cluster()), &self.spec, &parts)
            .map_err(|error| Notice::new(error.reason(), error.to_string()))
    }

    async fn observe(
        &self,
        stack: &DatabaseStack,
        account: &Account,
        watcher: &Watcher,
    ) -> Result<DatabaseSeen, CloudError> {
        let recorded = recorded(self).is_some();
        match stack {
            DatabaseStack::Aurora(stack) => {
                let seen = stack::observe(stack, recorded, account, watcher).await?;
                stack::follow_members(stack, &seen, account);
                Ok(seen)
            }
            DatabaseStack::Rds(stack) => rds::observe(stack, recorded, account, watcher).await,
        }
    }

    fn plan(&self, stack: &DatabaseStack, seen: &DatabaseSeen) -> Step<Change> {
        database::plan(stack, recorded(self).as_ref(), seen)
    }

    fn usable(stack: &DatabaseStack, seen: &DatabaseSeen) -> Option<String> {
        database::usable(stack, seen)
    }

    /// Without authorities, a Secret that is there keeps whom its readers trust.
    fn connection<'a>(
        &self,
        landing: &Landing,
        stack: &DatabaseStack,
        seen: &'a DatabaseSeen,
    ) -> Result<Option<Copy<'a>>, ReconcileError> {
        let (Some(source), Some((host, port))) =
            (&seen.master_secret, database::endpoint(stack, seen))
        else {
            return Ok(None);
        };
        let authorities = landing
            .authorities()
            .map_err(|error| ReconcileError::slow(error.reason(), error.to_string()))?;
        Ok(Some(Copy {
            purpose: "database-master",
            binding: database::dialect(stack),
            source: Cow::Borrowed(source),
            user: true,
            beside: BTreeMap::from([
                ("host", host),
                ("port", port.to_string()),
                ("ca.crt", authorities.database),
            ]),
        }))
    }

    fn told(
        &self,
        stack: &DatabaseStack,
        seen: &DatabaseSeen,
        placement: &Placement,
        connection: Option<SecretRef>,
    ) -> ManagedDatabaseStatus {
        let old = self.status.clone().unwrap_or_default();
        database::status(&old, stack, seen, placement, connection)
    }

    /// The files of its set: their copy is waited for in deletion.
    fn watched() -> Vec<Watched> {
        vec![of_the_same_set::<SharedFileSystem>()]
    }
}

/// The cluster or instance that holds its data, once there was one.
fn recorded(database: &ManagedDatabase) -> Option<Recorded> {
    let status = database.status.as_ref()?;
    Some(Recorded {
        arn: Arn::new(status.arn.as_deref()?),
        resource_id: status.resource_id.clone(),
    })
}
