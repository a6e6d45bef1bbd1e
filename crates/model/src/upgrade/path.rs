//! Which releases an upgrade goes through.

use super::{
    catalogue::{Catalogue, Walk},
    version::{Release, Version},
};

/// One leg of an upgrade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The version that runs at its end.
    pub to: Version,
    /// Whether only a set brings back what was before: the application can't run on data that this step
    /// has migrated. Such a step is secured with the application standing still.
    pub irreversible: bool,
}

/// Why there is no way from one version to another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpgradeError {
    /// Back.
    #[error(
        "{application} {from} is installed, and no release can read what a later one has migrated: set \
         {field} to {from} again; to go back to {to}, restore a set that was taken before the upgrade \
         with an EmrRestore"
    )]
    Downgrade {
        /// The application.
        application: &'static str,
        /// The field of the spec.
        field: &'static str,
        /// What is installed.
        from: Version,
        /// What is asked for.
        to: Version,
    },
    /// Only what follows the release differs.
    #[error(
        "{from} and {to} are builds of one release, and {application}'s image brings no database from one \
         to the other: read what the build changes; if it asks for nothing in the database, accept it with \
         the annotation emrstack.dev/approved={to}; otherwise choose the next release in {field}"
    )]
    SameRelease {
        /// The application.
        application: &'static str,
        /// The field of the spec.
        field: &'static str,
        /// What is installed.
        from: Version,
        /// What is asked for.
        to: Version,
    },
    /// Where to begin is not known.
    #[error(
        "{application} {from} is installed, which is none of the releases that this operator knows ({oldest} \
         to {newest}), so it knows no way on: set {field} to {from}, and upgrade the operator if {from} is \
         newer, or bring it to one of these as {application}'s documentation says"
    )]
    UnknownStart {
        /// The application.
        application: &'static str,
        /// The field of the spec.
        field: &'static str,
        /// What is installed.
        from: Version,
        /// The oldest release known.
        oldest: Release,
        /// The newest.
        newest: Release,
    },
    /// What lies between is not known.
    #[error(
        "{application} {to} is no release that this operator knows, and up to {newest}, the newest that it \
         knows, there may be minor releases between that must not be skipped: set {field} to {newest} or \
         to the minor after it, or upgrade the operator first"
    )]
    UnknownTarget {
        /// The application.
        application: &'static str,
        /// The field of the spec.
        field: &'static str,
        /// What is asked for.
        to: Version,
        /// The newest release known.
        newest: Release,
    },
}

impl UpgradeError {
    /// The condition's reason.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Downgrade { .. } => "DowngradeRefused",
            Self::SameRelease { .. } => "BuildNotAccepted",
            Self::UnknownStart { .. } => "UnknownVersion",
            Self::UnknownTarget { .. } => "VersionTooNew",
        }
    }
}

/// The steps from one version to another, in order; empty when they are the same.
pub fn path(
    from: &Version,
    to: &Version,
    catalogue: &Catalogue,
) -> Result<Vec<Step>, UpgradeError> {
    let (application, field) = (catalogue.application, catalogue.field);
    if from == to {
        return Ok(Vec::new());
    }
    let same = from.release() == to.release();
    if same && catalogue.walk == Walk::Direct {
        return Err(UpgradeError::SameRelease {
            application,
            field,
            from: from.clone(),
            to: to.clone(),
        });
    }
    if to < from {
        return Err(UpgradeError::Downgrade {
            application,
            field,
            from: from.clone(),
            to: to.clone(),
        });
    }
    let last = |irreversible| Step {
        to: to.clone(),
        irreversible,
    };
    // A patch of the same minor needs no knowledge of what lies between.
    let same_minor = from.release().minor() == to.release().minor();
    if same_minor && catalogue.walk == Walk::EveryMinor {
        return Ok(vec![last(false)]);
    }
    let start = begin(from, catalogue)?;
    let end = arrive(to, catalogue)?;
    if catalogue.walk == Walk::Direct {
        return Ok(vec![last(true)]);
    }
    let mut steps = Vec::new();
    let mut at = from.release();
    for (position, entry) in catalogue.releases.iter().enumerate() {
        let between = (start..end).contains(&position);
        if between && !entry.skippable && at < entry.release {
            steps.push(Step {
                irreversible: at.minor() != entry.release.minor(),
                to: entry.release.into(),
            });
            at = entry.release;
        }
    }
    steps.push(last(true));
    Ok(steps)
}

/// Where the installed minor stands; refused where it is not known.
fn begin(from: &Version, catalogue: &Catalogue) -> Result<usize, UpgradeError> {
    let releases = &catalogue.releases;
    let release = from.release();
    let unknown = || UpgradeError::UnknownStart {
        application: catalogue.application,
        field: catalogue.field,
        from: from.clone(),
        oldest: releases.first().map_or(release, |entry| entry.release),
        newest: catalogue.newest().unwrap_or(release),
    };
    match catalogue.walk {
        Walk::EveryMinor => catalogue.position(release.minor()).ok_or_else(unknown),
        // The target's image tells what is missing; only before the first nothing is known of it.
        Walk::Direct => releases
            .iter()
            .rposition(|entry| entry.release <= release)
            .ok_or_else(unknown),
    }
}

/// Where the steps end: the target's own minor, or one past the newest.
fn arrive(to: &Version, catalogue: &Catalogue) -> Result<usize, UpgradeError> {
    let release = to.release();
    let newest = catalogue.newest().unwrap_or(release);
    if let Some(position) = catalogue.position(release.minor()) {
        return Ok(position);
    }
    let next_minor = (newest.major, newest.minor + 1);
    let next_major = (newest.major + 1, 0);
    let follows = release.minor() == next_minor
        // Whether there is a minor between is not known, and only one walk minds.
        || (catalogue.walk == Walk::Direct
            && (release < newest || release.minor() == next_major));
    if follows {
        return Ok(catalogue.releases.len());
    }
    Err(UpgradeError::UnknownTarget {
        application: catalogue.application,
        field: catalogue.field,
        to: to.clone(),
        newest,
    })
}
