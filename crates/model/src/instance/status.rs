//! What people read of an instance: one verdict over its parts, and what is remembered.

use emr_api::{
    EmrInstance,
    conditions::{self, Beside, Verdict},
    emr_instance::{
        DatabaseUsers, EmrInstanceStatus, RestoredSet, Scale, Scheduled, UpgradeStatus,
    },
    references::ResourceStatus,
};
use emr_resource::ResourceType;
use k8s_openapi::jiff::Timestamp;

use super::{InstanceSeen, InstanceStack, Parts, exposure::FENCED, restore};
use crate::{inventory::line, progress::Progress};

/// Why an instance whose pods are stopped for a backup does not serve.
pub const QUIESCED: &str = "Quiesced";

/// What is reported beside the parts.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// How far it may scale.
    pub scale: Option<Scale>,
    /// The version that the install Job completed with.
    pub installed_version: Option<String>,
    /// The key that encrypts its data.
    pub kms_key_arn: Option<String>,
    /// Its own resources in AWS.
    pub resources: Vec<ResourceStatus>,
    /// What the platform tells of the cluster.
    pub beside: Vec<Beside>,
    /// The backup for which all pods are stopped.
    pub quiesced_for: Option<String>,
    /// Whom the pods sign in to the database as.
    pub database_users: Option<DatabaseUsers>,
    /// What was made last on a schedule.
    pub scheduled: Option<Scheduled>,
    /// The first administrator's secret.
    pub admin_secret_arn: Option<String>,
    /// The set that it is to be made from, once that is decided.
    pub restored: Option<RestoredSet>,
    /// The stores that it changes over to, and the set that they were made from. With them it is of the set's
    /// version, whatever was under way.
    pub switched: Option<(String, RestoredSet)>,
    /// What an upgrade has come to, where that is to be written.
    pub walked: Option<Walked>,
}

/// What an upgrade has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walked {
    /// What is installed now.
    pub version: String,
    /// What is under way; `None`: nothing any more.
    pub upgrade: Option<UpgradeStatus>,
}

/// The status that follows. `own` is how far the instance's own steps have come: it outweighs the
/// parts when it failed or waits.
pub fn report(
    instance: &EmrInstance,
    own: &Progress,
    parts: &Parts,
    findings: Findings,
    now: Timestamp,
) -> EmrInstanceStatus {
    let old = instance.status.clone().unwrap_or_default();
    let generation = instance.metadata.generation.unwrap_or_default();
    let progress = match own {
        Progress::Settled => parts.progress(),
        // What the parts wait for says more than that something was applied.
        Progress::Working(notice) if notice.reason == "Applying" => match parts.progress() {
            Progress::Settled => own.clone(),
            of_parts => of_parts,
        },
        other => other.clone(),
    };
    let (stores, switched) = findings.switched.unzip();
    let set_version = switched.as_ref().and_then(|set| set.version.clone());
    let (version, upgrade) = match (findings.walked, &switched) {
        (_, Some(_)) => (set_version.or(old.version), None),
        (Some(walked), None) => (Some(walked.version), walked.upgrade),
        (None, None) => (old.version.or(findings.installed_version), old.upgrade),
    };
    let deleting = instance.metadata.deletion_timestamp.is_some();
    let ready = !deleting && parts.of_ready().iter().all(|(_, part)| part.fact);
    let mut all = progress.conditions(
        &old.conditions,
        generation,
        now,
        ready.then_some("database, cache, files and application are ready"),
    );
    let exposed = (conditions::EXPOSED, &parts.exposed);
    let current = parts.current.as_ref();
    let current = current.map(|current| (conditions::VERSION_CURRENT, current));
    let rest = [exposed].into_iter().chain(current);
    for (kind, part) in parts.of_ready().into_iter().chain(rest) {
        let verdict = Verdict::from_bool(part.fact);
        all = all.set(kind, verdict, &part.notice.reason, &part.notice.message);
    }
    all = all.beside(&findings.beside);
    EmrInstanceStatus {
        observed_generation: generation,
        conditions: all.finish(),
        phase: Some(phase(instance, ready, &progress, parts).to_owned()),
        url: parts
            .exposed
            .fact
            .then(|| format!("https://{}/", instance.spec.hostname)),
        version,
        upgrade,
        kms_key_arn: old.kms_key_arn.or(findings.kms_key_arn),
        admin_secret_arn: findings.admin_secret_arn.or(old.admin_secret_arn),
        quiesced_for: findings.quiesced_for,
        stores: stores.or(old.stores),
        restored: restore::remember(instance, findings.restored, switched, now),
        database_users: findings.database_users.or(old.database_users),
        scheduled: findings.scheduled.or(old.scheduled),
        scale: findings.scale.or(old.scale),
        resources: if findings.resources.is_empty() {
            old.resources
        } else {
            findings.resources
        },
    }
}

fn phase(instance: &EmrInstance, ready: bool, progress: &Progress, parts: &Parts) -> &'static str {
    match progress {
        _ if instance.metadata.deletion_timestamp.is_some() => "Deleting",
        Progress::Stalled(_) => "Stalled",
        _ if ready && parts.exposed.notice.reason == FENCED => "Fenced",
        _ if is_upgrading(parts) => "Upgrading",
        _ if ready => "Ready",
        _ if parts.serving.notice.reason == QUIESCED => "Quiesced",
        _ if parts.installed.fact => "Starting",
        _ if parts.database.fact && parts.cache.fact && parts.files.fact => {
            match instance.spec.restore_from {
                Some(_) => "Restoring",
                None => "Installing",
            }
        }
        _ => "Provisioning",
    }
}

fn is_upgrading(parts: &Parts) -> bool {
    let current = parts.current.as_ref();
    current.is_some_and(|current| !current.fact && !current.stalled)
}

/// The list of an instance's own resources.
pub fn resources(stack: &InstanceStack, seen: &InstanceSeen) -> Vec<ResourceStatus> {
    use emr_resource::{key::Key, secret::Secret, security_group::SecurityGroup};
    let mut lines = Vec::new();
    if let Some(key) = &stack.key {
        let details = seen.key.as_ref().and_then(|key| key.details.as_ref());
        lines.push(line(
            Key::NAME,
            &key.alias,
            details.map(|details| (Some(details.arn.as_str()), details.state.as_str())),
        ));
    }
    for (purpose, secret) in &stack.secrets {
        let seen = seen.secrets.get(purpose);
        let seen = seen.map(|secret| (Some(secret.arn.as_str()), "available"));
        lines.push(line(Secret::NAME, &secret.name, seen));
    }
    if !stack.frontend.ingress.is_empty() || seen.frontend.is_some() {
        let seen = seen
            .frontend
            .as_ref()
            .map(|group| (Some(group.id.as_str()), "available"));
        lines.push(line(SecurityGroup::NAME, &stack.frontend.name, seen));
    }
    lines
}
