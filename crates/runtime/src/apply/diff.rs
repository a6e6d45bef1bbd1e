//! Where a live object is not what we want it to be.

use serde_json::Value;

use super::{
    fields::{self, Fields, element_keys, has_key, is_leaf, join, label, owned_but_unwanted},
    value::{is_zero, same_scalar},
};

/// The paths at which applying `desired` would change `live`; empty if nothing would.
pub fn differences(desired: &Value, live: &Value) -> Vec<String> {
    let mut diff = Diff { found: Vec::new() };
    let ours = fields::ours(live);
    let place = Place {
        ours: ours.map_or(Owned::Nothing, Owned::Part),
        everyones: fields::everyones(live),
        path: String::new(),
        parent: "",
        field: "",
    };
    diff.compare(desired, live, &place);
    let mut found = diff.found;
    found.extend(owned_but_unwanted(desired, live));
    if ours.is_none() && found.is_empty() {
        // Right by chance: the apply makes the fields ours.
        found.push("metadata.managedFields".to_owned());
    }
    found.sort();
    found.dedup();
    found
}

/// What of a place is ours.
#[derive(Clone, Copy)]
enum Owned<'a> {
    Nothing,
    Part(&'a Fields),
    Whole,
}

struct Place<'a> {
    ours: Owned<'a>,
    /// What anybody owns here; empty inside lists that are replaced at once.
    everyones: Vec<&'a Fields>,
    path: String,
    parent: &'a str,
    field: &'a str,
}

impl<'a> Place<'a> {
    fn field<'b>(&self, name: &'b str) -> Place<'b>
    where
        'a: 'b,
    {
        self.step(
            &format!("f:{name}"),
            join(&self.path, name),
            self.field,
            name,
        )
    }

    fn element(&self, key: &str, shown: &str) -> Place<'a> {
        self.step(
            key,
            format!("{}{shown}", self.path),
            self.parent,
            self.field,
        )
    }

    fn step<'b>(&self, key: &str, path: String, parent: &'b str, field: &'b str) -> Place<'b>
    where
        'a: 'b,
    {
        let ours = match self.ours {
            Owned::Part(fields) => match fields.get(key).and_then(Value::as_object) {
                Some(inner) if is_leaf(inner) => Owned::Whole,
                Some(inner) => Owned::Part(inner),
                None => Owned::Nothing,
            },
            other => other,
        };
        let everyones = self
            .everyones
            .iter()
            .filter_map(|fields| fields.get(key).and_then(Value::as_object))
            .collect();
        Place {
            ours,
            everyones,
            path,
            parent,
            field,
        }
    }
}

struct Diff {
    found: Vec<String>,
}

impl Diff {
    fn differs(&mut self, place: &Place<'_>) {
        self.found.push(place.path.clone());
    }

    fn compare(&mut self, desired: &Value, live: &Value, place: &Place<'_>) {
        match (desired, live) {
            (Value::Object(wanted), Value::Object(_)) => {
                for (name, wanted) in wanted {
                    // Lists answer without them, and the request has named them already.
                    if place.path.is_empty() && (name == "apiVersion" || name == "kind") {
                        continue;
                    }
                    let inner = place.field(name);
                    match live.get(name) {
                        Some(held) => self.compare(wanted, held, &inner),
                        // The API server leaves out what equals Go's zero value. If we own the
                        // field, we did say so; if not, it may mean something else than absence.
                        None if is_zero(wanted) && !matches!(inner.ours, Owned::Nothing) => {}
                        // An empty list or map says nothing that its absence does not.
                        None if is_zero(wanted) && (wanted.is_array() || wanted.is_object()) => {}
                        None => self.differs(&inner),
                    }
                }
            }
            (Value::Array(wanted), Value::Array(held)) => self.lists(wanted, held, place),
            _ if same_scalar(desired, live, place.parent, place.field) => {}
            _ => self.differs(place),
        }
    }

    fn lists(&mut self, wanted: &[Value], held: &[Value], place: &Place<'_>) {
        if place
            .everyones
            .iter()
            .any(|fields| element_keys(fields).next().is_some())
        {
            self.map_lists(wanted, held, place);
        } else if place
            .everyones
            .iter()
            .any(|fields| fields.keys().any(|key| key.starts_with("v:")))
        {
            if !wanted.iter().all(|item| held.contains(item)) {
                self.differs(place);
            }
        } else if wanted.len() == held.len() {
            for (index, (wanted, held)) in wanted.iter().zip(held).enumerate() {
                let inner = Place {
                    ours: place.ours,
                    everyones: Vec::new(),
                    path: format!("{}[{index}]", place.path),
                    parent: place.parent,
                    field: place.field,
                };
                self.compare(wanted, held, &inner);
            }
        } else {
            self.differs(place);
        }
    }

    /// Lists that are maps: every element of ours is there, and in our order.
    fn map_lists(&mut self, wanted: &[Value], held: &[Value], place: &Place<'_>) {
        let mut last = None;
        for wanted in wanted {
            let key = place
                .everyones
                .iter()
                .flat_map(|fields| element_keys(fields))
                .find(|(key, _)| has_key(wanted, key));
            let at = key
                .as_ref()
                .and_then(|(key, _)| held.iter().position(|held| has_key(held, key)));
            let (Some((key, name)), Some(at)) = (key, at) else {
                self.found.push(format!("{}[new]", place.path));
                continue;
            };
            if last.is_some_and(|last| at < last) {
                self.found
                    .push(format!("{}{} (order)", place.path, label(&key)));
            }
            last = Some(at);
            self.compare(wanted, &held[at], &place.element(name, &label(&key)));
        }
    }
}
