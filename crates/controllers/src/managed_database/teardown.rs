//! How a ManagedDatabase goes: its files' copy and its own are complete first, and a parameter
//! group that others use stays.

use async_trait::async_trait;
use emr_api::{ManagedDatabase, managed_database::ManagedDatabaseStatus, references::Placement};
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::{
    Progress,
    database::{self, Circumstances, DatabaseSeen, DatabaseStack},
};
use emr_resource::{Change, Step};
use emr_runtime::ReconcileError;

use super::{rds, stack};
use crate::{
    Context, children,
    store::{Departing, Store},
};

#[async_trait]
impl Departing for ManagedDatabase {
    type Circumstances = Circumstances;

    async fn objection(&self, context: &Context) -> Result<Option<Progress>, ReconcileError> {
        children::unconfirmed_loss(&context.client, self, self.spec.deletion_policy).await
    }

    async fn circumstances(
        &self,
        context: &Context,
    ) -> Result<Option<Circumstances>, ReconcileError> {
        Ok(Some(Circumstances {
            policy: self.spec.deletion_policy,
            other_half_incomplete: children::files_incomplete(&context.client, self).await?,
            // AWS refuses to delete a group in use, so a wrong guess costs one refused call.
            parameter_group_users: others(context, self).await?,
        }))
    }

    async fn observe_leaving(
        stack: &DatabaseStack,
        account: &Account,
        watcher: &Watcher,
    ) -> Result<DatabaseSeen, CloudError> {
        match stack {
            DatabaseStack::Aurora(stack) => stack::observe_leaving(stack, account, watcher).await,
            DatabaseStack::Rds(stack) => rds::observe_leaving(stack, account, watcher).await,
        }
    }

    fn tear_down(
        stack: &DatabaseStack,
        circumstances: &Circumstances,
        seen: &DatabaseSeen,
    ) -> Step<Change> {
        database::teardown(stack, circumstances, seen)
    }

    /// A snapshot that was complete once is never forgotten.
    fn told_leaving(
        &self,
        stack: &DatabaseStack,
        seen: &DatabaseSeen,
        placement: &Placement,
        _: &Circumstances,
    ) -> ManagedDatabaseStatus {
        let mut status = self.told(stack, seen, placement, None);
        let old = self.status.as_ref();
        status.final_snapshot = status
            .final_snapshot
            .or_else(|| old.and_then(|old| old.final_snapshot.clone()));
        status
    }
}

/// How many other databases in this account and region may use the same parameter group.
async fn others(context: &Context, object: &ManagedDatabase) -> Result<usize, ReconcileError> {
    let same = |other: &ManagedDatabase| shares(other, object);
    Ok(context.mirrors.databases.select(same).await?.len())
}

/// Whether two databases may use the same parameter group.
fn shares(other: &ManagedDatabase, object: &ManagedDatabase) -> bool {
    // Of the same cluster, so that the name tells engine, family and content alone.
    let group = |database: &ManagedDatabase| database::parameter_group_name("", &database.spec);
    let placed = |database: &ManagedDatabase| {
        let placement = database.status.as_ref()?.placement.as_ref()?;
        Some((placement.account_id.clone(), placement.region.clone()))
    };
    // One that has not landed yet will land where its platform is.
    let together = match placed(other) {
        Some(place) => Some(place) == placed(object),
        None => other.spec.platform_ref == object.spec.platform_ref,
    };
    other.metadata.uid != object.metadata.uid && group(other) == group(object) && together
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn database(uid: &str, platform: &str, account: Option<&str>, wait: &str) -> ManagedDatabase {
        let placement = account.map(|account| {
            json!({"accountId": account, "region": "us-east-1", "vpcId": "", "kmsKeyArn": ""})
        });
        serde_json::from_value(json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": "ManagedDatabase",
            "metadata": {"name": uid, "uid": uid},
            "spec": {
                "platformRef": {"name": platform},
                "auroraMysql": {"parameters": {"wait_timeout": wait}},
            },
            "status": {
                "observedGeneration": 1, "conditions": [], "resources": [],
                "placement": placement,
            },
        }))
        .unwrap()
    }

    #[test]
    fn only_what_is_in_the_same_account_keeps_a_parameter_group() {
        let leaving = database("a", "east", Some("111111111111"), "60");
        for (other, shared) in [
            (database("a", "east", Some("111111111111"), "60"), false),
            (database("b", "east", Some("111111111111"), "60"), true),
            (database("b", "west", Some("111111111111"), "60"), true),
            (database("b", "east", Some("111111111111"), "90"), false),
            (database("b", "west", Some("222222222222"), "60"), false),
            (database("b", "east", None, "60"), true),
            (database("b", "west", None, "60"), false),
        ] {
            assert_eq!(shares(&other, &leaving), shared, "{other:?}");
        }
    }
}
