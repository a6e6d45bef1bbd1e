//! What pods of every application have in common.

use emr_api::emr_instance::Image;
use k8s_openapi::{
    api::core::v1::{LocalObjectReference, ResourceRequirements},
    apimachinery::pkg::api::resource::Quantity,
};

use super::identity::Version;

/// What is asked for, completed: the autoscaler computes its percentages from requests of both CPU
/// and memory. No limit of CPU by default, it would slow pods while the node is idle.
pub(crate) fn resources(
    asked: Option<&ResourceRequirements>,
    cpu: &str,
    memory: &str,
) -> ResourceRequirements {
    let mut resources = asked.cloned().unwrap_or_default();
    let limits = resources.limits.clone().unwrap_or_default();
    let requests = resources.requests.get_or_insert_default();
    for (name, usual) in [("cpu", cpu), ("memory", memory)] {
        requests.entry(name.into()).or_insert_with(|| {
            limits
                .get(name)
                .cloned()
                .unwrap_or_else(|| Quantity(usual.into()))
        });
    }
    let memory = requests.get("memory").cloned();
    if let Some(memory) = memory {
        resources
            .limits
            .get_or_insert_default()
            .entry("memory".into())
            .or_insert(memory);
    }
    resources
}

/// The image, by tag and, where it is pinned, by digest.
pub(crate) fn image(image: &Image, version: &Version) -> String {
    let tagged = format!("{}:{version}", image.repository);
    match &image.digest {
        Some(digest) => format!("{tagged}@{digest}"),
        None => tagged,
    }
}

/// The Secrets that hold the registry's credentials.
pub(crate) fn pull_secrets(image: &Image) -> Option<Vec<LocalObjectReference>> {
    let all: Vec<_> = image
        .pull_secrets
        .iter()
        .map(|name| LocalObjectReference { name: name.clone() })
        .collect();
    (!all.is_empty()).then_some(all)
}
