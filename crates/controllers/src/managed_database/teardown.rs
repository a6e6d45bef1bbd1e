//! How a ManagedDatabase goes.

use emr_api::{ManagedDatabase, labels, policy::DeletionPolicy};
use emr_model::database::{self, Circumstances};
use emr_runtime::{Next, ReconcileError};
use kube::{Api, ResourceExt};

use super::{KIND, desired, stack::DatabaseExit};
use crate::{
    Context, children,
    context::watcher_of,
    deletion,
    drive::drive,
    landing::land,
    report::{self, Outcome, conclude},
};

pub(super) async fn tear_down(
    context: &Context,
    api: &Api<ManagedDatabase>,
    object: &ManagedDatabase,
) -> Result<Next, ReconcileError> {
    let old = object.status.clone().unwrap_or_default();
    let spec = &object.spec;
    if !object
        .finalizers()
        .iter()
        .any(|held| held == labels::FINALIZER)
    {
        return Ok(Next::AwaitChange);
    }
    let never_placed = old.placement.is_none();
    if never_placed
        || deletion::leaves_aws_alone(object, spec.deletion_policy, spec.management_policy)
    {
        return deletion::release(context, api, object, KIND).await;
    }
    if let Some(waiting) = children::in_use(&context.client, object).await? {
        return conclude(context, api, object, old, waiting.into()).await;
    }
    if spec.deletion_policy == DeletionPolicy::Delete
        && !children::confirmed(&context.client, object).await?
    {
        let progress = children::unconfirmed(&object.name_any());
        return conclude(context, api, object, old, progress.into()).await;
    }
    let platform = &spec.platform_ref.name;
    let landing = match land(context, object, KIND, platform, old.placement.as_ref()).await {
        Ok(landing) => landing,
        Err(not) => return conclude(context, api, object, old, not.into()).await,
    };
    let Ok((stack, placement)) = desired(object, &landing) else {
        return deletion::release(context, api, object, KIND).await;
    };
    let exit = DatabaseExit {
        stack: &stack,
        circumstances: Circumstances {
            policy: spec.deletion_policy,
            other_half_incomplete: children::files_incomplete(&context.client, object).await?,
            // AWS refuses to delete a group in use, so a wrong guess costs one refused call.
            parameter_group_users: others(context, object).await?,
        },
        watcher: watcher_of(object, KIND),
    };
    let driven = drive(&landing.account, &*context.permit, None, &exit).await;
    let about = kube::Resource::object_ref(object, &());
    report::tell(context, &about, &driven.performed, false).await;
    if driven.progress.is_settled() && driven.failure.is_none() {
        return deletion::release(context, api, object, KIND).await;
    }
    let mut status = match &driven.seen {
        Some(seen) => database::status(&old, &stack, seen, &placement, None),
        None => old.clone(),
    };
    status.final_snapshot = status.final_snapshot.or(old.final_snapshot);
    let outcome = Outcome::from(driven);
    conclude(context, api, object, status, outcome).await
}

/// How many other databases in this account and region may use the same parameter group.
async fn others(context: &Context, object: &ManagedDatabase) -> Result<usize, ReconcileError> {
    let all = Api::<ManagedDatabase>::all(context.client.clone())
        .list(&kube::api::ListParams::default())
        .await
        .map_err(|error| emr_runtime::Error::request("list", KIND, "all", error))?;
    let same = |other: &&ManagedDatabase| shares(other, object);
    Ok(all.items.iter().filter(same).count())
}

/// Whether two databases may use the same parameter group.
fn shares(other: &ManagedDatabase, object: &ManagedDatabase) -> bool {
    let parameters = |database: &ManagedDatabase| {
        database
            .spec
            .aurora_mysql
            .as_ref()
            .map(|mysql| mysql.parameters.clone())
    };
    let placed = |database: &ManagedDatabase| {
        let placement = database.status.as_ref()?.placement.as_ref()?;
        Some((placement.account_id.clone(), placement.region.clone()))
    };
    // One that has not landed yet will land where its platform is.
    let together = match placed(other) {
        Some(place) => Some(place) == placed(object),
        None => other.spec.platform_ref == object.spec.platform_ref,
    };
    other.metadata.uid != object.metadata.uid && parameters(other) == parameters(object) && together
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
