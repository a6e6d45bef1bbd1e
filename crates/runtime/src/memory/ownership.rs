//! Server-side apply, and who owns which field.
//!
//! Simplified against the real one: no version conversion, and no entry per subresource but
//! `status`.

use serde_json::{Value, json};

use super::{
    failure::Failure,
    kinds::KindInfo,
    merge::merge,
    paths::{Path, Paths, find, from_fields, paths_of, remove, to_fields},
};

/// Who writes, and how.
#[derive(Clone, Debug)]
pub(super) struct Manager {
    pub(super) name: String,
    pub(super) status: bool,
    pub(super) verb: Verb,
}

/// How an object is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Apply { force: bool },
    Patch,
    Replace,
}

impl Manager {
    pub(super) fn applies(&self) -> bool {
        matches!(self.verb, Verb::Apply { .. })
    }
}

#[derive(Clone, Debug)]
struct Entry {
    name: String,
    apply: bool,
    status: bool,
    time: Value,
    paths: Paths,
}

impl Entry {
    fn is_of(&self, manager: &Manager) -> bool {
        self.name == manager.name
            && self.apply == manager.applies()
            && self.status == manager.status
    }
}

fn entries(object: &Value) -> Vec<Entry> {
    object["metadata"]["managedFields"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| Entry {
            name: entry["manager"].as_str().unwrap_or_default().to_owned(),
            apply: entry["operation"] == "Apply",
            status: entry["subresource"] == "status",
            time: entry["time"].clone(),
            paths: from_fields(&entry["fieldsV1"]),
        })
        .collect()
}

fn write_entries(kind: &KindInfo, object: &mut Value, entries: &[Entry]) {
    let list: Vec<Value> = entries
        .iter()
        .filter(|entry| !entry.paths.is_empty())
        .map(|entry| {
            let mut written = json!({
                "manager": entry.name,
                "operation": if entry.apply { "Apply" } else { "Update" },
                "apiVersion": kind.api_version(),
                "time": entry.time,
                "fieldsType": "FieldsV1",
                "fieldsV1": to_fields(&entry.paths),
            });
            if entry.status {
                written["subresource"] = "status".into();
            }
            written
        })
        .collect();
    if list.is_empty() {
        remove(
            object,
            &["f:metadata".to_owned(), "f:managedFields".to_owned()],
        );
    } else {
        object["metadata"]["managedFields"] = list.into();
    }
}

/// The object after an apply. `old` is the empty object with a name if there is none.
pub(super) fn apply(
    kind: &KindInfo,
    old: &Value,
    applied: &Value,
    manager: &Manager,
    now: &str,
) -> Result<Value, Failure> {
    let mut all = entries(old);
    let named = paths_of(kind, applied);
    let changed: Vec<&Path> = named
        .iter()
        .filter(|path| {
            let is_element = path.last().is_some_and(|last| last.starts_with("k:"));
            !is_element && find(old, path).is_some_and(|held| Some(held) != find(applied, path))
        })
        .collect();
    for entry in all.iter_mut().filter(|entry| !entry.is_of(manager)) {
        for path in &changed {
            if !entry.paths.contains(*path) {
                continue;
            }
            if manager.verb == (Verb::Apply { force: false }) {
                let field = path.join(".");
                return Err(Failure::conflict(format!(
                    "Apply failed with 1 conflict: conflict with \"{}\": {field}",
                    entry.name
                )));
            }
            entry.paths.remove(*path);
        }
    }
    let mut new = old.clone();
    merge(kind, &mut new, applied, &mut Vec::new());

    let before = all
        .iter()
        .position(|entry| entry.is_of(manager))
        .map(|at| all.remove(at));
    if let Some(before) = &before {
        // An element goes before its fields: without its key it would not be found.
        for path in before.paths.difference(&named) {
            let others = all
                .iter()
                .any(|entry| entry.paths.iter().any(|other| other.starts_with(path)));
            if !others {
                remove(&mut new, path);
            }
        }
    }
    let same = before.as_ref().is_some_and(|before| before.paths == named);
    all.push(Entry {
        name: manager.name.clone(),
        apply: true,
        status: manager.status,
        time: before
            .filter(|_| same && strip(&new) == strip(old))
            .map_or_else(|| now.into(), |before| before.time),
        paths: named,
    });
    all.sort_by(|one, other| {
        (&one.name, one.apply, one.status).cmp(&(&other.name, other.apply, other.status))
    });
    write_entries(kind, &mut new, &all);
    Ok(new)
}

/// Notes who changed what by any other write.
pub(super) fn note_update(
    kind: &KindInfo,
    old: &Value,
    new: &mut Value,
    manager: &Manager,
    now: &str,
) {
    let mut all = entries(old);
    let (before, after) = (paths_of(kind, old), paths_of(kind, new));
    let changed: Paths = after
        .iter()
        .filter(|path| find(old, path) != find(new, path))
        .filter(|path| {
            !before.contains(*path) || !path.last().is_some_and(|last| last.starts_with("k:"))
        })
        .cloned()
        .collect();
    for entry in &mut all {
        entry
            .paths
            .retain(|path| after.contains(path) && !changed.contains(path));
    }
    if !changed.is_empty() {
        if let Some(ours) = all.iter_mut().find(|entry| entry.is_of(manager)) {
            ours.paths.extend(changed);
            ours.time = now.into();
        } else {
            all.push(Entry {
                name: manager.name.clone(),
                apply: false,
                status: manager.status,
                time: now.into(),
                paths: changed,
            });
        }
    }
    all.sort_by(|one, other| {
        (&one.name, one.apply, one.status).cmp(&(&other.name, other.apply, other.status))
    });
    write_entries(kind, new, &all);
}

fn strip(object: &Value) -> Value {
    let mut object = object.clone();
    remove(
        &mut object,
        &["f:metadata".to_owned(), "f:managedFields".to_owned()],
    );
    object
}
