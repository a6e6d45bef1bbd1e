//! Backup plans with what they cover. Lists tell neither rules nor selections, so both are read singly.

use async_trait::async_trait;
use aws_sdk_backup::{
    Client,
    error::BuildError,
    types::{
        self, BackupPlanInput, BackupPlansListMember, BackupRuleInput, BackupSelection, Condition,
        ConditionType, Lifecycle,
    },
};
use emr_resource::{
    Mutation,
    backup_plan::{BackupPlan, Change, Desired, Details, Observed, Rule, Selection},
    ids::{BackupPlanId, BackupPlanName, BackupSelectionId, VaultName},
};

use super::{Clients, Wire, backup, wire::unbuilt};
use crate::{CloudError, Cursor, Page, Port};

pub(super) struct Adapter {
    backup: Client,
    wire: Wire,
}

fn listed(plan: &BackupPlansListMember) -> Option<Observed> {
    Some(Observed {
        // Those of others were made with other request ids, or with none.
        name: BackupPlanName::new(plan.creator_request_id()?),
        id: BackupPlanId::new(plan.backup_plan_id()?),
        arn: plan.backup_plan_arn()?.into(),
        version: plan.version_id()?.to_owned(),
        details: None,
    })
}

fn rule(rule: &types::BackupRule) -> Rule {
    let lifecycle = rule.lifecycle();
    Rule {
        name: rule.rule_name().to_owned(),
        schedule: rule.schedule_expression().unwrap_or_default().to_owned(),
        vault: VaultName::new(rule.target_backup_vault_name()),
        cold_after_days: lifecycle.and_then(Lifecycle::move_to_cold_storage_after_days),
        delete_after_days: lifecycle.and_then(Lifecycle::delete_after_days),
    }
}

fn selection(selection: &BackupSelection) -> Selection {
    let tags = selection.list_of_tags().iter();
    Selection {
        role_arn: selection.iam_role_arn().into(),
        tags: tags
            .map(|tag| {
                (
                    tag.condition_key().to_owned(),
                    tag.condition_value().to_owned(),
                )
            })
            .collect(),
        resources: selection
            .resources()
            .iter()
            .map(|arn| arn.as_str().into())
            .collect(),
    }
}

fn plan_input(name: &BackupPlanName, rules: &[Rule]) -> Result<BackupPlanInput, BuildError> {
    let mut plan = BackupPlanInput::builder().backup_plan_name(name.as_str());
    for rule in rules {
        let lifecycle = Lifecycle::builder()
            .set_move_to_cold_storage_after_days(rule.cold_after_days)
            .set_delete_after_days(rule.delete_after_days)
            .build();
        let wired = BackupRuleInput::builder()
            .rule_name(&rule.name)
            .schedule_expression(&rule.schedule)
            .target_backup_vault_name(rule.vault.as_str())
            .lifecycle(lifecycle)
            .build()?;
        plan = plan.rules(wired);
    }
    plan.build()
}

fn selection_input(token: &str, selection: &Selection) -> Result<BackupSelection, BuildError> {
    let mut wired = BackupSelection::builder()
        .selection_name(token)
        .iam_role_arn(selection.role_arn.as_str());
    for (key, value) in &selection.tags {
        let condition = Condition::builder()
            .condition_type(ConditionType::Stringequals)
            .condition_key(key)
            .condition_value(value)
            .build()?;
        wired = wired.list_of_tags(condition);
    }
    for arn in &selection.resources {
        wired = wired.resources(arn.as_str());
    }
    wired.build()
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire) -> Self {
        Self {
            backup: clients.backup.clone(),
            wire,
        }
    }

    async fn rules(&self, id: &BackupPlanId) -> Result<(String, Vec<Rule>), CloudError> {
        let get = || {
            self.backup
                .get_backup_plan()
                .backup_plan_id(id.as_str())
                .send()
        };
        let found = self.wire.read("GetBackupPlan", get).await?;
        let lacks = |what| CloudError::malformed("GetBackupPlan", what);
        let version = found.version_id().ok_or_else(|| lacks("the version"))?;
        let plan = found.backup_plan().ok_or_else(|| lacks("the plan"))?;
        let rules = plan.rules().iter().map(rule).collect();
        Ok((version.to_owned(), rules))
    }

    async fn selections(
        &self,
        id: &BackupPlanId,
    ) -> Result<Vec<(BackupSelectionId, Selection)>, CloudError> {
        let mut found = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let list = || {
                let call = self.backup.list_backup_selections();
                let call = call.backup_plan_id(id.as_str()).max_results(backup::PAGE);
                call.set_next_token(token.clone()).send()
            };
            let page = self.wire.read("ListBackupSelections", list).await?;
            for member in page.backup_selections_list() {
                let Some(selection_id) = member.selection_id() else {
                    continue;
                };
                let get = || {
                    let call = self.backup.get_backup_selection();
                    let call = call.backup_plan_id(id.as_str());
                    call.selection_id(selection_id).send()
                };
                let answer = self.wire.read("GetBackupSelection", get).await;
                let answer = CloudError::none_if_not_found(answer)?;
                if let Some(wired) = answer.as_ref().and_then(|answer| answer.backup_selection()) {
                    found.push((BackupSelectionId::new(selection_id), selection(wired)));
                }
            }
            token = page
                .next_token()
                .filter(|token| !token.is_empty())
                .map(str::to_owned);
            if token.is_none() {
                break;
            }
        }
        found.sort();
        Ok(found)
    }

    async fn details(&self, listed: Observed) -> Result<Observed, CloudError> {
        let (version, rules) = self.rules(&listed.id).await?;
        let details = Details {
            rules,
            selections: self.selections(&listed.id).await?,
            tags: backup::tags(&self.backup, &self.wire, &listed.arn).await?,
        };
        Ok(Observed {
            version,
            details: Some(details),
            ..listed
        })
    }

    /// Of a request that is repeated AWS answers the plan that it made first. Its rules are the same
    /// then, or they were changed within the time that lists lag: the next whole read tells.
    async fn create(
        &self,
        desired: &Desired,
        operation: &'static str,
    ) -> Result<Option<Observed>, CloudError> {
        let name = &desired.name;
        let plan = plan_input(name, &desired.rules).map_err(|error| unbuilt(operation, &error))?;
        let call = self
            .backup
            .create_backup_plan()
            .backup_plan(plan)
            .set_backup_plan_tags(Some(desired.tags.clone().into_iter().collect()))
            .creator_request_id(name.as_str());
        let made = self.wire.mutate(operation, call.send()).await?;
        let told = (
            made.backup_plan_id(),
            made.backup_plan_arn(),
            made.version_id(),
        );
        let (Some(id), Some(arn), Some(version)) = told else {
            return Ok(None);
        };
        Ok(Some(desired.made(
            id.into(),
            arn.into(),
            version.to_owned(),
        )))
    }

    async fn select(
        &self,
        seen: &Observed,
        token: &str,
        selection: &Selection,
        operation: &'static str,
    ) -> Result<Option<Observed>, CloudError> {
        let wired =
            selection_input(token, selection).map_err(|error| unbuilt(operation, &error))?;
        let call = self.backup.create_backup_selection();
        let call = call
            .backup_plan_id(seen.id.as_str())
            .creator_request_id(token);
        let call = call.backup_selection(wired);
        let made = self.wire.mutate(operation, call.send()).await?;
        let id = made.selection_id().map(BackupSelectionId::new);
        Ok(id.and_then(|id| seen.selecting(id, selection)))
    }
}

#[async_trait]
impl Port<BackupPlan> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let token = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self.backup.list_backup_plans().max_results(backup::PAGE);
            call.set_next_token(token.clone()).send()
        };
        let page = self.wire.read("ListBackupPlans", list).await?;
        let items = page.backup_plans_list().iter().filter_map(listed).collect();
        Ok(Page::new(items, page.next_token()))
    }

    async fn read(&self, id: &BackupPlanName) -> Result<Option<Observed>, CloudError> {
        match backup::find(self, id).await? {
            Some(listed) => CloudError::none_if_not_found(self.details(listed).await),
            None => Ok(None),
        }
    }

    /// What is created or selected is told with the reply; after every other change the view reads.
    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        let unbuilt = |error| unbuilt(operation, &error);
        match change {
            Change::Create(desired) => return self.create(desired, operation).await,
            Change::Select {
                seen,
                token,
                selection,
            } => return self.select(seen, token, selection, operation).await,
            Change::Update { name, id, rules } => {
                let call = self.backup.update_backup_plan().backup_plan_id(id.as_str());
                let call = call.backup_plan(plan_input(name, rules).map_err(unbuilt)?);
                self.wire.mutate(operation, call.send()).await?;
            }
            Change::Unselect { id, selection, .. } => {
                let call = self.backup.delete_backup_selection();
                let call = call
                    .backup_plan_id(id.as_str())
                    .selection_id(selection.as_str());
                self.wire.mutate(operation, call.send()).await?;
            }
            Change::Delete { id, .. } => {
                let call = self.backup.delete_backup_plan().backup_plan_id(id.as_str());
                self.wire.mutate(operation, call.send()).await?;
            }
        }
        Ok(None)
    }
}
