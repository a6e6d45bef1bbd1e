//! An instance's own resources in AWS: key, secrets, frontend group.

use std::collections::BTreeMap;

use async_trait::async_trait;
use emr_api::EmrInstance;
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::{
    Progress,
    instance::{self, Exposure, Findings, InstanceSeen, InstanceStack, Validated},
    owner_of,
    progress::Held,
};
use emr_resource::{
    Change, Step, ids::Arn, key::Key, secret::Secret, security_group::SecurityGroup,
};
use emr_runtime::ReconcileError;

use super::{KIND, about, gather::World};
use crate::{
    Context,
    context::watcher_of,
    drive::{Stack, drive, owned},
    report,
};

/// An instance's own resources on their way up, or out.
pub(super) struct OwnPass<'a> {
    pub(super) stack: &'a InstanceStack,
    pub(super) shared_key: Arn,
    pub(super) recorded: Option<Arn>,
    pub(super) installed: bool,
    pub(super) watcher: Watcher,
    /// The policy under which they leave; `None` on the way up.
    pub(super) leaving: Option<emr_api::policy::DeletionPolicy>,
}

#[async_trait]
impl Stack for OwnPass<'_> {
    type Seen = InstanceSeen;

    async fn observe(&self, account: &Account) -> Result<InstanceSeen, CloudError> {
        let (stack, watcher) = (self.stack, &self.watcher);
        let key = match &stack.key {
            Some(desired) => {
                let mut key = account.get::<Key>(&desired.alias, watcher).await?;
                if key.is_none() && self.leaving.is_none() {
                    // Nothing about a key is unique, so it is looked for before it is made.
                    key = account.confirm::<Key>(&desired.alias).await?;
                }
                key
            }
            None => None,
        };
        let mut secrets = BTreeMap::new();
        for (purpose, desired) in &stack.secrets {
            let seen = account.get::<Secret>(&desired.name, watcher).await?;
            secrets.extend(owned(seen).map(|seen| (*purpose, seen)));
        }
        let frontend = account
            .get::<SecurityGroup>(&stack.frontend.name, watcher)
            .await?;
        Ok(InstanceSeen {
            key: owned(key),
            secrets,
            frontend: owned(frontend),
        })
    }

    fn plan(&self, seen: &InstanceSeen) -> Step<Change> {
        match self.leaving {
            Some(policy) => instance::teardown(self.stack, policy, seen),
            None => instance::plan(
                self.stack,
                &self.shared_key,
                self.recorded.as_ref(),
                self.installed,
                seen,
            ),
        }
    }
}

/// What the instance's own steps came to.
pub(super) struct Own {
    pub(super) progress: Progress,
    pub(super) failure: Option<ReconcileError>,
    pub(super) seen: InstanceSeen,
    /// The key that children are to use, once it is known.
    pub(super) key: Option<String>,
    pub(super) findings: Findings,
}

/// The stack of an instance that lands in `world`.
pub(super) fn stack(object: &EmrInstance, world: &World, validated: &Validated) -> InstanceStack {
    let landing = &world.landing;
    let exposed = matches!(
        instance::exposure(object, validated, &landing.spec),
        Exposure::Open { .. }
    );
    let restored = object.spec.restore_from.is_some();
    let mut stack = instance::desire(
        &owner_of(object, landing.cluster()),
        validated,
        restored,
        exposed,
        &instance::Landing {
            account: landing.account.id(),
            region: landing.account.region(),
            network: &landing.network,
            named_key: landing.spec.encryption.kms_key_arn.as_deref(),
            tags: &landing.spec.tags,
        },
    );
    instance::users::rotate(&mut stack, object);
    stack
}

/// Drives them up.
pub(super) async fn drive_own(
    context: &Context,
    object: &EmrInstance,
    world: &World,
    validated: &Validated,
    hold: Option<Held>,
) -> Own {
    let status = object.status.clone().unwrap_or_default();
    let mut stack = stack(object, world, validated);
    // The key is decided when the data is made (safety.md 5): a later change of profile, or of
    // the platform's key, changes nothing about it.
    let recorded = status.kms_key_arn.clone();
    let shared = recorded.as_deref() == Some(&world.landing.shared_key);
    if shared {
        stack.key = None;
    }
    let pass = OwnPass {
        stack: &stack,
        shared_key: Arn::new(recorded.as_deref().unwrap_or(&world.landing.shared_key)),
        recorded: recorded.as_deref().map(Arn::from),
        installed: status.version.is_some(),
        watcher: watcher_of(object, KIND),
        leaving: None,
    };
    let driven = drive(&world.landing.account, &*context.permit, hold, &pass).await;
    report::tell(
        context,
        &about(object),
        &driven.performed,
        status.version.is_some(),
    )
    .await;
    let seen = driven.seen.unwrap_or_default();
    let key = match (&recorded, &stack.key) {
        (Some(recorded), _) => Some(recorded.clone()),
        (None, Some(_)) => seen.key_arn().map(ToString::to_string),
        (None, None) => Some(world.landing.shared_key.clone()),
    };
    let findings = Findings {
        kms_key_arn: key.clone(),
        resources: instance::resources(&stack, &seen),
        admin_secret_arn: seen
            .secrets
            .get(instance::ADMIN)
            .map(|secret| secret.arn.to_string()),
        ..Findings::default()
    };
    Own {
        progress: driven.progress,
        failure: driven.failure,
        seen,
        key,
        findings,
    }
}
