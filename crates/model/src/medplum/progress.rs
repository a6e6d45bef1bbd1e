//! How far an instance has come, from its Deployments as the API server shows them.

use k8s_openapi::api::apps::v1::Deployment;

use super::Workload;
pub use crate::workload::progress::{Finding, Next, scaling};
use crate::workload::{Version, progress};

/// The Deployments of an instance as they are seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen<'a> {
    /// The API server.
    pub api: Option<&'a Deployment>,
    /// The web app.
    pub web: Option<&'a Deployment>,
    /// The worker pool.
    pub workers: Option<&'a Deployment>,
}

/// Whether the application is installed: its first start migrates the empty database, so it is once a pod
/// has answered. `recorded` is the version that status remembers.
pub fn installed(recorded: Option<&Version>, api: Option<&Deployment>) -> Finding {
    if let Some(version) = recorded {
        let message = format!("Medplum {version} is installed");
        return Finding::new(true, "Installed", message, Next::Done);
    }
    let available = api
        .and_then(|api| api.status.as_ref())
        .and_then(|status| status.available_replicas);
    match (api, available) {
        (_, Some(1..)) => Finding::new(
            true,
            "Installed",
            "the server has set its database up and answers",
            Next::Done,
        ),
        (Some(api), _) => {
            let serving = progress::serving(1, Some(api), "");
            match serving.next {
                Next::Person => serving,
                _ => Finding::new(
                    false,
                    "Installing",
                    "the server's first start sets the database up; usually done within 10 min",
                    Next::Wait,
                ),
            }
        }
        (None, _) => Finding::new(
            false,
            "InstallPending",
            "the server starts once database, cache and bucket are ready",
            Next::Wait,
        ),
    }
}

/// Whether enough pods of each kind are available: the first that lacks some, else that of the API, as
/// rolling out while any is.
pub fn serving(workload: &Workload, seen: Seen<'_>) -> Finding {
    let absent = "the server starts once database, cache and bucket are ready";
    let api = progress::serving(workload.replicas.min, seen.api, absent);
    if !api.met {
        return api;
    }
    let workers = workload.running_workers().map(|workers| {
        let of = progress::serving(
            workers.replicas.min,
            seen.workers,
            "they start with the server",
        );
        named("worker pool", &of)
    });
    // One of its pods is enough for people to come in.
    let web = workload.web.as_ref().map(|_| {
        let of = progress::serving(1, seen.web, "it starts with the server");
        named("web app", &of)
    });
    let rest: Vec<_> = workers.into_iter().chain(web).collect();
    let lacking = rest.iter().find(|of| !of.met);
    let rolling = rest.iter().find(|of| of.reason == "RollingOut");
    lacking.or(rolling).cloned().unwrap_or(api)
}

fn named(what: &str, finding: &Finding) -> Finding {
    let message = format!("{what}: {}", finding.message);
    Finding::new(finding.met, finding.reason, message, finding.next)
}
