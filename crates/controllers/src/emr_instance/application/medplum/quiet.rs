//! Stops the API server and the worker pool while a set is taken of their instance, and lets them go again.
//! The web app's pods run on: they hand out files and touch no data.

use emr_api::EmrInstance;
use emr_model::{instance::Part, medplum::Workload, progress::Held};
use emr_runtime::ReconcileError;
use kube::ResourceExt;

use super::{
    super::{BroughtUp, stillness},
    Deployed,
};
use crate::{Context, emr_instance::gather::World};

/// Keeps both stopped or running. What is said while they stand still takes the place of `serving`.
pub(super) async fn keep(
    context: &Context,
    object: &EmrInstance,
    world: &World,
    (workload, deployed): (&Workload, &Deployed),
    hold: Option<Held>,
    up: &mut BroughtUp,
    serving: Part,
) -> Result<(), ReconcileError> {
    up.parts.serving = serving;
    let quiet_for = world.quiet_for.as_ref();
    if hold.is_none() {
        let quiet = quiet_for.is_some();
        let (api, workers) = (deployed.api.as_ref(), deployed.workers.as_ref());
        stillness::keep(context, api, quiet, workload.replicas.min).await?;
        let least = workload.workers.map_or(0, |of| of.replicas.min);
        // A pool that was there before a restore stays in its fence, too: the same messages would go out twice.
        let fenced = workload.is_fenced();
        stillness::keep(context, workers, quiet || fenced, least).await?;
    }
    if let Some(backup) = quiet_for {
        let what = format!("EmrBackup {}", backup.name_any());
        let until = "when both halves of the set are complete";
        let (part, stopped) = stillness::told(context, object, &what, until).await?;
        up.parts.serving = part;
        up.quiesced_for = backup.uid().filter(|_| stopped);
    }
    Ok(())
}
