//! What databases leave behind when their parameters change: groups that nobody uses any more, of
//! which an account and region holds only 50.
//!
//! Invariant: a group is left over only when no cluster has it, no database asks for it, and both
//! have been so for [`RESTED`]: one that was just made for a cluster to come is not.

use std::{collections::BTreeSet, time::Duration};

use emr_resource::{ids::ParameterGroupName, names};

/// How long a group must have been unused: longer than any creation takes to come back to it.
pub const RESTED: Duration = Duration::from_mins(55);

/// Those of `groups` with a name of ours that are neither in use nor wanted.
pub fn unused_parameter_groups(
    groups: impl IntoIterator<Item = ParameterGroupName>,
    used: &BTreeSet<ParameterGroupName>,
    wanted: &BTreeSet<ParameterGroupName>,
) -> BTreeSet<ParameterGroupName> {
    groups
        .into_iter()
        .filter(|name| name.as_str().starts_with(names::PARAMETER_GROUP))
        .filter(|name| !used.contains(name) && !wanted.contains(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_is_used_wanted_or_of_others_is_not_left_over() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).into()).collect();
        let groups: BTreeSet<_> = names(&["default.x", "emr-a", "emr-b", "emr-c"]);
        let found = unused_parameter_groups(groups, &names(&["emr-a"]), &names(&["emr-b"]));
        assert_eq!(found, names(&["emr-c"]));
    }
}
