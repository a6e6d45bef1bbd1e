//! The sample brought up with nothing in its way, as what trouble is measured by: an instance that
//! went through a storm or an outage must end as this one did.
//!
//! One serves every scenario of the run: the first that asks brings it up.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;
use tokio::sync::OnceCell;

use crate::{Clinic, Outcome, World, failure::ensure, scenarios::sample};

static UNDISTURBED: OnceCell<Value> = OnceCell::const_new();

/// Brings the sample up in a quiet corner of this world, unless another scenario did.
pub async fn undisturbed(world: &Arc<World>) -> Outcome<&'static Value> {
    UNDISTURBED
        .get_or_try_init(|| async {
            let clinic = Clinic::open(world, "undisturbed").await?;
            clinic.platform().await?;
            clinic.apply(sample::manifest(&clinic).await?).await?;
            clinic.ready("riverside").await?;
            clinic.quiet().await?;
            clinic.properties().await
        })
        .await
}

/// Fails unless the clinic's account holds what the undisturbed one holds: as many of each kind, with
/// the same properties.
pub async fn ensure_like_undisturbed(clinic: &Clinic) -> Outcome {
    let wanted = undisturbed(&clinic.world).await?;
    let found = clinic.properties().await?;
    let kinds: BTreeSet<_> = [wanted, &found]
        .into_iter()
        .filter_map(Value::as_object)
        .flat_map(serde_json::Map::keys)
        .collect();
    ensure(kinds.len() > 10, || {
        format!("too little to compare: {kinds:?}")
    })?;
    for kind in kinds {
        let (missing, surplus) = difference(items(&wanted[kind]), items(&found[kind]));
        ensure(missing.is_empty() && surplus.is_empty(), || {
            told(kind, &missing, &surplus)
        })?;
    }
    Ok(())
}

fn items(list: &Value) -> Vec<&Value> {
    list.as_array().into_iter().flatten().collect()
}

/// What is in the first list alone, and what is in the second alone; twice is not once.
fn difference<T: PartialEq>(wanted: Vec<T>, mut found: Vec<T>) -> (Vec<T>, Vec<T>) {
    let mut missing = Vec::new();
    for item in wanted {
        match found.iter().position(|other| *other == item) {
            Some(at) => drop(found.swap_remove(at)),
            None => missing.push(item),
        }
    }
    (missing, found)
}

/// How many differ, and the properties that do.
fn told(kind: &str, missing: &[&Value], surplus: &[&Value]) -> String {
    let lines = |items: &[&Value]| {
        let mut lines = Vec::new();
        for item in items {
            flatten("", item, &mut lines);
        }
        lines
    };
    let (lost, new) = difference(lines(missing), lines(surplus));
    let together = lost.is_empty() && new.is_empty();
    let mut text = format!(
        "{kind} differ from an undisturbed instance's: {} are missing, {} are surplus",
        missing.len(),
        surplus.len()
    );
    for (sign, lines) in [('-', lost), ('+', new)] {
        for line in lines {
            text = format!("{text}\n{sign} {line}");
        }
    }
    if together {
        text = format!("{text}, with the same properties in other hands: {missing:?} {surplus:?}");
    }
    text
}

/// Every property by its path.
fn flatten(path: &str, value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, field) in fields {
                flatten(&format!("{path}.{name}"), field, lines);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                flatten(&format!("{path}[]"), item, lines);
            }
        }
        leaf => lines.push(format!("{path} = {leaf}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_difference_is_told_by_its_property_and_twice_is_not_once() {
        let (one, other) = (
            json!({"name": "db", "days": 30}),
            json!({"name": "db", "days": 1}),
        );
        assert_eq!(
            difference(vec![&one, &other], vec![&other, &one]),
            (vec![], vec![])
        );
        assert_eq!(
            difference(vec![&one], vec![&one, &one]),
            (vec![], vec![&one])
        );
        let (missing, surplus) = difference(vec![&one], vec![&other]);
        assert_eq!(
            told("clusters", &missing, &surplus),
            "clusters differ from an undisturbed instance's: 1 are missing, 1 are surplus\n\
             - .days = 30\n+ .days = 1"
        );
    }
}
