//! As much of IAM's evaluation as our own policy needs, so that tests can ask it.

use std::collections::BTreeMap;

use emr_resource::Tags;
use serde_json::Value;

/// A request to AWS, as IAM sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `rds:DeleteDBCluster`.
    pub action: String,
    /// The ARN that it is about.
    pub resource: String,
    /// The tags that it sets.
    pub request_tags: Tags,
    /// The tags that the resource has.
    pub resource_tags: Tags,
    /// Other keys of its context: `kms:ViaService`.
    pub context: BTreeMap<String, String>,
}

impl Request {
    /// An action on a resource, without any tags.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            resource: resource.into(),
            ..Self::default()
        }
    }

    fn value(&self, key: &str) -> Option<&String> {
        if let Some(tag) = key.strip_prefix("aws:RequestTag/") {
            self.request_tags.get(tag)
        } else if let Some(tag) = key.strip_prefix("aws:ResourceTag/") {
            self.resource_tags.get(tag)
        } else {
            self.context.get(key)
        }
    }
}

/// True when a policy document allows a request. There is no `Deny` in ours; an operator that this
/// does not know never matches.
pub fn allows(policy: &Value, request: &Request) -> bool {
    values(&policy["Statement"]).any(|statement| {
        statement["Effect"] == "Allow"
            && texts(&statement["Action"]).any(|action| like(action, &request.action))
            && texts(&statement["Resource"]).any(|arn| like(arn, &request.resource))
            && conditions_hold(&statement["Condition"], request)
    })
}

fn conditions_hold(conditions: &Value, request: &Request) -> bool {
    let Some(operators) = conditions.as_object() else {
        return true;
    };
    operators.iter().all(|(operator, keys)| {
        keys.as_object().is_some_and(|keys| {
            keys.iter().all(|(key, wanted)| {
                request
                    .value(key)
                    .is_some_and(|value| match operator.as_str() {
                        "StringEquals" | "Bool" => texts(wanted).any(|wanted| wanted == value),
                        "StringLike" => texts(wanted).any(|wanted| like(wanted, value)),
                        _ => false,
                    })
            })
        })
    })
}

/// A value, or each of a list.
fn values(value: &Value) -> impl Iterator<Item = &Value> {
    let list = value
        .as_array()
        .map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
    list.iter()
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    values(value).filter_map(Value::as_str)
}

/// Matches with `*` for anything.
fn like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<_> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
