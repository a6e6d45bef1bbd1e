//! Invariant 11: one writer. Once another process has begun to write, the former never does again.

use std::{collections::BTreeSet, sync::Arc};

use emr_cloud::memory::Call;
use emr_runtime::memory::Mutation;

pub(super) fn judge(calls: &[Call], mutations: &[Mutation]) -> Vec<String> {
    let to_aws = calls
        .iter()
        .map(|call| (&call.process, call.describe.clone()));
    let to_kubernetes = mutations
        .iter()
        .filter(|mutation| mutation.plural != "leases" && !mutation.process.is_empty())
        .map(|mutation| {
            let name = mutation.name.clone().unwrap_or_default();
            let what = format!("{} {} {name}", mutation.method, mutation.plural);
            (&mutation.process, what)
        });
    let mut bad = in_turn(to_aws);
    bad.extend(in_turn(to_kubernetes));
    bad
}

fn in_turn<'a>(writes: impl Iterator<Item = (&'a Arc<str>, String)>) -> Vec<String> {
    let (mut turn, mut former) = (None, BTreeSet::new());
    let mut bad = Vec::new();
    for (process, what) in writes {
        if turn != Some(process) {
            former.extend(turn.replace(process));
        }
        if former.contains(process) {
            bad.push(format!("{process} writes after another did: {what}"));
        }
    }
    bad
}
