//! Invariant 8: every call is a row of the table that the IAM policy is made from.

use std::collections::BTreeSet;

use emr_cloud::{
    memory::Call,
    permission::{self, rows},
};

/// The actions that are allowed.
pub(crate) struct Table(BTreeSet<String>);

impl Table {
    /// The table as it is shipped.
    pub(crate) fn shipped() -> Self {
        let actions = rows().flat_map(|row| {
            let actions = row.actions.iter();
            actions.map(move |action| format!("{}:{action}", row.service))
        });
        Self(actions.collect())
    }

    /// Without one of its actions.
    pub(crate) fn without(mut self, action: &str) -> Self {
        assert!(self.0.remove(action), "{action} is no action of the table");
        self
    }
}

pub(crate) fn judge(calls: &[Call], table: &Table) -> Vec<String> {
    let action = |call: &Call| permission::action(call.service.prefix(), call.operation);
    let beyond = calls.iter().filter(|call| !table.0.contains(&action(call)));
    beyond
        .map(|call| format!("{} is not permitted: {}", action(call), call.describe))
        .collect()
}
