//! What tools that know nothing of us read from an object: kstatus, as Flux, Argo CD and
//! `kubectl wait` compute it (invariant 9).
//!
//! [`judge`] takes every version of one object, in order, and holds each to the rules. It trusts
//! none of the operator's own types.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

#[cfg(test)]
mod tests;

/// What kstatus makes of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// On its way.
    InProgress,
    /// As it should be.
    Current,
    /// A person is needed.
    Failed,
    /// On its way out.
    Terminating,
}

/// Computes it as `sigs.k8s.io/cli-utils/pkg/kstatus/status` does for custom resources.
pub fn verdict(object: &Value) -> Verdict {
    if object["metadata"]["deletionTimestamp"].is_string() {
        return Verdict::Terminating;
    }
    let observed = object["status"]["observedGeneration"].as_i64();
    if observed.is_some_and(|observed| observed != generation(object)) {
        return Verdict::InProgress;
    }
    for condition in conditions(object) {
        match (&condition["type"], &condition["status"]) {
            (kind, status) if kind == "Reconciling" && status == "True" => {
                return Verdict::InProgress;
            }
            (kind, status) if kind == "Stalled" && status == "True" => return Verdict::Failed,
            _ => {}
        }
    }
    // Without the condition kstatus takes the object for current: rule `reported` forbids that.
    match find(object, "Ready") {
        Some(ready) if ready["status"] != "True" => Verdict::InProgress,
        _ => Verdict::Current,
    }
}

/// Holds every version of one object to the rules; hands back the verdicts that were seen.
pub fn judge(versions: &[Value]) -> Result<BTreeSet<Verdict>, String> {
    let mut verdicts = BTreeSet::new();
    let mut before: Option<&Value> = None;
    for object in versions {
        let said = one(object).and_then(|()| before.map_or(Ok(()), |old| two(old, object)));
        said.map_err(|rule| {
            format!(
                "{} {} at version {}: {rule}: {}",
                object["kind"],
                object["metadata"]["name"],
                object["metadata"]["resourceVersion"],
                object["status"]
            )
        })?;
        verdicts.insert(verdict(object));
        before = Some(object);
    }
    Ok(verdicts)
}

/// The rules for a single version.
fn one(object: &Value) -> Result<(), String> {
    let observed = object["status"]["observedGeneration"].as_i64();
    let Some(observed) = observed else {
        return Err("observedGeneration is missing; before the first report it is -1".into());
    };
    if observed > generation(object) {
        return Err("observedGeneration is above the generation".into());
    }
    let reported = observed != -1 || !conditions(object).is_empty();
    if reported && find(object, "Ready").is_none() {
        return Err("Ready is missing".into());
    }
    let mut kinds = BTreeSet::new();
    for condition in conditions(object) {
        valid(condition, generation(object))?;
        if !kinds.insert(condition["type"].as_str()) {
            return Err(format!("{} stands there twice", condition["type"]));
        }
    }
    for kind in ["Reconciling", "Stalled"] {
        if find(object, kind).is_some_and(|condition| condition["status"] != "True") {
            return Err(format!("{kind} is there without being True"));
        }
    }
    let current = verdict(object) == Verdict::Current;
    if current != ready(object) {
        return Err(format!(
            "kstatus says {:?}, but Ready {} for this generation",
            verdict(object),
            if current { "does not hold" } else { "holds" }
        ));
    }
    Ok(())
}

/// Ready for the generation that stands in the spec, with nothing under way and nobody needed: by
/// the condition's own word, not by that of the status.
fn ready(object: &Value) -> bool {
    let disturbed = ["Reconciling", "Stalled"]
        .iter()
        .any(|kind| find(object, kind).is_some());
    let leaving = object["metadata"]["deletionTimestamp"].is_string();
    find(object, "Ready").is_some_and(|ready| {
        ready["status"] == "True" && ready["observedGeneration"] == generation(object)
    }) && !disturbed
        && !leaving
}

/// The rules of `metav1.Condition`.
fn valid(condition: &Value, generation: i64) -> Result<(), String> {
    let kind = &condition["type"];
    let text = |field: &str| condition[field].as_str().unwrap_or_default();
    if text("type").is_empty() {
        return Err("a condition has no type".into());
    }
    if !["True", "False", "Unknown"].contains(&text("status")) {
        return Err(format!("{kind} has status {}", condition["status"]));
    }
    if !is_reason(text("reason")) {
        return Err(format!("{kind} has reason {}", condition["reason"]));
    }
    if text("message").is_empty() {
        return Err(format!("{kind} has no message"));
    }
    let moved = text("lastTransitionTime");
    if moved.parse::<k8s_openapi::jiff::Timestamp>().is_err() {
        return Err(format!("{kind} has lastTransitionTime {moved:?}"));
    }
    let observed = condition["observedGeneration"].as_i64();
    if observed.is_none_or(|observed| observed > generation) {
        return Err(format!(
            "{kind} has no observedGeneration, or one from the future"
        ));
    }
    Ok(())
}

/// `^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$`, up to 1024 characters.
fn is_reason(reason: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    reason.len() <= 1024
        && reason.starts_with(|c: char| c.is_ascii_alphabetic())
        && reason.ends_with(word)
        && reason.chars().all(|c| word(c) || c == ',' || c == ':')
}

/// The rules between a version and the next.
fn two(old: &Value, new: &Value) -> Result<(), String> {
    let observed = |object: &Value| object["status"]["observedGeneration"].as_i64();
    if observed(new) < observed(old) {
        return Err("observedGeneration went back".into());
    }
    let before: BTreeMap<_, _> = conditions(old)
        .iter()
        .map(|condition| (condition["type"].as_str(), condition))
        .collect();
    for condition in conditions(new) {
        let Some(earlier) = before.get(&condition["type"].as_str()) else {
            continue;
        };
        let moved = earlier["lastTransitionTime"] != condition["lastTransitionTime"];
        if moved && earlier["status"] == condition["status"] {
            return Err(format!(
                "lastTransitionTime of {} moved without its status",
                condition["type"]
            ));
        }
    }
    Ok(())
}

fn generation(object: &Value) -> i64 {
    object["metadata"]["generation"].as_i64().unwrap_or(-1)
}

fn conditions(object: &Value) -> &[Value] {
    let list = object["status"]["conditions"].as_array();
    list.map_or(&[], Vec::as_slice)
}

fn find<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    conditions(object)
        .iter()
        .find(|condition| condition["type"] == kind)
}
