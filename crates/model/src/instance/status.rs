//! What people read of an instance: its parts, then one verdict.

use emr_api::{
    EmrInstance,
    conditions::{self, Beside, Verdict},
    emr_instance::{
        DatabaseUsers, EmrInstanceStatus, RestoredSet, Scale, Scheduled, UpgradeStatus,
    },
    references::ResourceStatus,
};
use emr_resource::ResourceType;
use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Condition, jiff::Timestamp};

use super::{InstanceSeen, InstanceStack, exposure::FENCED, restore};
use crate::{
    inventory::line,
    openemr::progress::{Finding, Next},
    progress::{Notice, Progress},
};

/// Why an instance whose pods are stopped for a backup does not serve.
pub const QUIESCED: &str = "Quiesced";

/// A part of an instance: true, or not yet and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Whether it is there.
    pub fact: bool,
    /// Reason and message of the condition.
    pub notice: Notice,
    /// A person is needed.
    pub stalled: bool,
}

impl Part {
    /// It is there.
    pub fn yes(reason: &str, message: impl Into<String>) -> Self {
        Self {
            fact: true,
            notice: Notice::new(reason, message),
            stalled: false,
        }
    }

    /// Not yet.
    pub fn no(reason: &str, message: impl Into<String>) -> Self {
        Self {
            fact: false,
            notice: Notice::new(reason, message),
            stalled: false,
        }
    }

    /// Not, and a person is needed.
    pub fn stalled(reason: &str, message: impl Into<String>) -> Self {
        Self {
            fact: false,
            notice: Notice::new(reason, message),
            stalled: true,
        }
    }

    /// From what the application's objects show.
    pub fn of_finding(finding: &Finding) -> Self {
        Self {
            fact: finding.met,
            notice: Notice::new(finding.reason, finding.message.clone()),
            stalled: finding.next == Next::Person,
        }
    }

    /// A child's `Ready`, as the child tells it.
    pub fn of_child(what: &str, conditions: Option<&[Condition]>) -> Self {
        let conditions = conditions.unwrap_or_default();
        let told = |kind: &str| conditions::find(conditions, kind);
        match (told(conditions::READY), told(conditions::STALLED)) {
            (Some(ready), _) if ready.status == "True" => {
                Self::yes(&ready.reason, ready.message.clone())
            }
            (_, Some(stalled)) => Self::stalled(&stalled.reason, stalled.message.clone()),
            (Some(ready), None) => Self::no(&ready.reason, ready.message.clone()),
            (None, None) => Self::no("Creating", format!("{what} has been asked for")),
        }
    }
}

/// The parts of an instance, in the order in which they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The database.
    pub database: Part,
    /// The cache.
    pub cache: Part,
    /// The files.
    pub files: Part,
    /// Schema and files of the application.
    pub installed: Part,
    /// Enough pods are ready.
    pub serving: Part,
    /// It can be reached.
    pub exposed: Part,
    /// The version that is installed is the spec's; `None` before the install.
    pub current: Option<Part>,
}

impl Parts {
    /// Nothing known yet.
    pub fn unknown(why: &Notice) -> Self {
        let part = || Part {
            fact: false,
            notice: why.clone(),
            stalled: false,
        };
        Self {
            database: part(),
            cache: part(),
            files: part(),
            installed: part(),
            serving: part(),
            exposed: part(),
            current: None,
        }
    }

    /// The parts that `Ready` is made of.
    fn of_ready(&self) -> [(&'static str, &Part); 5] {
        [
            (conditions::DATABASE_READY, &self.database),
            (conditions::CACHE_READY, &self.cache),
            (conditions::FILES_READY, &self.files),
            (conditions::INSTALLED, &self.installed),
            (conditions::SERVING, &self.serving),
        ]
    }

    /// The instance's progress, where its own steps are settled: stalled with the first stalled
    /// part, working while parts are missing. An upgrade outweighs the pods that it replaces.
    fn progress(&self) -> Progress {
        let parts = self.of_ready();
        if let Some(current) = self.current.as_ref().filter(|current| !current.fact) {
            let notice = current.notice.clone();
            return if current.stalled {
                Progress::Stalled(notice)
            } else {
                Progress::Working(notice)
            };
        }
        if let Some((_, part)) = parts.iter().find(|(_, part)| part.stalled) {
            return Progress::Stalled(part.notice.clone());
        }
        let missing: Vec<_> = parts.iter().filter(|(_, part)| !part.fact).collect();
        match missing.first() {
            None => Progress::Settled,
            Some((_, first)) => {
                // The three stores come side by side, so all that are waited for are named.
                let stores = missing
                    .iter()
                    .filter(|(_, part)| part.notice != first.notice)
                    .take(2);
                let message = std::iter::once(first.notice.message.clone())
                    .chain(stores.map(|(_, part)| part.notice.message.clone()))
                    .collect::<Vec<_>>()
                    .join("; ");
                Progress::Working(Notice::new(first.notice.reason.clone(), message))
            }
        }
    }
}

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
