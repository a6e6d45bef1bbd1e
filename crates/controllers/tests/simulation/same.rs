//! Whether two runs came to the same end, on both sides: what AWS holds and what Kubernetes holds,
//! without what differs from run to run (UIDs, versions, times, random passwords).

use std::{collections::BTreeMap, fmt::Write as _};

use emr_cloud::memory::Inventory;
use emr_resource::names;
use serde_json::Value;

use crate::world::World;

/// The length of a UID.
const UID: usize = 36;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    aws: Inventory,
    kubernetes: Vec<String>,
}

impl End {
    pub(crate) fn of(world: &World) -> Self {
        let mut aws = world.inventory();
        // A job is remembered when what it worked on is gone, whose UID differs from run to run.
        for line in aws.get_mut("restore-job").into_iter().flatten() {
            *line = without_uids(line);
        }
        Self {
            aws,
            kubernetes: objects(world),
        }
    }

    /// Says where two ends differ.
    pub(crate) fn compare(&self, seen: &Self) -> Result<(), String> {
        if self == seen {
            return Ok(());
        }
        let (wanted, seen) = (self.lines(), seen.lines());
        let mut text = "another end than the undisturbed run:\n".to_owned();
        for line in wanted.iter().filter(|line| !seen.contains(line)) {
            let _ = writeln!(text, "- {line}");
        }
        for line in seen.iter().filter(|line| !wanted.contains(line)) {
            let _ = writeln!(text, "+ {line}");
        }
        Err(text)
    }

    fn lines(&self) -> Vec<String> {
        let of_aws = self
            .aws
            .iter()
            .flat_map(|(kind, lines)| lines.iter().map(move |line| format!("{kind}: {line}")));
        of_aws.chain(self.kubernetes.iter().cloned()).collect()
    }
}

/// `RestoreToken("name-aaaaaaaa-bbbbbbbb")` without its two hashes.
fn without_uids(line: &str) -> String {
    let Some((token, rest)) = line.split_once("\")") else {
        return line.to_owned();
    };
    let mut parts = token.rsplitn(3, '-');
    let name = parts.nth(2).unwrap_or(token);
    format!("{name}\"){rest}")
}

fn objects(world: &World) -> Vec<String> {
    let all = world.kube.snapshot();
    let mut uids = BTreeMap::new();
    for object in &all {
        if let Some(uid) = object["metadata"]["uid"].as_str() {
            let name = format!("{}/{}", object["kind"], object["metadata"]["name"]);
            let name = name.replace('"', "");
            uids.insert(names::hash(&[uid]), name.clone());
            uids.insert(uid.to_owned(), name);
        }
    }
    let told = all.iter().filter(|object| {
        let kind = object["kind"].as_str().unwrap_or_default();
        // How many pods there are is the autoscaler's business, and which the kubelet's.
        !matches!(kind, "Event" | "Lease" | "Namespace" | "Pod")
    });
    let mut lines = Vec::new();
    for object in told {
        let mut object = (**object).clone();
        strip(&mut object);
        let name = format!("{}/{}", object["kind"], object["metadata"]["name"]);
        flatten(&name.replace('"', ""), &object, &mut lines);
    }
    let mut lines: Vec<_> = lines.iter().map(|line| told_apart(line, &uids)).collect();
    lines.sort();
    lines
}

/// The line with names in place of UIDs and of what is derived from them. Both stand between
/// characters that are neither letters nor digits, so each word is looked up once: a search for
/// each UID took a tenth of all runs' time.
fn told_apart(line: &str, names: &BTreeMap<String, String>) -> String {
    let mut told = String::with_capacity(line.len());
    let mut rest = line;
    while !rest.is_empty() {
        let word = rest.find(|at: char| !at.is_ascii_alphanumeric());
        let word = word.unwrap_or(rest.len());
        let found = [rest.get(..UID), rest.get(..word)].into_iter().flatten();
        let mut found = found.filter_map(|word| Some((word.len(), names.get(word)?)));
        let end = if let Some((length, name)) = found.next() {
            let _ = write!(told, "UID({name})");
            length
        } else {
            told.push_str(&rest[..word]);
            word
        };
        rest = &rest[end..];
        let between = rest.find(|at: char| at.is_ascii_alphanumeric());
        let (between, next) = rest.split_at(between.unwrap_or(rest.len()));
        told.push_str(between);
        rest = next;
    }
    told
}

/// One line for each value, so that a difference says where it is.
fn flatten(path: &str, value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                flatten(&format!("{path}.{key}"), value, lines);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(&format!("{path}[{index}]"), item, lines);
            }
        }
        // A mount target that was made anew has another id.
        Value::String(id) if id.starts_with("fsmt-") => lines.push(format!("{path} = fsmt-")),
        // AWS ends a secret's ARN in something random.
        Value::String(arn) if arn.contains(":secret:") && arn.len() > 6 => {
            lines.push(format!("{path} = {}", &arn[..arn.len() - 6]));
        }
        value => lines.push(format!("{path} = {value}")),
    }
}

/// Takes away what differs from run to run.
fn strip(object: &mut Value) {
    if let Some(metadata) = object["metadata"].as_object_mut() {
        for field in [
            "resourceVersion",
            "managedFields",
            "creationTimestamp",
            "generation",
            "uid",
        ] {
            metadata.remove(field);
        }
        if let Some(annotations) = metadata
            .get_mut("annotations")
            .and_then(Value::as_object_mut)
        {
            annotations.retain(|key, _| !key.ends_with("-hash"));
        }
    }
    // The autoscaler's, and ours only while it is 0.
    if object["kind"] == "Deployment" && object["spec"]["replicas"] != 0 {
        object["spec"]["replicas"] = Value::Null;
    }
    // Which versions of its secret a token came from.
    if object["kind"] == "CacheCluster" {
        object["status"]["authToken"] = Value::Null;
    }
    if object["kind"] == "Secret" {
        for field in ["data", "stringData"] {
            if let Some(data) = object[field].as_object_mut() {
                data.values_mut().for_each(|value| *value = Value::Null);
            }
        }
    }
    // Depends on how long a run took: the first recovery point comes with the next daily plan.
    let of_drill = object["kind"] == "EmrDrill";
    if let Some(conditions) = object["status"]["conditions"].as_array_mut() {
        conditions.retain(|told| told["type"] != "BackupHealthy");
        // How long a drill took stands in its message.
        for told in conditions {
            if of_drill || told["type"] == "RestoreProven" {
                told["message"] = Value::Null;
            }
        }
    }
    times(object);
}

fn times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|key, _| {
                !matches!(
                    key.as_str(),
                    "lastTransitionTime"
                        | "observedGeneration"
                        | "quietFor"
                        | "mayLack"
                        | "recoveryTime"
                        | "dataAge"
                ) && !key.ends_with("At")
                    && !key.ends_with("-revision")
                    && !key.ends_with("-hash")
            });
            fields.values_mut().for_each(times);
        }
        Value::Array(items) => items.iter_mut().for_each(times),
        _ => {}
    }
}
