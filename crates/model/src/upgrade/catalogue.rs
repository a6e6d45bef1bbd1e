//! Which releases of an application there are, and how one leads to the next.
//!
//! Read from a file beside this one, so that a new release of an application is a line in a diff.

use super::version::{Release, Version};

/// The releases of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// The application, as people write it.
    pub application: &'static str,
    /// The field of the spec that holds its version.
    pub field: &'static str,
    /// How one release leads to another.
    pub walk: Walk,
    /// Oldest first, and never empty.
    pub(super) releases: Vec<Entry>,
}

/// How one release leads to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walk {
    /// Through the last patch of every minor.
    EveryMinor,
    /// From any release to any later one: the later image holds all steps between.
    Direct,
}

/// A release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Which.
    pub(super) release: Release,
    /// Whether its minor may be passed over.
    pub(super) skippable: bool,
    /// The level to which it brings the data, where that is known.
    pub(super) level: Option<u32>,
}

impl Catalogue {
    /// Medplum's.
    pub fn medplum() -> Self {
        Self {
            application: "Medplum",
            field: "spec.medplum.version",
            walk: Walk::EveryMinor,
            releases: read(include_str!("medplum.releases")),
        }
    }

    /// OpenEMR's.
    pub fn openemr() -> Self {
        Self {
            application: "OpenEMR",
            field: "spec.openemr.version",
            walk: Walk::Direct,
            releases: read(include_str!("openemr.releases")),
        }
    }

    /// The level to which a release brings the data, where that is known.
    pub fn level(&self, version: &Version) -> Option<u32> {
        let entry = self
            .releases
            .iter()
            .find(|entry| entry.release == version.release());
        entry.and_then(|entry| entry.level)
    }

    /// The newest release known.
    pub fn newest(&self) -> Option<Release> {
        self.releases.last().map(|entry| entry.release)
    }

    /// Where a minor stands in the list.
    pub(super) fn position(&self, minor: (u32, u32)) -> Option<usize> {
        self.releases
            .iter()
            .rposition(|entry| entry.release.minor() == minor)
    }
}

/// The entries of a file. A line that can't be read is left out; a test sees that there is none.
fn read(text: &str) -> Vec<Entry> {
    lines(text).filter_map(entry).collect()
}

/// The lines that hold a release.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

pub(super) fn entry(line: &str) -> Option<Entry> {
    let mut words = line.split_whitespace();
    let version: Version = words.next()?.parse().ok()?;
    let mut entry = Entry {
        release: version.release(),
        skippable: false,
        level: None,
    };
    for word in words {
        match word.split_once('=') {
            None if word == "skippable" => entry.skippable = true,
            Some(("level", level)) => entry.level = Some(level.parse().ok()?),
            _ => return None,
        }
    }
    version.build().is_empty().then_some(entry)
}
