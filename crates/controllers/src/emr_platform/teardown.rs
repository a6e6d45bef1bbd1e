//! How an EmrPlatform goes: not while anything refers to it. Key, vault and role stay (safety.md
//! 3 and 5).

use emr_api::{
    CacheCluster, EmrInstance, EmrPlatform, ManagedDatabase, SharedFileSystem, labels,
    policy::ManagementPolicy,
};
use emr_model::{
    Progress, owner_of,
    platform::{self, PlatformParts},
    progress::Notice,
};
use emr_runtime::{Next, ReconcileError};
use kube::{Api, Resource, ResourceExt, api::ListParams};

use super::{KIND, stack::PlatformPass};
use crate::{
    Context,
    context::watcher_of,
    deletion,
    drive::drive,
    landing::target,
    report::{self, Outcome, conclude},
};

pub(super) async fn tear_down(
    context: &Context,
    api: &Api<EmrPlatform>,
    object: &EmrPlatform,
) -> Result<Next, ReconcileError> {
    if !object
        .finalizers()
        .iter()
        .any(|held| held == labels::FINALIZER)
    {
        return Ok(Next::AwaitChange);
    }
    let old = object.status.clone().unwrap_or_default();
    let users = users(context, &object.name_any()).await?;
    if let Some(first) = users.first() {
        let progress = Progress::Working(Notice::new(
            "InUse",
            format!(
                "{} objects land here, {first} among them: it goes once they are gone",
                users.len()
            ),
        ));
        let next = conclude(context, api, object, old, progress.into()).await?;
        // Users do not tell the platform when they go.
        return Ok(match next {
            Next::AwaitChange => Next::After(std::time::Duration::from_secs(10)),
            after @ Next::After(_) => after,
        });
    }
    let (Some(network), None) = (
        &old.network,
        report::hold(object, ManagementPolicy::default()),
    ) else {
        return deletion::release(context, api, object, KIND).await;
    };
    let account = context
        .accounts
        .get(&target(context, &object.spec))
        .await
        .map_err(|error| ReconcileError::soon(error.reason(), error.to_string()))?;
    let parts = PlatformParts {
        account: account.id(),
        region: account.region(),
        network,
    };
    let owner = platform::lasting(owner_of(object, &object.spec.eks.cluster_name));
    let stack = platform::desire(&owner, &object.spec, &parts);
    let exit = PlatformPass {
        stack: &stack,
        recorded: None,
        named: None,
        watcher: watcher_of(object, KIND),
        leaving: true,
    };
    let driven = drive(&account, &*context.permit, None, &exit).await;
    report::tell(context, &object.object_ref(&()), &driven.performed, false).await;
    if driven.progress.is_settled() && driven.failure.is_none() {
        return deletion::release(context, api, object, KIND).await;
    }
    let outcome = Outcome::from(driven);
    conclude(context, api, object, old, outcome).await
}

/// Every object that lands on the platform, as `Kind namespace/name`.
async fn users(context: &Context, platform: &str) -> Result<Vec<String>, ReconcileError> {
    macro_rules! users_of {
        ($($kind:ty),+) => {{
            let mut users = Vec::new();
            $({
                let kind = <$kind as Resource>::kind(&()).into_owned();
                let all = Api::<$kind>::all(context.client.clone())
                    .list(&ListParams::default())
                    .await
                    .map_err(|error| emr_runtime::Error::request("list", &kind, "all", error))?;
                let here = all.items.iter().filter(|user| user.spec.platform_ref.name == platform);
                users.extend(here.map(|user| {
                    format!("{kind} {}/{}", user.namespace().unwrap_or_default(), user.name_any())
                }));
            })+
            users
        }};
    }
    Ok(users_of!(
        EmrInstance,
        ManagedDatabase,
        CacheCluster,
        SharedFileSystem
    ))
}
