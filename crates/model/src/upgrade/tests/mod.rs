//! Paths and walks as tables on disk, and what no sequence of observations may ever do.

mod exhaustive;
mod paths;
mod record;
mod table;
mod versions;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::workload::Instance;

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn whose() -> Instance {
    Instance {
        namespace: "clinics".into(),
        name: "riverside".into(),
        uid: "u".into(),
    }
}

/// So many minutes after it began.
fn at(minute: i64) -> Timestamp {
    let began: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    began + SignedDuration::from_mins(minute)
}
