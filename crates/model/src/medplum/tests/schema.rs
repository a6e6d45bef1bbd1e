//! A strict reader of the few words of JSON Schema that `config.schema.json` uses. A word that it does not
//! know fails the test, and so does a key that the schema does not have.

use serde_json::Value;

/// What does not fit, by its path.
pub(super) fn misfits(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    look(schema, value, "", &mut found);
    found
}

fn look(schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    for (word, rule) in schema.as_object().unwrap() {
        match word.as_str() {
            "$schema" | "title" | "description" => {}
            "type" => {
                if !types(rule).iter().any(|kind| is(value, kind)) {
                    found.push(format!("{at} is no {rule}"));
                }
            }
            "enum" => {
                if !rule.as_array().unwrap().contains(value) {
                    found.push(format!("{at} is none of {rule}"));
                }
            }
            "required" => {
                for key in rule.as_array().unwrap() {
                    if value.get(key.as_str().unwrap()).is_none() {
                        found.push(format!("{at} lacks {key}"));
                    }
                }
            }
            "properties" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    match rule.get(key) {
                        Some(schema) => look(schema, value, &format!("{at}/{key}"), found),
                        None => found.push(format!("{at}/{key} is unknown")),
                    }
                }
            }
            "additionalProperties" => assert_eq!(rule, false, "{at}"),
            "items" => {
                for (nth, value) in value.as_array().into_iter().flatten().enumerate() {
                    look(rule, value, &format!("{at}/{nth}"), found);
                }
            }
            other => panic!("this reader does not know {other}"),
        }
    }
}

fn types(rule: &Value) -> Vec<&str> {
    match rule {
        Value::String(one) => vec![one],
        many => many
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one.as_str().unwrap())
            .collect(),
    }
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("this reader does not know {other}"),
    }
}

#[test]
fn the_reader_finds_what_does_not_fit() {
    let schema = serde_json::json!({
        "type": "object", "required": ["a"], "additionalProperties": false,
        "properties": {
            "a": {"type": "integer"}, "b": {"type": "array", "items": {"type": "string", "enum": ["x"]}},
        },
    });
    let of = |value: Value| misfits(&schema, &value);
    assert!(of(serde_json::json!({"a": 1, "b": ["x"]})).is_empty());
    for (value, says) in [
        (serde_json::json!({}), "lacks"),
        (serde_json::json!({"a": "1"}), "/a is no"),
        (serde_json::json!({"a": 1, "c": 1}), "/c is unknown"),
        (serde_json::json!({"a": 1, "b": ["y"]}), "/b/0 is none of"),
        (serde_json::json!([]), "is no"),
    ] {
        let found = of(value.clone()).join("; ");
        assert!(found.contains(says), "{value}: {found}");
    }
}
