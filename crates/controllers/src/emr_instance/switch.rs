//! From the stores that an instance runs on to those that a restore made: its pods stop, one status
//! write says which stores are its own, and the next pass brings the pods up on them.
//!
//! Invariant: no pod runs while that is written, so none writes to what is put aside.

use std::time::Duration;

use emr_api::{EmrInstance, EmrRestore};
use emr_model::{
    Progress,
    openemr::names::{self, Part},
    progress::Notice,
};
use emr_runtime::ReconcileError;
use kube::ResourceExt;

use super::{
    application::{identity, read, stillness},
    pass::{Pass, remembered},
};
use crate::Context;

/// How often the pods are counted, although those that go wake the instance.
const COUNT: Duration = Duration::from_secs(15);

/// One step of it.
pub(super) async fn change_over(
    context: &Context,
    object: &EmrInstance,
    restore: &EmrRestore,
) -> Result<Pass, ReconcileError> {
    let status = restore.status.clone().unwrap_or_default();
    let (Some(candidate), Some(set)) = (status.candidate, status.set) else {
        let message = format!(
            "the status of EmrRestore {} was removed",
            restore.name_any()
        );
        return Err(ReconcileError::slow("InvalidObject", message));
    };
    let instance = identity(object);
    let name = names::object(&instance, Part::App);
    let namespace = instance.namespace.as_str();
    let deployment = read(&context.client, namespace, Some(&name), "Deployment").await?;
    stillness::keep(context, deployment.as_ref(), true, 0).await?;
    let restore = format!("EmrRestore {}", restore.name_any());
    let until = "on the database and the files that it made";
    let (part, stopped) = stillness::told(context, object, &restore, until).await?;
    let progress = Progress::Working(Notice::new("Switching", part.notice.message.clone()));
    let mut parts = remembered(object, &progress);
    parts.serving = part;
    let mut pass = Pass::of(progress, None);
    pass.parts = Some(parts);
    pass.look_again = Some(COUNT);
    if stopped {
        pass.findings.switched = Some((candidate, set));
        pass.look_again = Some(Duration::ZERO);
    }
    Ok(pass)
}
