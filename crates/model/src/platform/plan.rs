//! What a platform shares among its instances, and in which order it is made.

use emr_api::emr_platform::{EmrPlatformSpec, NetworkStatus};
use emr_resource::{
    Change, Owner, Step, UserTags, backup_plan, backup_role, backup_vault,
    ids::{AccountId, Arn, Region},
    key, names, subnet_group,
};

use super::{PlatformSeen, PlatformStack, backups};
use crate::owner::Covered;

/// What is known of a platform before anything is made.
#[derive(Clone, Debug)]
pub struct PlatformParts<'a> {
    /// The account that STS named.
    pub account: &'a AccountId,
    /// The region.
    pub region: &'a Region,
    /// The network that was found.
    pub network: &'a NetworkStatus,
}

/// The owner that a platform's resources carry: without a UID, so that a platform made again under
/// the same name finds the vault that holds its backups and the key that opens them.
pub fn lasting(owner: Owner) -> Owner {
    Owner {
        uid: "platform".into(),
        ..owner
    }
}

/// The resources that a platform asks for.
pub fn desire(owner: &Owner, spec: &EmrPlatformSpec, parts: &PlatformParts<'_>) -> PlatformStack {
    let tags = owner.tags(&spec.tags);
    PlatformStack {
        owner: owner.clone(),
        key: spec.encryption.kms_key_arn.is_none().then(|| {
            key_for(
                owner,
                parts.account,
                parts.region,
                &spec.tags,
                "Data of EMRs on this platform",
            )
        }),
        subnet_group: subnet_group::Desired {
            name: names::subnet_group(owner),
            description: format!("Databases of EMRs on {}", owner.cluster),
            subnet_ids: parts
                .network
                .database_subnets
                .iter()
                .map(|subnet| subnet.id.as_str().into())
                .collect(),
            tags: tags.clone(),
        },
        backup_role: backup_role::Desired {
            name: names::backup_role(owner),
            path: names::ROLE_PATH.into(),
            trust_policy: backup_role::trust_policy(parts.account),
            managed_policies: backup_role::MANAGED_POLICIES.map(Arn::from).into(),
            permissions_boundary: spec.permissions_boundary_arn.as_deref().map(Arn::from),
            tags,
        },
        backup: spec.backup.clone(),
        backup_plans: Covered::ALL
            .map(|covered| names::backup_plan(owner, covered.as_str()))
            .into(),
    }
}

/// A customer-managed key of an owner.
pub fn key_for(
    owner: &Owner,
    account: &AccountId,
    region: &Region,
    user: &UserTags,
    description: &str,
) -> key::Desired {
    let alias = names::key_alias(owner);
    let mut tags = owner.tags(user);
    tags.insert(key::ALIAS_TAG.into(), alias.to_string());
    key::Desired {
        alias,
        description: description.to_owned(),
        policy: key::key_policy(account, region),
        tags,
    }
}

/// The vault, once the key that encrypts it has an ARN.
fn vault(stack: &PlatformStack, key: &Arn) -> backup_vault::Desired {
    backup_vault::Desired {
        name: names::backup_vault(&stack.owner),
        kms_key_arn: key.clone(),
        lock: stack.backup.vault_lock.as_ref().map(backups::lock),
        tags: stack.subnet_group.tags.clone(),
    }
}

/// The next step. `recorded` and `named` are the key that status remembers and the one that the
/// spec names.
pub fn plan(
    stack: &PlatformStack,
    recorded: Option<&Arn>,
    named: Option<&Arn>,
    seen: &PlatformSeen,
) -> Step<Change> {
    let owner = &stack.owner;
    let key_step = match &stack.key {
        Some(desired) => key::plan(desired, recorded, seen.key.as_ref(), owner).into_step(),
        None => Step::Settled,
    };
    let key_arn = named.cloned().or_else(|| {
        let details = seen.key.as_ref()?.details.as_ref()?;
        Some(details.arn.clone())
    });
    Step::all([
        key_step,
        subnet_group::plan(&stack.subnet_group, seen.subnet_group.as_ref(), owner).into_step(),
        backup_role::plan(&stack.backup_role, seen.backup_role.as_ref(), owner).into_step(),
    ])
    .then(|| match key_arn {
        Some(arn) => {
            backup_vault::plan(&vault(stack, &arn), seen.vault.as_ref(), owner).into_step()
        }
        None => Step::wait("CreatingKey", "AWS is making the KMS key"),
    })
    .then(|| backup_plans(stack, seen))
}

/// The plans, once vault and role are there.
fn backup_plans(stack: &PlatformStack, seen: &PlatformSeen) -> Step<Change> {
    let (Some(vault), Some(role)) = (&seen.vault, &seen.backup_role) else {
        return Step::Settled;
    };
    let tags = &stack.subnet_group.tags;
    let plans = backups::plans(&stack.owner, &stack.backup, &vault.name, &role.arn, tags);
    Step::all(plans.iter().map(|desired| {
        let seen = seen.backup_plans.get(&desired.name);
        backup_plan::plan(desired, seen, &stack.owner).into_step()
    }))
}

/// What goes with a platform: the subnet group and the backup plans. Key, vault and role stay: they
/// protect backups that outlive it (safety.md 3 and 5).
pub fn teardown(stack: &PlatformStack, seen: &PlatformSeen) -> Step<Change> {
    let plans = stack.backup_plans.iter().map(|name| {
        let seen = seen.backup_plans.get(name);
        backup_plan::remove(seen, &stack.owner).into_step()
    });
    subnet_group::remove(seen.subnet_group.as_ref(), &stack.owner)
        .into_step()
        .beside(Step::all(plans))
}
