//! Backup plans, and what they do by themselves when their rules are due.
//!
//! They do so only where a test says so ([`Room::run_backup_plans`]): other tests compare runs of
//! different length. A scheduled job is complete at once: nothing depends on how long it takes, and a room in which
//! something always ran could never be copied. Of each rule and resource the newest is kept.

use emr_resource::{
    Tags,
    backup_job::Job,
    backup_plan::{BackupPlan, Change, Desired, Observed, Rule, Schedule, Selection},
    backup_role::MANAGED_POLICIES,
    ids::{Arn, BackupPlanId, BackupPlanName, BackupSelectionId},
};
use jiff::{SignedDuration, Timestamp};

use super::Started;
use crate::memory::room::{Keeps, Refused, Room, Window, ensure, hex, refuse};

const INVALID: &str = "InvalidParameterValueException";
const NOT_FOUND: &str = "ResourceNotFoundException";

/// A plan and when it was last looked whether a rule is due.
#[derive(Clone)]
pub(in crate::memory) struct Planned {
    pub(in crate::memory) plan: Observed,
    looked_at: Timestamp,
}

impl Keeps<BackupPlan> for Room {
    fn list(&self, window: Window) -> Vec<Observed> {
        let bare = |planned: &Planned| Observed {
            details: None,
            ..planned.plan.clone()
        };
        window.show(self.backup.plans.values(), bare)
    }

    fn read(&self, id: &BackupPlanName) -> Option<Observed> {
        let planned = self.backup.plans.get(id)?;
        Some(planned.plan.clone())
    }

    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        self.backup.next_run = None;
        match change {
            Change::Create(desired) => return self.create_plan(desired).map(Some),
            Change::Update { name, id, rules } => {
                self.check_plan_rules(rules)?;
                let version = self.next_id("", &format!("version/{name}"));
                let plan = self.backup_plan(name, id)?;
                plan.version = version;
                if let Some(details) = &mut plan.details {
                    details.rules.clone_from(rules);
                }
            }
            Change::Select {
                seen,
                token,
                selection,
            } => return self.select(seen, token, selection),
            Change::Unselect {
                name,
                id,
                selection,
            } => {
                let plan = self.backup_plan(name, id)?;
                if let Some(details) = &mut plan.details {
                    details.selections.retain(|(of, _)| of != selection);
                }
            }
            Change::Delete { name, id } => {
                let plan = self.backup_plan(name, id)?;
                let details = plan.details.as_ref();
                let empty = details.is_none_or(|details| details.selections.is_empty());
                ensure(empty, "InvalidRequestException", "it has selections")?;
                self.backup.plans.remove(name);
            }
        }
        Ok(None)
    }
}

impl Room {
    fn backup_plan(
        &mut self,
        name: &BackupPlanName,
        id: &BackupPlanId,
    ) -> Result<&mut Observed, Refused> {
        match self.backup.plans.get_mut(name) {
            Some(planned) if planned.plan.id == *id => Ok(&mut planned.plan),
            _ => refuse(NOT_FOUND, format!("no backup plan {id}")),
        }
    }

    /// Source: AWS Backup API reference, `BackupRuleInput` and `Lifecycle`.
    fn check_plan_rules(&self, rules: &[Rule]) -> Result<(), Refused> {
        ensure(!rules.is_empty(), INVALID, "a plan needs a rule")?;
        for rule in rules {
            let vault = self.backup.vaults.contains_key(&rule.vault);
            ensure(vault, NOT_FOUND, "no such vault")?;
            let known = Schedule::parse(&rule.schedule).is_some();
            ensure(
                known,
                INVALID,
                format!("invalid schedule {}", rule.schedule),
            )?;
            let apart = match (rule.cold_after_days, rule.delete_after_days) {
                (Some(cold), Some(kept)) => kept >= cold + 90,
                _ => true,
            };
            ensure(apart, INVALID, "90 days in cold storage at least")?;
        }
        Ok(())
    }

    /// A repeated request id changes nothing, and is answered with what the first one made. Source:
    /// AWS Backup API reference, `CreateBackupPlan`.
    fn create_plan(&mut self, desired: &Desired) -> Result<Observed, Refused> {
        if let Some(Planned { plan, .. }) = self.backup.plans.get(&desired.name) {
            return Ok(desired.made(plan.id.clone(), plan.arn.clone(), plan.version.clone()));
        }
        self.check_plan_rules(&desired.rules)?;
        let id = self.next_id("", &format!("plan/{}", desired.name));
        let arn = self.arn("backup", &format!("backup-plan:{id}"));
        let version = self.next_id("", &format!("version/{}", desired.name));
        let plan = desired.made(BackupPlanId::new(id), arn, version);
        let planned = Planned {
            plan: plan.clone(),
            looked_at: self.now,
        };
        self.backup.plans.insert(desired.name.clone(), planned);
        Ok(plan)
    }

    fn select(
        &mut self,
        seen: &Observed,
        token: &str,
        selection: &Selection,
    ) -> Result<Option<Observed>, Refused> {
        let role = self.roles().by_arn(&selection.role_arn).is_some();
        ensure(role, INVALID, "the role can't be assumed")?;
        // Stands for the token as well: what is made twice with one gets one id.
        let id = BackupSelectionId::new(hex(&format!("{}{token}", seen.id), 17));
        let plan = self.backup_plan(&seen.name, &seen.id)?;
        if let Some(then) = plan.selecting(id.clone(), selection) {
            *plan = then;
        }
        Ok(seen.selecting(id, selection))
    }

    /// Has AWS Backup run its plans, or stop to. How many there are.
    pub fn run_backup_plans(&mut self, runs: bool) -> usize {
        self.backup.runs = runs;
        self.backup.plans.len()
    }

    /// Takes the recovery points that were due until `now`.
    pub(in crate::memory) fn run_plans(&mut self, now: Timestamp) {
        if self.backup.next_run.is_some_and(|next| now < next) {
            return;
        }
        let mut due = Vec::new();
        // Looked at again in a while where there is no rule.
        let mut soonest = now + SignedDuration::from_hours(1);
        for planned in self.backup.plans.values_mut() {
            let Some(details) = &planned.plan.details else {
                continue;
            };
            for rule in &details.rules {
                let Some(schedule) = Schedule::parse(&rule.schedule) else {
                    continue;
                };
                if schedule.next_after(planned.looked_at) <= now {
                    due.push((rule.clone(), details.selections.clone()));
                }
                soonest = soonest.min(schedule.next_after(now));
            }
            planned.looked_at = now;
        }
        self.backup.next_run = Some(soonest);
        if due.is_empty()
            || !self.backup.runs
            || !self.roles().any_with(&Arn::from(MANAGED_POLICIES[0]))
        {
            return;
        }
        let tagged: Vec<(Arn, Tags)> = self.tagged();
        for (rule, selections) in due {
            for (_, selection) in selections {
                for (arn, tags) in &tagged {
                    let covers = |(key, value): &(String, String)| tags.get(key) == Some(value);
                    if selection.tags.iter().any(covers) {
                        self.back_up(&rule, arn, now);
                    }
                }
            }
        }
    }

    /// What can be backed up, with its tags.
    fn tagged(&self) -> Vec<(Arn, Tags)> {
        let clusters = self.clusters.all.values();
        let clusters = clusters.filter(|cluster| cluster.is_available());
        let clusters = clusters.map(|of| (of.arn.clone(), of.tags.clone()));
        let files = self.file_systems.all.values();
        let files = files.map(|of| (of.arn.clone(), of.tags.clone()));
        clusters.chain(files).collect()
    }

    fn back_up(&mut self, rule: &Rule, arn: &Arn, at: Timestamp) {
        let token = format!("{}/{arn}", rule.name);
        let former = |job: &Started| job.scheduled && job.token == token;
        let id = hex(&format!("{token}/{at}"), 17);
        let started = Started {
            resource_arn: arn.clone(),
            tags: Tags::new(),
            scheduled: true,
            job: Job {
                state: "COMPLETED".into(),
                created_at: at,
                recovery_point_arn: Some(self.arn("backup", &format!("recovery-point:{id}"))),
                vault: rule.vault.clone(),
                message: None,
                id,
            },
            token: token.clone(),
            completed_at: Some(at),
        };
        match self.backup.jobs.iter_mut().find(|job| former(job)) {
            Some(job) => *job = started,
            None => self.backup.jobs.push(started),
        }
    }
}
