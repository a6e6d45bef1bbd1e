//! The table. Sources: the Service Authorization Reference for resources and condition keys, and
//! what each row names.

mod accounts;
mod databases;
mod files;
mod keys;
mod objects;

use super::{Condition, Row};

/// Every action that the operator may cause.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    let all = [
        databases::ROWS,
        keys::ROWS,
        files::ROWS,
        objects::ROWS,
        accounts::ROWS,
    ];
    all.into_iter().flatten()
}

const fn row(
    service: &'static str,
    actions: &'static [&'static str],
    resources: &'static [&'static str],
    conditions: &'static [Condition],
    because: &'static str,
) -> Row {
    Row {
        service,
        actions,
        resources,
        conditions,
        because,
    }
}

const ANY: &[&str] = &["*"];
const CALL: &str = "a call of ours";
const READ: &str = "a read of ours";
