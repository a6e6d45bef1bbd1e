//! Waiting for what objects say of themselves.

use std::{fmt::Debug, time::Duration};

use emr_api::conditions;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{Api, Resource};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Failure, Outcome};

/// An object with conditions, whatever its kind.
pub trait Told: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Serialize {
    /// Its conditions.
    fn conditions(&self) -> Vec<Condition> {
        let value = serde_json::to_value(self).unwrap_or_default();
        serde_json::from_value(value["status"]["conditions"].clone()).unwrap_or_default()
    }

    /// The status of a condition: `True`, `False`, or nothing.
    fn says(&self, kind: &str) -> Option<String> {
        conditions::find(&self.conditions(), kind).map(|condition| condition.status.clone())
    }

    /// The reason of a condition.
    fn reason(&self, kind: &str) -> Option<String> {
        conditions::find(&self.conditions(), kind).map(|condition| condition.reason.clone())
    }

    /// True when the status speaks of this generation and nothing is under way.
    fn settled(&self) -> bool {
        let value = serde_json::to_value(self).unwrap_or_default();
        value["status"]["observedGeneration"] == value["metadata"]["generation"]
            && self.says(conditions::READY).as_deref() == Some("True")
            && self.says(conditions::RECONCILING).is_none()
            && self.says(conditions::STALLED).is_none()
    }
}

impl<K> Told for K where K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Serialize
{}

/// Waits until the object holds a property; fails with what it said last.
pub async fn until<K: Told>(
    api: &Api<K>,
    name: &str,
    what: &str,
    patience: Duration,
    property: impl Fn(&K) -> bool,
) -> Outcome<K> {
    let deadline = tokio::time::Instant::now() + patience;
    let mut last: Option<K> = None;
    loop {
        if let Some(object) = api.get_opt(name).await? {
            if property(&object) {
                return Ok(object);
            }
            last = Some(object);
        }
        if tokio::time::Instant::now() > deadline {
            let said = last.map_or_else(
                || "it does not exist".to_owned(),
                |object| serde_json::to_string_pretty(&object.conditions()).unwrap_or_default(),
            );
            let kind = K::kind(&());
            return Err(Failure::Assertion(format!(
                "{kind} {name} is not {what}: {said}"
            )));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Waits until the object is gone.
pub async fn until_gone<K: Told>(api: &Api<K>, name: &str, patience: Duration) -> Outcome {
    let deadline = tokio::time::Instant::now() + patience;
    while let Some(object) = api.get_opt(name).await? {
        if tokio::time::Instant::now() > deadline {
            let said = serde_json::to_string_pretty(&object.conditions())?;
            return Err(Failure::Assertion(format!(
                "{} {name} is still there: {said}",
                K::kind(&())
            )));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}
