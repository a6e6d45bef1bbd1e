//! From the stores that an instance runs on to those that a restore made: its pods stop, one status
//! write says which stores are its own, and the next pass brings the pods up on them.
//!
//! Invariant: no pod that writes runs while that is written, so none writes to what is put aside.

use std::time::Duration;

use emr_api::{EmrInstance, EmrRestore};
use emr_model::{Progress, instance::Application, progress::Notice, restore::what_is_made};
use emr_runtime::ReconcileError;
use k8s_openapi::api::apps::v1::Deployment;
use kube::ResourceExt;

use super::{
    application::{read, stillness, writers},
    pass::{Pass, remembered},
};
use crate::Context;

/// How often the pods are counted, although those that go wake the instance.
const COUNT: Duration = Duration::from_secs(15);

/// One step of it.
pub(super) async fn change_over(
    context: &Context,
    object: &EmrInstance,
    application: &Application,
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
    let namespace = object.namespace().unwrap_or_default();
    for name in writers(object, application) {
        let found = read(&context.client, &namespace, Some(&name), "Deployment").await?;
        let deployment: Option<Deployment> = found;
        stillness::keep(context, deployment.as_ref(), true, 0).await?;
    }
    let restore = format!("EmrRestore {}", restore.name_any());
    let until = format!("on {} that it made", what_is_made(&set));
    let (part, stopped) = stillness::told(context, object, &restore, &until).await?;
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
