//! The table of paths, on disk.

use std::fmt::Write as _;

use super::{super::*, version};

const MEDPLUM: &[(&str, &str)] = &[
    // The documented path, and each of its legs.
    ("3.1.2", "4.3.4"),
    ("3.1.2", "3.3.0"),
    ("3.3.0", "4.0.4"),
    ("4.0.4", "4.1.12"),
    ("4.1.12", "4.2.6"),
    ("4.2.6", "4.3.15"),
    // From the middle of a minor: its last patch first.
    ("4.1.3", "4.2.6"),
    ("4.1.3", "4.3.0"),
    ("3.2.0", "4.0.0"),
    ("3.0.0", "5.2.13"),
    // A patch beyond the waypoint, published later.
    ("4.1.18", "4.2.6"),
    ("3.3.1", "4.0.4"),
    // In one minor: straight.
    ("4.3.0", "4.3.15"),
    ("4.3.0", "4.3.1"),
    ("4.3.15", "4.3.15"),
    ("4.3.15", "4.3.40"),
    // To the beginning of a minor.
    ("4.2.6", "4.3.0"),
    ("4.5.2", "5.0.0"),
    // Newer than what is known.
    ("5.2.13", "5.2.99"),
    ("5.1.0", "5.3.0"),
    ("5.2.14", "5.3.2"),
    ("5.3.0", "5.3.9"),
    ("5.2.13", "5.4.0"),
    ("5.2.13", "6.0.0"),
    ("5.3.0", "5.4.0"),
    // What was never released.
    ("4.3.0", "4.9.0"),
    ("4.9.0", "5.0.14"),
    ("2.1.0", "4.0.4"),
    // Back.
    ("4.3.15", "4.3.14"),
    ("4.3.0", "4.2.6"),
    ("5.0.0", "4.5.2"),
];

const OPENEMR: &[(&str, &str)] = &[
    ("7.0.2", "8.4.0"),
    ("7.0.3", "7.0.4"),
    ("7.0.4", "8.2.0-2026-05-01"),
    ("8.2.0-2026-05-01", "8.3.0"),
    ("8.2.0", "8.2.0"),
    ("8.2.1", "8.3.0"),
    ("8.2.0", "8.2.1"),
    ("8.4.0", "8.4.1"),
    ("8.4.0", "8.5.0"),
    ("8.4.0", "9.0.0"),
    ("8.5.0", "8.5.1"),
    // Builds of one release.
    ("8.2.0", "8.2.0-2026-05-01"),
    ("8.2.0-2026-05-01", "8.2.0-2026-06-01"),
    ("8.2.0-2026-06-01", "8.2.0"),
    ("7.0.3", "7.0.3.4"),
    // Unknown, and back.
    ("8.4.0", "8.6.0"),
    ("8.4.0", "10.0.0"),
    ("6.1.0", "8.4.0"),
    ("8.3.0", "8.2.0"),
    ("8.3.0", "7.0.4-2026-01-01"),
];

fn table(rows: &[(&str, &str)], catalogue: &Catalogue) -> String {
    let mut table = String::new();
    for (from, to) in rows {
        let way = match path(&version(from), &version(to), catalogue) {
            Ok(steps) if steps.is_empty() => "nothing to do".to_owned(),
            Ok(steps) => {
                let step = |step: &Step| {
                    let sign = if step.irreversible { "=>" } else { "->" };
                    format!("{sign} {}", step.to)
                };
                steps.iter().map(step).collect::<Vec<_>>().join(" ")
            }
            Err(error) => format!("{}: {error}", error.reason()),
        };
        writeln!(table, "{from} to {to}: {way}").unwrap();
    }
    table
}

/// `=>` can't be undone without a set, `->` can.
#[test]
fn medplum_goes_through_the_last_patch_of_every_minor() {
    insta::assert_snapshot!("medplum_paths", table(MEDPLUM, &Catalogue::medplum()));
}

#[test]
fn openemr_goes_straight_and_never_from_build_to_build() {
    insta::assert_snapshot!("openemr_paths", table(OPENEMR, &Catalogue::openemr()));
}

#[test]
fn the_documented_path_is_ours() {
    let steps = path(&version("3.1.2"), &version("4.3.4"), &Catalogue::medplum()).unwrap();
    let steps: Vec<_> = steps.iter().map(|step| step.to.to_string()).collect();
    assert_eq!(steps, ["3.3.0", "4.0.4", "4.1.12", "4.2.6", "4.3.4"]);
}

/// Between any two releases known: each step goes up, no minor between two steps is left out, and the
/// rest of the path is the path of the rest.
#[test]
fn no_path_leaves_a_minor_out() {
    let catalogue = Catalogue::medplum();
    let all: Vec<Version> = catalogue
        .releases
        .iter()
        .flat_map(|entry| {
            (0..=entry.release.patch + 1).step_by(3).map(|patch| {
                Version::from(Release {
                    patch,
                    ..entry.release
                })
            })
        })
        .collect();
    for from in &all {
        for to in all.iter().filter(|to| *to > from) {
            let steps = path(from, to, &catalogue).unwrap();
            assert_eq!(steps.last().map(|step| &step.to), Some(to));
            let mut at = from.clone();
            for (done, step) in steps.iter().enumerate() {
                assert!(step.to > at, "{from} {to}");
                let left_out = catalogue.releases.iter().find(|entry| {
                    !entry.skippable
                        && entry.release.minor() > at.release().minor()
                        && entry.release.minor() < step.to.release().minor()
                });
                assert_eq!(left_out, None, "{from} {to}");
                at = step.to.clone();
                assert_eq!(path(&at, to, &catalogue).unwrap(), steps[done + 1..]);
            }
        }
    }
}
