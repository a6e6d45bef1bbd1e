//! From the group that is seen to the one that is wanted.

use super::{Change, Desired, Observed};
use crate::{Owner, Step, ownership};

/// Creates the group, then brings its rules to exactly the wanted ones.
pub fn plan(desired: &Desired, observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::change(Change::Create(desired.clone()));
    };
    ownership::guard(&format!("security group {}", seen.id), &seen.tags, owner).then(|| {
        let missing: std::collections::BTreeSet<_> =
            desired.ingress.difference(&seen.ingress).cloned().collect();
        let extra: std::collections::BTreeSet<_> =
            seen.ingress.difference(&desired.ingress).cloned().collect();
        let (name, id) = (seen.name.clone(), seen.id.clone());
        let mut changes = Vec::new();
        if !missing.is_empty() {
            changes.push(Change::Authorize {
                name: name.clone(),
                id: id.clone(),
                rules: missing,
            });
        }
        if !extra.is_empty() {
            changes.push(Change::Revoke {
                name,
                id,
                rules: extra,
            });
        }
        Step::changes(changes)
    })
}

/// Deletes the group, if it is this owner's.
pub fn remove(observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    match observed {
        Some(seen) if ownership::claim(&seen.tags, owner) == ownership::Claim::Ours => {
            Step::change(Change::Delete {
                name: seen.name.clone(),
                id: seen.id.clone(),
            })
        }
        _ => Step::Settled,
    }
}
