//! How a bucket leaves: only empty. The operator has no right to delete objects.

use super::{Change, Observed};
use crate::{Owner, Step, ownership};

/// What became of a bucket that was to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It is gone, or was never this owner's.
    Nothing,
    /// It holds objects, so it stays.
    Objects,
}

/// Whether it stays although it was to go.
pub fn left(observed: Option<&Observed>, owner: &Owner) -> Left {
    let details = observed.and_then(|seen| seen.details.as_ref());
    match details {
        Some(details)
            if !details.empty
                && ownership::claim(&details.tags, owner) == ownership::Claim::Ours =>
        {
            Left::Objects
        }
        _ => Left::Nothing,
    }
}

/// Removes the bucket, if it is this owner's and empty. Settled once it is gone, or has to stay.
pub fn remove(observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::Settled;
    };
    let Some(details) = &seen.details else {
        return Step::wait(
            "ReadingBucket",
            format!("bucket {} is being read", seen.name),
        );
    };
    if ownership::claim(&details.tags, owner) != ownership::Claim::Ours || !details.empty {
        return Step::Settled;
    }
    Step::change(Change::Delete(seen.name.clone()))
}
