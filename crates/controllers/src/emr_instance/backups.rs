//! Looks whether an instance is backed up as it should be.
//!
//! What AWS Backup has changes each hour, and changes nothing here: no recovery point wakes the
//! instance. It looks again when the next one would be overdue.

use std::time::Duration;

use emr_api::{EmrInstance, conditions::Beside};
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::instance::{Held, backup_healthy};
use emr_resource::{
    backup_job::{BackupJobs, Job},
    ids::Arn,
    protected_resource::ProtectedResource,
};

use super::gather::World;
use crate::{Context, context::watcher_of};

/// Stands for instances in the view of what is backed up, and is no kind: nobody is woken.
pub(super) const LOOKS: &str = "EmrInstance/backups";

/// The condition, and when to look again; `None` before there is anything to back up, and while AWS
/// Backup can't be asked.
pub(super) async fn healthy(
    context: &Context,
    object: &EmrInstance,
    world: &World,
) -> Option<(Beside, Duration)> {
    let since = object.metadata.creation_timestamp.as_ref()?.0;
    let account = &world.landing.account;
    let watcher = watcher_of(object, LOOKS);
    let looked = look(context, account, world, &watcher, since).await;
    looked
        .inspect_err(|error| tracing::debug!(%error, "can't ask AWS Backup"))
        .ok()
        .flatten()
}

async fn look(
    context: &Context,
    account: &Account,
    world: &World,
    watcher: &Watcher,
    since: jiff::Timestamp,
) -> Result<Option<(Beside, Duration)>, CloudError> {
    let parts = parts(world);
    // A bucket keeps every version by itself, and is in no plan.
    let expected = if world.objects.is_some() { 1 } else { 2 };
    if parts.len() < expected {
        return Ok(None);
    }
    let now = context.now();
    let mut held = Vec::new();
    for (what, arn, hourly) in parts {
        let seen = account.get::<ProtectedResource>(&arn, watcher).await?;
        let mut part = Held {
            what,
            hourly,
            last: seen.and_then(|seen| seen.last_backup),
            trouble: None,
        };
        if part.is_overdue(since, now) {
            part.trouble = trouble(account, &arn).await?;
        }
        held.push(part);
    }
    Ok(Some(backup_healthy(&held, since, now)))
}

/// What holds data, once it is there.
fn parts(world: &World) -> Vec<(&'static str, Arn, bool)> {
    let database = world.database.as_ref().and_then(|database| {
        let arn = database.status.as_ref()?.arn.as_deref()?;
        Some(("the database", Arn::from(arn), false))
    });
    let files = world.files.as_ref().and_then(|files| {
        let arn = files.status.as_ref()?.arn.as_deref()?;
        Some(("the files", Arn::from(arn), files.spec.hourly_backups))
    });
    database.into_iter().chain(files).collect()
}

/// What AWS says of the newest job, if that did not succeed.
async fn trouble(account: &Account, arn: &Arn) -> Result<Option<String>, CloudError> {
    // Read once, without lasting interest: it is asked rarely, and only in trouble.
    let jobs = account.confirm::<BackupJobs>(arn).await?;
    let newest = jobs.as_ref().and_then(|of| of.jobs.first());
    Ok(match newest {
        None => Some("there is no backup job of it".to_owned()),
        Some(job) if job.state == "COMPLETED" || job.is_running() => None,
        Some(Job {
            id, state, message, ..
        }) => Some(format!(
            "backup job {id} {state}: {}",
            message.as_deref().unwrap_or("AWS gives no reason")
        )),
    })
}
