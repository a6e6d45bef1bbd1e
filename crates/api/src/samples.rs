//! Every sample is what the API server takes, to the last field: an unknown one would be dropped in silence.

use std::{fs, path::Path};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    CacheCluster, EmrBackup, EmrDrill, EmrInstance, EmrPlatform, EmrRestore, ManagedDatabase,
    ObjectStore,
};

/// What of `written` is not in `understood`.
fn lost(written: &Value, understood: &Value, path: &str, found: &mut Vec<String>) {
    match (written, understood) {
        (Value::Object(fields), _) => {
            for (name, value) in fields {
                lost(value, &understood[name], &format!("{path}.{name}"), found);
            }
        }
        (Value::Array(items), _) => {
            for (index, item) in items.iter().enumerate() {
                lost(item, &understood[index], &format!("{path}[{index}]"), found);
            }
        }
        _ if written == understood => {}
        // 1 and 1.0.
        _ if written.is_number() && written.as_f64() == understood.as_f64() => {}
        _ => found.push(path.to_owned()),
    }
}

fn read<K: Serialize + DeserializeOwned>(document: &Value) -> (K, Vec<String>) {
    let object: K = serde_json::from_value(document.clone()).unwrap();
    let understood = serde_json::to_value(&object).unwrap();
    let mut found = Vec::new();
    lost(document, &understood, "", &mut found);
    (object, found)
}

#[test]
fn every_sample_is_valid_and_understood() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/samples");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display();
        let documents: Vec<Value> =
            serde_saphyr::from_multiple(&fs::read_to_string(&path).unwrap()).unwrap();
        for document in documents {
            let (errors, lost) = match document["kind"].as_str().unwrap() {
                "Namespace" => continue,
                "EmrPlatform" => (Ok(()), read::<EmrPlatform>(&document).1),
                "EmrInstance" => {
                    let (object, lost) = read::<EmrInstance>(&document);
                    (object.validate_cel(), lost)
                }
                "EmrBackup" => {
                    let (object, lost) = read::<EmrBackup>(&document);
                    (object.validate_cel(), lost)
                }
                "EmrRestore" => {
                    let (object, lost) = read::<EmrRestore>(&document);
                    (object.validate_cel(), lost)
                }
                "EmrDrill" => {
                    let (object, lost) = read::<EmrDrill>(&document);
                    (object.validate_cel(), lost)
                }
                "CacheCluster" => {
                    let (object, lost) = read::<CacheCluster>(&document);
                    (object.validate_cel(), lost)
                }
                "ManagedDatabase" => {
                    let (object, lost) = read::<ManagedDatabase>(&document);
                    (object.validate_cel(), lost)
                }
                "ObjectStore" => {
                    let (object, lost) = read::<ObjectStore>(&document);
                    (object.validate_cel(), lost)
                }
                other => panic!("{name}: no such kind: {other}"),
            };
            assert!(errors.is_ok(), "{name}: {errors:?}");
            assert!(lost.is_empty(), "{name}: {lost:?} are no fields");
            seen += 1;
        }
    }
    assert!(seen > 6, "{seen} objects");
}
