//! From the user that is seen to the one that is wanted.

use super::{Change, Desired, Observed};
use crate::{Owner, Refusal, Step, ownership};

fn being_read(seen: &Observed) -> Step<Change> {
    Step::wait(
        "ReadingCache",
        format!("the tags of cache user {} are being read", seen.id),
    )
}

/// Creates the user, or brings its rights back to the wanted ones.
pub fn plan(desired: &Desired, observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::change(Change::Create(Box::new(desired.clone())));
    };
    let Some(tags) = &seen.tags else {
        return being_read(seen);
    };
    ownership::guard(&format!("cache user {}", seen.id), tags, owner)
        .then(|| {
            if seen.user_name == desired.user_name {
                return Step::Settled;
            }
            Step::refuse(
                Refusal::REPLACEMENT_REFUSED,
                format!(
                    "cache user {} signs in as {} and can't become {} without being replaced. \
                     Delete it in ElastiCache: it is created again as the spec says.",
                    seen.id, seen.user_name, desired.user_name
                ),
            )
        })
        .then(|| match seen.status.as_str() {
            "active" => Step::Settled,
            status => Step::wait(
                "ModifyingCacheUsers",
                format!("cache user {} is {status}", seen.id),
            ),
        })
        .then(|| {
            if seen.access == desired.access {
                return Step::Settled;
            }
            Step::change(Change::Modify {
                id: seen.id.clone(),
                access: desired.access.clone(),
            })
        })
}

/// Deletes the user, if it is this owner's, once no group holds it. Settled once it is gone.
pub fn remove(observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::Settled;
    };
    let Some(tags) = &seen.tags else {
        return being_read(seen);
    };
    if ownership::claim(tags, owner) != ownership::Claim::Ours {
        return Step::Settled;
    }
    if seen.status != "active" {
        return Step::wait(
            "DeletingCacheUsers",
            format!("cache user {} is {}", seen.id, seen.status),
        );
    }
    if let Some(group) = seen.group_ids.first() {
        return Step::wait(
            "DeletingCacheUsers",
            format!("cache user {} still belongs to group {group}", seen.id),
        );
    }
    Step::change(Change::Delete(seen.id.clone()))
}
