//! Whether the shared files can be mounted: the install Job is made only once its claims are bound.
//!
//! A pod that is made before is "Pending", whatever the cause; a claim's name and a next step help.

use k8s_openapi::api::core::v1::PersistentVolumeClaim;

use super::{Finding, Instance, Next};

/// What the install waits for: the first claim that is not bound. `None` when all are.
pub fn volumes<'a>(
    instance: &Instance,
    claims: impl IntoIterator<Item = (&'a str, Option<&'a PersistentVolumeClaim>)>,
) -> Option<Finding> {
    claims
        .into_iter()
        .find_map(|(name, claim)| unbound(instance, name, claim))
}

fn unbound(
    instance: &Instance,
    name: &str,
    claim: Option<&PersistentVolumeClaim>,
) -> Option<Finding> {
    let Some(claim) = claim else {
        let message = format!("the claim {name} on the shared files is being created");
        return Some(Finding::new(false, REASON, message, Next::Wait));
    };
    let phase = claim
        .status
        .as_ref()
        .and_then(|status| status.phase.as_deref());
    let volume = claim
        .spec
        .as_ref()
        .and_then(|spec| spec.volume_name.as_deref())
        .unwrap_or_default();
    let namespace = &instance.namespace;
    match phase {
        Some("Bound") => None,
        Some("Lost") => Some(Finding::new(
            false,
            "VolumeLost",
            format!(
                "the claim {name} has lost its volume {volume}; the files are safe in EFS; run \
                 `kubectl -n {namespace} delete pvc {name}`: it is made anew and the install goes on"
            ),
            Next::Person,
        )),
        _ => Some(Finding::new(
            false,
            REASON,
            format!(
                "the install starts once the claim {name} is bound to its volume {volume}; that \
                 takes seconds and does not need the EFS CSI driver; if it lasts, `kubectl -n \
                 {namespace} describe pvc {name}` says why: a deleted claim may still hold the \
                 volume, or the cluster's volume controller does not run"
            ),
            Next::Wait,
        )),
    }
}

const REASON: &str = "WaitingForVolumes";
