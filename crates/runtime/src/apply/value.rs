//! When two JSON values mean the same to Kubernetes.
//!
//! Quantities are compared by value only where the API has quantities: the label "1" is not the
//! label "1000m".

use serde_json::Value;

/// Removes every null: to server-side apply, a null is a field that is not named.
pub(super) fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// True for what Go's `omitempty` leaves out.
pub(super) fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(truth) => !truth,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

/// Compares two scalars at a path, whose last elements are `parent` and `field`.
pub(super) fn same_scalar(desired: &Value, live: &Value, parent: &str, field: &str) -> bool {
    if desired == live {
        return true;
    }
    if holds_quantity(parent, field) {
        return match (quantity(desired), quantity(live)) {
            (Some(one), Some(other)) => same_number(one, other),
            _ => false,
        };
    }
    match (desired, live) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        _ => false,
    }
}

fn holds_quantity(parent: &str, field: &str) -> bool {
    matches!(
        parent,
        "limits"
            | "requests"
            | "capacity"
            | "hard"
            | "podFixed"
            | "default"
            | "defaultRequest"
            | "max"
            | "min"
    ) || matches!(field, "sizeLimit" | "averageValue" | "divisor")
        || (parent == "target" && field == "value")
}

fn same_number(one: f64, other: f64) -> bool {
    (one - other).abs() <= one.abs().max(other.abs()) * 1e-12
}

/// A Kubernetes quantity as a number.
fn quantity(value: &Value) -> Option<f64> {
    let text = match value {
        Value::Number(number) => return number.as_f64(),
        Value::String(text) => text.as_str(),
        _ => return None,
    };
    // An exponent is part of the number: "1e3" and "1E3", but "1E" is one exa.
    if let Ok(plain) = text.parse::<f64>() {
        return plain.is_finite().then_some(plain);
    }
    let end = text.find(|letter: char| letter.is_ascii_alphabetic())?;
    let (number, suffix) = text.split_at(end);
    let factor = match suffix {
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024_f64,
        "Mi" => 1024_f64.powi(2),
        "Gi" => 1024_f64.powi(3),
        "Ti" => 1024_f64.powi(4),
        "Pi" => 1024_f64.powi(5),
        "Ei" => 1024_f64.powi(6),
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * factor)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn quantities_are_equal_by_value_where_the_api_has_quantities() {
        let table = [
            ("requests", "cpu", json!("2000m"), json!("2"), true),
            ("requests", "cpu", json!("1.5"), json!("1500m"), true),
            ("limits", "memory", json!("1Gi"), json!("1024Mi"), true),
            ("limits", "memory", json!("1G"), json!("1Gi"), false),
            ("requests", "storage", json!("1e3"), json!("1k"), true),
            ("requests", "cpu", json!(2), json!("2"), true),
            (
                "emptyDir",
                "sizeLimit",
                json!("0.5Gi"),
                json!("512Mi"),
                true,
            ),
            ("labels", "shard", json!("1"), json!("1000m"), false),
            ("data", "cpu", json!("2000m"), json!("2"), false),
            ("spec", "replicas", json!(1), json!(1.0), true),
            ("requests", "cpu", json!("two"), json!("2"), false),
        ];
        for (parent, field, one, other, same) in table {
            assert_eq!(
                same_scalar(&one, &other, parent, field),
                same,
                "{parent}.{field}: {one} {other}"
            );
        }
    }
}
