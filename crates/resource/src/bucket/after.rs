//! What a bucket is like once AWS has accepted a change. What guards data is looked at instead.

use super::{Change, Observed};

pub(super) fn after(change: &Change, before: &Observed) -> Option<Observed> {
    let mut seen = before.clone();
    let details = seen.details.as_mut()?;
    match change {
        Change::PutLifecycle { lifecycle, .. } => details.lifecycle = lifecycle.clone(),
        Change::PutCors { origins, .. } => details.cors_origins.clone_from(origins),
        Change::DeleteCors(_) => details.cors_origins.clear(),
        Change::PutLogging { logging, .. } => details.logging.clone_from(logging),
        _ => return None,
    }
    Some(seen)
}
