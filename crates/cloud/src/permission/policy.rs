//! The IAM policy, as JSON that always comes out the same.

use std::collections::BTreeMap;

use emr_resource::ownership::{CLUSTER, MANAGED_BY, OPERATOR};
use serde_json::{Map, Value, json};

use super::{Condition, Row, rows};

/// Characters that a managed policy may have, white space aside. Source: IAM user guide, quotas.
const LIMIT: usize = 6144;

/// Where a policy holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// An account, or `*`.
    pub account: String,
    /// A region, or `*`.
    pub region: String,
    /// The Kubernetes cluster's name, or `*` for any.
    pub cluster: String,
    /// The ARN of the permissions boundary that every role of ours must have (safety.md 10).
    pub boundary: Option<String>,
}

impl Default for Scope {
    fn default() -> Self {
        let any = || String::from("*");
        Self {
            partition: any(),
            account: any(),
            region: any(),
            cluster: any(),
            boundary: None,
        }
    }
}

impl Scope {
    fn fill(&self, template: &str) -> String {
        template
            .replace("${partition}", &self.partition)
            .replace("${account}", &self.account)
            .replace("${region}", &self.region)
            .replace("${cluster}", &self.cluster)
    }

    fn tags(&self, prefix: &str, conditions: &mut BTreeMap<&'static str, Map<String, Value>>) {
        let key = |tag: &str| format!("aws:{prefix}/{tag}");
        conditions
            .entry("StringEquals")
            .or_default()
            .insert(key(MANAGED_BY), json!(OPERATOR));
        if self.cluster != "*" {
            let equals = conditions.entry("StringEquals").or_default();
            equals.insert(key(CLUSTER), json!(self.cluster));
        }
    }
}

fn statement(row: &Row, scope: &Scope) -> Value {
    let mut conditions: BTreeMap<&'static str, Map<String, Value>> = BTreeMap::new();
    for condition in row.conditions {
        match condition {
            Condition::RequestTag => scope.tags("RequestTag", &mut conditions),
            Condition::ResourceTag => scope.tags("ResourceTag", &mut conditions),
            Condition::Like(key, values) => {
                let like = conditions.entry("StringLike").or_default();
                like.insert((*key).to_owned(), json!(values));
            }
            Condition::Boundary => {
                if let Some(arn) = &scope.boundary {
                    let equals = conditions.entry("StringEquals").or_default();
                    equals.insert("iam:PermissionsBoundary".into(), json!(arn));
                }
            }
            Condition::True(key) => {
                conditions
                    .entry("Bool")
                    .or_default()
                    .insert((*key).to_owned(), json!("true"));
            }
        }
    }
    let mut actions: Vec<_> = row
        .actions
        .iter()
        .map(|action| format!("{}:{action}", row.service))
        .collect();
    actions.sort_unstable();
    let resources: Vec<_> = row.resources.iter().map(|arn| scope.fill(arn)).collect();
    let mut statement = json!({ "Effect": "Allow", "Action": actions, "Resource": resources });
    if !conditions.is_empty() {
        statement["Condition"] = json!(conditions);
    }
    statement
}

/// Rows with the same resources and conditions are one statement.
fn statements(scope: &Scope) -> Vec<Value> {
    let mut merged: Vec<Value> = Vec::new();
    for row in rows() {
        let next = statement(row, scope);
        let same = merged.iter_mut().find(|known| {
            known["Resource"] == next["Resource"] && known.get("Condition") == next.get("Condition")
        });
        match (same, &next["Action"]) {
            (Some(known), Value::Array(more)) => {
                if let Some(actions) = known["Action"].as_array_mut() {
                    actions.extend(more.iter().cloned());
                    actions.sort_unstable_by_key(ToString::to_string);
                    actions.dedup();
                }
            }
            _ => merged.push(next),
        }
    }
    merged
}

fn document(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// The whole policy in one document: to read, and to evaluate.
pub fn policy(scope: &Scope) -> Value {
    document(&statements(scope))
}

/// The policy in as few documents as IAM's size limit allows.
pub fn policies(scope: &Scope) -> Vec<Value> {
    let mut documents: Vec<Vec<Value>> = vec![Vec::new()];
    for next in statements(scope) {
        let mut longer = documents.last().cloned().unwrap_or_default();
        longer.push(next.clone());
        if document(&longer).to_string().len() <= LIMIT {
            documents.pop();
            documents.push(longer);
        } else {
            documents.push(vec![next]);
        }
    }
    documents
        .iter()
        .map(|statements| document(statements))
        .collect()
}
