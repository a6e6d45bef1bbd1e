//! What an instance has in AWS beside its children: a key of its own, the secrets of the
//! application, and the frontend's security group.

use std::collections::BTreeMap;

use emr_api::{emr_platform::NetworkStatus, policy::DeletionPolicy};
use emr_resource::{
    Change, Owner, Step, UserTags,
    ids::{AccountId, Arn, Region, SecretVersion},
    key, names, secret,
    security_group::{self, IngressRule, Source},
};
use ipnet::IpNet;

use super::{Validated, application::Login};
use crate::platform::key_for;

/// HTTPS.
const PORT: u16 = 443;
/// The purpose of the secret that holds the application's database user.
pub const APP: &str = "app";
/// The purpose of the secret that holds the first administrator.
pub const ADMIN: &str = "admin";
/// The purpose of the secret that holds the key that signs links.
pub const SIGNING_KEY: &str = "signing-key";

/// An instance's own resources.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceStack {
    /// Whose they are.
    pub owner: Owner,
    /// A key of its own, in Production.
    pub key: Option<key::Desired>,
    /// What the application signs in with, by purpose; their key is filled in once that has an ARN.
    pub secrets: BTreeMap<&'static str, secret::Desired>,
    /// The secret of the database user that no pod has, by purpose: a lost one is made again.
    pub idle: Option<&'static str>,
    /// The version that it is to have: another password.
    pub renewed: Option<SecretVersion>,
    /// Who may reach the load balancer. Without a rule while nobody may: it is then made only if
    /// it was there before, to be closed.
    pub frontend: security_group::Desired,
}

/// What AWS has of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InstanceSeen {
    /// The key.
    pub key: Option<key::Observed>,
    /// What the application signs in with, by purpose.
    pub secrets: BTreeMap<&'static str, secret::Observed>,
    /// Who may reach the load balancer.
    pub frontend: Option<security_group::Observed>,
}

impl InstanceSeen {
    /// The ARN of the instance's own key.
    pub fn key_arn(&self) -> Option<&Arn> {
        self.key
            .as_ref()?
            .details
            .as_ref()
            .map(|details| &details.arn)
    }
}

/// Where an instance lands.
#[derive(Clone, Debug)]
pub struct Landing<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// The region.
    pub region: &'a Region,
    /// The network.
    pub network: &'a NetworkStatus,
    /// The key that the platform's spec names for everything.
    pub named_key: Option<&'a str>,
    /// The platform's tags.
    pub tags: &'a UserTags,
}

/// The resources that an instance asks for. `restored` says whether its data comes from a set, `exposed` says whether a certificate is there to
/// serve the addresses that are let in.
pub fn desire(
    owner: &Owner,
    validated: &Validated,
    restored: bool,
    exposed: bool,
    landing: &Landing<'_>,
) -> InstanceStack {
    let tags = owner.tags(landing.tags);
    let secret = |login: &Login| secret::Desired {
        content: login.content,
        name: names::secret(owner, login.name),
        description: format!("{} of {}", login.description, owner.path()),
        kms_key_arn: Arn::new(""),
        username: login.username.clone(),
        tags: tags.clone(),
    };
    // Restored data has its users already.
    let logins = validated.application.logins();
    let logins = logins
        .iter()
        .filter(|login| !restored || login.purpose != ADMIN);
    let own_key = validated.sizes.own_key && landing.named_key.is_none();
    InstanceStack {
        owner: owner.clone(),
        key: own_key.then(|| {
            let description = format!("Patients' data of {}", owner.path());
            key_for(
                owner,
                landing.account,
                landing.region,
                landing.tags,
                &description,
            )
        }),
        secrets: logins.map(|login| (login.purpose, secret(login))).collect(),
        idle: None,
        renewed: None,
        frontend: security_group::Desired {
            name: names::security_group(owner, "frontend"),
            vpc_id: landing.network.vpc_id.as_str().into(),
            description: crate::owner::description(&format!(
                "Load balancer of {}: who may reach it",
                owner.path()
            )),
            ingress: validated
                .allowed
                .iter()
                .filter(|_| exposed)
                .map(frontend_rule)
                .collect(),
            tags,
        },
    }
}

fn frontend_rule(range: &IpNet) -> IngressRule {
    let text = range.trunc().to_string();
    IngressRule {
        protocol: "tcp".into(),
        ports: Some((PORT, PORT)),
        source: match range {
            IpNet::V4(_) => Source::Ipv4(text),
            IpNet::V6(_) => Source::Ipv6(text),
        },
    }
}

/// The next step. `shared_key` is the platform's key, `recorded` the key that status remembers,
/// `installed` whether the secrets' values are in use.
pub fn plan(
    stack: &InstanceStack,
    shared_key: &Arn,
    recorded: Option<&Arn>,
    installed: bool,
    seen: &InstanceSeen,
) -> Step<Change> {
    let owner = &stack.owner;
    let key_step = match &stack.key {
        Some(desired) => key::plan(desired, recorded, seen.key.as_ref(), owner).into_step(),
        None => Step::Settled,
    };
    key_step.then(|| {
        let arn = stack
            .key
            .as_ref()
            .and_then(|_| seen.key_arn())
            .unwrap_or(shared_key);
        let in_use = installed.then_some("the installed application");
        let secret = |purpose: &str, desired: &secret::Desired| {
            let seen = seen.secrets.get(purpose);
            let is_idle = stack.idle == Some(purpose);
            let in_use = in_use.filter(|_| !is_idle);
            let desired = secret::Desired {
                kms_key_arn: arn.clone(),
                ..desired.clone()
            };
            secret::plan(&desired, seen, in_use, owner)
                .then(|| match &stack.renewed {
                    Some(version) if is_idle => secret::renew(&desired, version, seen, owner),
                    _ => Step::Settled,
                })
                .into_step()
        };
        let frontend = if stack.frontend.ingress.is_empty() && seen.frontend.is_none() {
            Step::Settled
        } else {
            security_group::plan(&stack.frontend, seen.frontend.as_ref(), owner).into_step()
        };
        let secrets = stack.secrets.iter();
        let secrets = secrets.map(|(purpose, desired)| secret(purpose, desired));
        Step::all(secrets.chain([frontend]))
    })
}

/// What goes with an instance once its children are gone. The key never goes, the secrets only
/// under `Delete` (safety.md 3).
pub fn teardown(
    stack: &InstanceStack,
    policy: DeletionPolicy,
    seen: &InstanceSeen,
) -> Step<Change> {
    let owner = &stack.owner;
    let frontend = match policy {
        DeletionPolicy::Retain => Step::Settled,
        _ => security_group::remove(seen.frontend.as_ref(), owner).into_step(),
    };
    let secrets = match policy {
        DeletionPolicy::Delete => Step::all(
            seen.secrets
                .values()
                .map(|seen| secret::remove(Some(seen), owner).into_step()),
        ),
        _ => Step::Settled,
    };
    frontend.beside(secrets)
}
