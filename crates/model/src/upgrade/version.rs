//! Versions of applications, as image tags spell them.

use std::{fmt, str::FromStr};

/// A release, and which build of it: `4.2.6`, `8.2.0-2026-05-01`, `7.0.3.4`.
///
/// Ordered by release, then by build: of two builds of one release the later is greater, and both are
/// greater than the release without a build.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    release: Release,
    build: String,
}

/// A release: major, minor and patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// The first number.
    pub major: u32,
    /// The second.
    pub minor: u32,
    /// The third.
    pub patch: u32,
}

/// What is no version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not a version: write it as the image's tag, for example 4.2.6 or 8.2.0-2026-05-01"
)]
pub struct VersionError(String);

impl Version {
    /// The release.
    pub const fn release(&self) -> Release {
        self.release
    }

    /// Which build of it, with what separates it: `-2026-05-01`, `.4`, or nothing.
    pub fn build(&self) -> &str {
        &self.build
    }
}

impl Release {
    /// Major and minor.
    pub const fn minor(self) -> (u32, u32) {
        (self.major, self.minor)
    }
}

impl From<Release> for Version {
    fn from(release: Release) -> Self {
        Self {
            release,
            build: String::new(),
        }
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        parse(text).ok_or_else(|| VersionError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Version> {
    let (major, rest) = number(text)?;
    let (minor, rest) = number(rest.strip_prefix('.')?)?;
    let (patch, build) = number(rest.strip_prefix('.')?)?;
    let is_build = build.is_empty()
        || (build.len() > 1
            && build.starts_with(['-', '.'])
            && build
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.'));
    is_build.then(|| Version {
        release: Release {
            major,
            minor,
            patch,
        },
        build: build.to_owned(),
    })
}

/// The number at the beginning, in its only spelling, and what follows.
fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(end);
    let is_padded = digits.len() > 1 && digits.starts_with('0');
    let number = digits.parse().ok().filter(|_| !is_padded)?;
    Some((number, rest))
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.release, self.build)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}
