//! Names of an instance's objects.
//!
//! An instance's name may have 253 characters and dots, a Service's 63 and none. A name that fits
//! is used as it is; another is cleaned, cut, and made distinct by eight characters of hash.

use emr_resource::names::hash;

/// The limit of a DNS label, and of a label's value.
pub(crate) const LABEL: usize = 63;
/// The limit of a DNS name.
pub(crate) const SUBDOMAIN: usize = 253;
/// A hyphen and eight characters.
const HASH: usize = 9;

/// The instance's name as a label's value.
pub fn label_value(name: &str) -> String {
    if name.len() <= LABEL {
        return name.to_owned();
    }
    format!("{}-{}", cut(name, LABEL - HASH), hash(&[name]))
}

/// `name-suffix` as a DNS label that starts with a letter.
pub(crate) fn fit(name: &str, suffix: &str, limit: usize) -> String {
    let room = limit - suffix.len() - 1;
    let is_label = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if is_label && name.len() <= room {
        return format!("{name}-{suffix}");
    }
    let clean = name.replace('.', "-");
    let clean = if clean.starts_with(|c: char| c.is_ascii_digit()) {
        format!("emr-{clean}")
    } else {
        clean
    };
    format!("{}-{}-{suffix}", cut(&clean, room - HASH), hash(&[name]))
}

/// At most `limit` characters, ending in a letter or digit. Names are ASCII.
pub(crate) fn cut(name: &str, limit: usize) -> &str {
    name.get(..limit)
        .unwrap_or(name)
        .trim_end_matches(['-', '.'])
}
