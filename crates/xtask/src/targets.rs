//! Keeps the table of stages whole: every target of a `tests/` folder belongs to one stage.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    Repository, Result, process,
    stages::{STAGES, Work},
};

/// Fails if a test target would be run by no stage, or a stage names one that is not there.
pub(crate) fn check(repository: &Repository) -> Result {
    let mut metadata = repository.cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&process::output(&mut metadata)?)?;
    compare(&targets(&metadata), &named())
}

fn targets(metadata: &Value) -> BTreeSet<String> {
    let lists = metadata["packages"].as_array().into_iter().flatten();
    lists
        .filter_map(|package| package["targets"].as_array())
        .flatten()
        .filter(|target| target["kind"][0] == "test")
        .filter_map(|target| target["name"].as_str().map(str::to_owned))
        .collect()
}

fn named() -> BTreeSet<String> {
    let stages = STAGES.iter().filter_map(|stage| match stage.work {
        Work::Tests(targets) | Work::Sandboxed(targets) => Some(targets),
        _ => None,
    });
    stages.flatten().map(|&target| target.to_owned()).collect()
}

fn compare(there: &BTreeSet<String>, named: &BTreeSet<String>) -> Result {
    let list = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
        one.difference(other)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ")
    };
    let (forgotten, gone) = (list(there, named), list(named, there));
    let mut faults = Vec::new();
    if !forgotten.is_empty() {
        faults.push(format!("no stage runs {forgotten}"));
    }
    if !gone.is_empty() {
        faults.push(format!("a stage names {gone}, which is not there"));
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(format!("{}: see crates/xtask/src/stages.rs", faults.join("; ")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn a_forgotten_target_and_a_stale_name_are_both_told() {
        assert!(compare(&set(&["a"]), &set(&["a"])).is_ok());
        let error = compare(&set(&["a", "b"]), &set(&["a", "c"])).unwrap_err();
        let told = error.to_string();
        assert!(
            told.starts_with("no stage runs b; a stage names c, which is not there"),
            "{told}"
        );
    }

    #[test]
    fn only_test_targets_count() {
        let metadata = serde_json::json!({"packages": [{"targets": [
            {"kind": ["lib"], "name": "l"}, {"kind": ["test"], "name": "t"}
        ]}]});
        assert_eq!(targets(&metadata), set(&["t"]));
    }
}
