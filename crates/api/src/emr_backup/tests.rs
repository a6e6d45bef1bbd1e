use serde_json::{Value, json};

use super::*;

fn with(fields: &Value) -> EmrBackupSpec {
    let mut spec = json!({"instanceRef": {"name": "riverside"}});
    for (name, value) in fields.as_object().unwrap() {
        spec[name] = value.clone();
    }
    serde_json::from_value(spec).unwrap()
}

fn complaint(new: &Value, old: Option<&Value>) -> Option<String> {
    let old = old.map(with);
    let refused = with(new).validate_cel(old.as_ref()).err();
    refused.map(|errors| errors.to_string())
}

#[test]
fn a_set_is_taken_once() {
    let before = json!({});
    assert_eq!(complaint(&json!({}), Some(&before)), None);
    let told = complaint(&json!({"keepDays": 7}), Some(&before)).unwrap();
    assert!(told.contains("make another EmrBackup"), "{told}");
}

#[test]
fn the_limit_belongs_to_what_stands_still() {
    for (fields, wrong) in [
        (
            json!({"consistency": "Quiesced", "quietLimit": "45m"}),
            None,
        ),
        (
            json!({"quietLimit": "45m"}),
            Some("belongs to consistency Quiesced"),
        ),
        (
            json!({"consistency": "Quiesced", "quietLimit": "30s"}),
            Some("between 1m and 24h"),
        ),
        (
            json!({"consistency": "Quiesced", "quietLimit": "25h"}),
            Some("between 1m and 24h"),
        ),
    ] {
        let told = complaint(&fields, None);
        match wrong {
            None => assert_eq!(told, None, "{fields}"),
            Some(wrong) => assert!(told.unwrap().contains(wrong), "{fields}"),
        }
    }
}
