//! What is waited for, and what stands in the way when it never comes.

use std::{future::Future, time::Duration};

use emr_api::conditions;
use kube::api::ListParams;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{INSTANCE, LONG, World};

/// By then even the list that is read most rarely was read again, after it lagged three times.
const ROUNDS: Duration = Duration::from_mins(45);
const GLANCE: Duration = Duration::from_secs(15);

impl World {
    /// Ready at its latest generation.
    pub(crate) async fn ready(&self) -> bool {
        let Some(instance) = self.instances().get_opt(INSTANCE).await.unwrap() else {
            return false;
        };
        let generation = instance.metadata.generation;
        instance.status.is_some_and(|status| {
            Some(status.observed_generation) == generation
                && conditions::is_true(&status.conditions, conditions::READY)
                && conditions::find(&status.conditions, conditions::RECONCILING).is_none()
                && conditions::find(&status.conditions, conditions::STALLED).is_none()
        })
    }

    /// Ready, whatever else is wrong with it.
    pub(crate) async fn serves(&self) -> bool {
        let instance = self.instances().get(INSTANCE).await.unwrap();
        let status = instance.status.unwrap_or_default();
        conditions::is_true(&status.conditions, conditions::READY)
    }

    pub(crate) async fn gone(&self) -> bool {
        self.instances().get_opt(INSTANCE).await.unwrap().is_none()
    }

    /// Until the instance is Ready and nothing moves any more.
    pub(crate) async fn until_ready(&self) {
        self.try_ready().await.unwrap();
    }

    pub(crate) async fn try_ready(&self) -> Result<(), String> {
        self.until("the instance is Ready", || self.ready()).await?;
        self.until_settled().await
    }

    /// Until the instance is gone and nothing moves any more.
    pub(crate) async fn until_gone(&self) {
        self.try_gone().await.unwrap();
    }

    pub(crate) async fn try_gone(&self) -> Result<(), String> {
        self.until("the instance is gone", || self.gone()).await?;
        self.until_settled().await
    }

    /// Until nothing is under way, stalled or unknown, and nobody writes.
    async fn until_settled(&self) -> Result<(), String> {
        let settled = || async {
            !self.kube.snapshot().iter().any(|object| {
                conditions_of(object).any(|of| {
                    of["type"] == "Stalled" || of["type"] == "Reconciling" || is_unknown(of)
                })
            })
        };
        let end = Instant::now() + LONG;
        while Instant::now() < end {
            self.until("all is settled", settled).await?;
            self.until_quiet().await?;
            // AWS may work on something for longer than anybody writes.
            if settled().await {
                return Ok(());
            }
        }
        Err(format!("it settles and unsettles:\n{}", self.state()))
    }

    /// Until so many instances are Ready and nothing moves any more.
    pub(crate) async fn until_all_ready(&self, count: usize) {
        let all = || async {
            let all = self.instances().list(&ListParams::default()).await.unwrap();
            let ready = all.iter().filter(|instance| {
                let status = instance.status.as_ref();
                status.is_some_and(|of| conditions::is_true(&of.conditions, conditions::READY))
            });
            ready.count() == count
        };
        self.until("all are Ready", all).await.unwrap();
        self.until_settled().await.unwrap();
    }

    /// Until nobody has written anything for two minutes.
    pub(crate) async fn until_quiet(&self) -> Result<(), String> {
        let end = Instant::now() + LONG;
        let mut writes = (usize::MAX, usize::MAX);
        while writes != self.writes() {
            if Instant::now() > end {
                return Err(format!("it never comes to rest:\n{}", self.state()));
            }
            writes = self.writes();
            sleep(Duration::from_mins(2)).await;
        }
        Ok(())
    }

    /// How many changes were asked of AWS and of Kubernetes, the lease aside.
    pub(crate) fn writes(&self) -> (usize, usize) {
        let all = self.kube.mutations();
        let but_lease = all.iter().filter(|mutation| mutation.plural != "leases");
        (self.aws.writes(), but_lease.count())
    }

    /// Until it is so; says what stood in the way when it never is.
    pub(crate) async fn until<F: Future<Output = bool>>(
        &self,
        what: &str,
        is_so: impl Fn() -> F,
    ) -> Result<(), String> {
        let end = Instant::now() + LONG;
        while !is_so().await {
            if Instant::now() > end {
                return Err(format!(
                    "it never came to be that {what}:\n{}",
                    self.state()
                ));
            }
            sleep(GLANCE).await;
        }
        Ok(())
    }

    /// True while there is a DB cluster.
    pub(crate) fn holds_a_cluster(&self) -> bool {
        self.look(|room| !room.clusters().is_empty())
    }

    /// Until the loss of the database is told and nothing moves any more.
    pub(crate) async fn try_loss(&self) -> Result<(), String> {
        let missing = || async { self.says_missing("ManagedDatabase") };
        self.until("the loss is told", missing).await?;
        // Whatever failed beside it is overcome, and lists that lagged are read again.
        sleep(ROUNDS).await;
        let overcome = || async {
            let all = self.kube.snapshot();
            let mut conditions = all.iter().flat_map(|object| conditions_of(object));
            !conditions.any(|of| {
                let stalled = of["type"] == "Stalled" && of["reason"] != "DataResourceMissing";
                stalled || is_unknown(of)
            })
        };
        self.until("only the loss is left", overcome).await?;
        self.until_quiet().await
    }

    /// True when the sample's child of this kind says that its data is missing.
    pub(crate) fn says_missing(&self, kind: &str) -> bool {
        self.kube.snapshot().iter().any(|object| {
            object["kind"] == kind
                && object["metadata"]["name"] == INSTANCE
                && conditions_of(object).any(|of| {
                    of["type"] == "Stalled"
                        && of["status"] == "True"
                        && of["reason"] == "DataResourceMissing"
                })
        })
    }

    /// The conditions of every custom resource, and the last changes of AWS.
    pub(crate) fn state(&self) -> String {
        let mut lines = Vec::new();
        for object in self.kube.snapshot() {
            if !object["status"]["conditions"].is_array() {
                continue;
            }
            lines.push(format!("{} {}", object["kind"], object["metadata"]["name"]));
            for condition in conditions_of(&object) {
                let text = |field: &str| condition[field].as_str().unwrap_or("-").to_owned();
                let (kind, status) = (text("type"), text("status"));
                lines.push(format!(
                    "  {kind}={status} {}: {}",
                    text("reason"),
                    text("message")
                ));
            }
        }
        let calls = self.aws.mutations();
        let last = calls.iter().rev().take(10);
        lines.extend(last.map(|call| call.describe.clone()));
        lines.join("\n")
    }
}

/// The conditions that an object tells.
fn conditions_of(object: &Value) -> impl Iterator<Item = &Value> {
    object["status"]["conditions"]
        .as_array()
        .into_iter()
        .flatten()
}

/// Looked at in vain. Whether backups work is known a day later, and is no matter of settling.
fn is_unknown(condition: &Value) -> bool {
    condition["status"] == "Unknown" && condition["type"] != conditions::BACKUP_HEALTHY
}
