//! The walk of an upgrade, as far as both applications share it: what is seen of it, what comes next, and what
//! status is to remember. What the pods are in each phase follows from status alone (`upgrade::target`), so a
//! phase is written before what it does begins, and a pass that is cut off anywhere is made again.

use std::time::Duration;

use emr_api::{
    EmrBackup, EmrInstance,
    emr_instance::{UpgradePhase, UpgradeStatus},
    labels,
};
use emr_model::{
    instance::{Part, Walked},
    openemr::names::label_value,
    progress::{Held, Notice},
    upgrade::{self, Action, Observed, Procedure, Recorded, Upgrade, Version, Work},
};
use emr_runtime::{Error, Key, ReconcileError};
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, ResourceExt, api::ListParams};

use super::{super::about, BroughtUp, identity};
use crate::{Context, phased::is_of, write};

/// How an application is upgraded, and how far this instance is.
pub(super) struct Walk<'a> {
    pub(super) context: &'a Context,
    pub(super) object: &'a EmrInstance,
    pub(super) procedure: &'a Procedure,
    /// The version of the spec.
    pub(super) wanted: &'a str,
    pub(super) hold: Option<Held>,
}

impl Walk<'_> {
    /// Whether there is nothing to do; then that is told.
    pub(super) fn is_over(&self, up: &mut BroughtUp) -> bool {
        let status = self.object.status.as_ref();
        let over = !upgrade::concerns(status, self.wanted);
        if over {
            up.parts.current = Some(self.up_to_date());
        }
        over
    }

    fn up_to_date(&self) -> Part {
        let name = self.procedure.catalogue.application;
        Part::yes("UpToDate", format!("{name} {} is installed", self.wanted))
    }

    /// The step under way.
    pub(super) fn under_way(&self) -> Option<&UpgradeStatus> {
        self.object.status.as_ref()?.upgrade.as_ref()
    }

    /// The phase that it stands in.
    pub(super) fn phase(&self) -> Option<UpgradePhase> {
        Some(self.under_way()?.phase)
    }

    /// Waits with the beginning while stores are not ready, for what the application tells, and until what was
    /// restored is released; what is under way goes on.
    pub(super) fn waits(&self, fenced: bool, other: Option<Notice>, up: &mut BroughtUp) -> bool {
        let parts = &up.parts;
        let ready = parts.database.fact && parts.cache.fact && parts.files.fact;
        let stores = (!ready).then(|| {
            let message = "database, cache or files are not ready";
            Notice::new("WaitingForStores", message)
        });
        let release = fenced.then(|| {
            let message = "what was restored is to be looked at and released first";
            Notice::new("WaitingForRelease", message)
        });
        let notice = stores.or(other).or(release);
        let Some(notice) = notice.filter(|_| self.under_way().is_none()) else {
            return false;
        };
        let message = format!("the upgrade to {} waits: {}", self.wanted, notice.message);
        up.parts.current = Some(Part::no(&notice.reason, message));
        true
    }

    /// What both applications look at: wishes, the set, and the pods of these components with the version
    /// that they were started from.
    pub(super) async fn look(
        &self,
        components: &str,
    ) -> Result<(Observed, Vec<Pod>), ReconcileError> {
        let object = self.object;
        let pods = self.pods(components).await?;
        let approved = object.annotations().get(labels::APPROVED).cloned();
        let seen = Observed {
            wish: upgrade::wish(object, self.hold.is_some()),
            approved,
            pods: pods.iter().map(started_from).collect(),
            set: self.set().await?,
            ..Observed::default()
        };
        Ok((seen, pods))
    }

    /// Pods that exist and have not ended.
    async fn pods(&self, components: &str) -> Result<Vec<Pod>, ReconcileError> {
        let namespace = self.object.namespace().unwrap_or_default();
        let selector = format!(
            "{}={},{} in ({components})",
            labels::INSTANCE,
            label_value(&self.object.name_any()),
            labels::COMPONENT
        );
        let api = Api::<Pod>::namespaced(self.context.client.clone(), &namespace);
        let listed = api.list(&ListParams::default().labels(&selector)).await;
        let listed = listed.map_err(|error| Error::request("list", "Pod", &namespace, error))?;
        let runs = |pod: &Pod| {
            let phase = pod.status.as_ref().and_then(|of| of.phase.as_deref());
            !matches!(phase, Some("Succeeded" | "Failed"))
        };
        Ok(listed.items.into_iter().filter(runs).collect())
    }

    /// The set of the step under way, by its name.
    async fn set(&self) -> Result<Option<(String, upgrade::State)>, ReconcileError> {
        let recorded = self.recorded().ok().and_then(|recorded| recorded.upgrade);
        let Some(upgrade) = recorded else {
            return Ok(None);
        };
        let key = Key::of(self.object);
        let name = upgrade.set_name(&self.object.name_any());
        let is_it = |backup: &EmrBackup| is_of(backup, &key) && backup.name_any() == name;
        let found = self.context.mirrors.backups.select(is_it).await?;
        Ok(found
            .first()
            .map(|backup| (name.clone(), upgrade::what_came_of(backup))))
    }

    fn recorded(&self) -> Result<Recorded, upgrade::VersionError> {
        upgrade::recorded(self.object.status.as_ref())
    }

    /// Goes one step on, and tells in `up` what status is to say. The work that is the application's own is
    /// returned.
    pub(super) async fn go_on(
        &self,
        seen: &Observed,
        up: &mut BroughtUp,
    ) -> Result<Option<Work>, ReconcileError> {
        let read = self
            .recorded()
            .and_then(|recorded| Ok((recorded, self.wanted.parse::<Version>()?)));
        let (recorded, wanted) = match read {
            Ok(read) => read,
            Err(error) => {
                let field = self.procedure.catalogue.field;
                let told = format!("{field}: {error}");
                up.parts.current = Some(Part::stalled("InvalidSpec", told));
                return Ok(None);
            }
        };
        let (whose, now) = (identity(self.object), self.context.now());
        let action = upgrade::next(self.procedure, &whose, &wanted, &recorded, seen, now);
        let installed = recorded.version.map(|version| version.to_string());
        let installed = installed.unwrap_or_default();
        match action {
            Action::Settled => up.parts.current = Some(self.up_to_date()),
            Action::Refuse(error) => {
                up.parts.current = Some(Part::stalled(error.reason(), error.to_string()));
            }
            Action::Write(upgrade) => {
                self.tell(&upgrade).await;
                self.write(installed, Some(&upgrade), up);
            }
            Action::Reached { version, upgrade } => {
                let note = format!("{version} is installed");
                self.event("Upgraded", &note).await;
                self.write(version.to_string(), upgrade.as_ref(), up);
            }
            Action::Abandon => self.write(installed, None, up),
            Action::Work(work, notice) => {
                up.parts.current = Some(Part::no(&notice.reason, notice.message));
                let since = recorded.upgrade.as_ref().map(|upgrade| upgrade.since);
                up.look_again = since.map(|since| upgrade::look_again(since, now));
                self.secure(recorded.upgrade.as_ref(), work).await?;
                return Ok(Some(work));
            }
            Action::Rest(notice) if notice.reason == "UpgradeFailed" => {
                up.parts.current = Some(Part::stalled(&notice.reason, notice.message));
            }
            Action::Rest(notice) => {
                up.parts.current = Some(Part::no(&notice.reason, notice.message));
            }
        }
        Ok(None)
    }

    /// Has the step's set taken.
    async fn secure(&self, upgrade: Option<&Upgrade>, work: Work) -> Result<(), ReconcileError> {
        let (Some(upgrade), Work::TakeSet { quiesced }) = (upgrade, work) else {
            return Ok(());
        };
        let name = upgrade.set_name(&self.object.name_any());
        let set = upgrade::a_set(self.object, &name, quiesced);
        write::keep(self.context, &set, true).await
    }

    /// Has this written, and the next pass follow at once.
    fn write(&self, version: String, upgrade: Option<&Upgrade>, up: &mut BroughtUp) {
        let failed = upgrade.is_some_and(|of| of.phase == UpgradePhase::Failed);
        up.parts.current = Some(match upgrade {
            Some(of) if failed => Part::stalled("UpgradeFailed", of.message.clone()),
            Some(of) => Part::no("Upgrading", of.message.clone()),
            None if version == self.wanted => self.up_to_date(),
            None => Part::no("Upgrading", format!("{version} is what runs")),
        });
        let upgrade = upgrade.map(|of| upgrade::remember(self.object, of));
        up.walked = Some(Walked { version, upgrade });
        up.look_again = Some(Duration::ZERO);
    }

    /// An event where a phase begins.
    async fn tell(&self, upgrade: &Upgrade) {
        let before = self.phase();
        if before == Some(upgrade.phase) {
            return;
        }
        if upgrade.phase == UpgradePhase::Failed {
            let events = &self.context.events;
            events
                .warning(
                    &about(self.object),
                    "UpgradeFailed",
                    "Upgrade",
                    &upgrade.message,
                )
                .await;
        } else {
            self.event("Upgrading", &upgrade.message).await;
        }
    }

    async fn event(&self, reason: &str, note: &str) {
        let events = &self.context.events;
        let about = about(self.object);
        events.normal(&about, reason, "Upgrade", note).await;
    }
}

/// The version of the image that a pod was made with.
fn started_from(pod: &Pod) -> Option<Version> {
    pod.labels().get(labels::APP_VERSION)?.parse().ok()
}
