//! Takes the Lease, keeps it, and gives it back.

use std::time::Duration;

use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta},
    jiff::Timestamp,
};
use kube::{Api, Client, api::PostParams};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{Config, Decision, Leadership, Seen, State, decide};

/// Waits until this process leads. Failures are logged and retried.
///
/// Renewal runs as a task of its own, so that no amount of other work delays it.
pub async fn acquire(client: Client, config: Config) -> Leadership {
    let mut election = Election {
        api: Api::namespaced(client, &config.namespace),
        config,
        lease: None,
        seen: None,
    };
    let started = loop {
        let started = Instant::now();
        match timeout(election.config.renew_deadline, election.contend()).await {
            Ok(Ok(Decision::Renew)) => break started,
            Ok(Ok(Decision::Acquire)) => {}
            Ok(Ok(Decision::Wait(end))) => {
                tracing::debug!(lease = %election.config.name, "another process leads");
                tokio::time::sleep_until(end.min(started + election.config.retry)).await;
                continue;
            }
            Ok(Err(error)) => tracing::warn!(
                error = %crate::error::chain(&error), "failed to contend for the lease"
            ),
            Err(_) => tracing::warn!("no answer about the lease"),
        }
        sleep(election.config.retry).await;
    };
    tracing::info!(identity = %election.config.identity, "leading");
    let (sender, state) = watch::channel(State::Until(started + election.config.duration));
    let (release, released) = mpsc::channel(1);
    let margin = election.config.margin;
    tokio::spawn(election.lead(started, sender, released));
    Leadership {
        state,
        margin,
        release,
        _forever: None,
    }
}

struct Election {
    api: Api<Lease>,
    config: Config,
    /// The Lease as last read or written.
    lease: Option<Lease>,
    seen: Option<Seen>,
}

impl Election {
    /// Looks at the Lease and takes it if it is free. `Renew` means that we hold it now.
    async fn contend(&mut self) -> kube::Result<Decision> {
        let lease = self.api.get_opt(&self.config.name).await?;
        self.observe(lease);
        let me = self.config.identity.clone();
        let decision = decide(self.seen.as_ref(), &me, Instant::now());
        match decision {
            Decision::Wait(_) => Ok(decision),
            Decision::Acquire | Decision::Renew => match self.write(&me).await {
                Ok(()) => Ok(Decision::Renew),
                // Somebody was faster.
                Err(kube::Error::Api(status)) if status.code == 409 => Ok(Decision::Acquire),
                Err(error) => Err(error),
            },
        }
    }

    /// Notes the Lease, and the time if it is not the one known already.
    fn observe(&mut self, lease: Option<Lease>) {
        let version = |lease: &Lease| {
            let metadata = &lease.metadata;
            (metadata.uid.clone(), metadata.resource_version.clone())
        };
        if lease.as_ref().map(version) != self.lease.as_ref().map(version) {
            let spec = lease.as_ref().and_then(|lease| lease.spec.clone());
            self.seen = lease.as_ref().map(|_| Seen {
                holder: spec.as_ref().and_then(|spec| spec.holder_identity.clone()),
                duration: spec
                    .and_then(|spec| spec.lease_duration_seconds)
                    .and_then(|seconds| u64::try_from(seconds).ok())
                    .map_or(self.config.duration, Duration::from_secs),
                since: Instant::now(),
            });
        }
        self.lease = lease;
    }

    /// Writes ourselves, or nobody, into the Lease, at the version that is known.
    async fn write(&mut self, holder: &str) -> kube::Result<()> {
        let old = self.lease.as_ref().and_then(|lease| lease.spec.clone());
        let now = MicroTime(Timestamp::now());
        let stays = old
            .as_ref()
            .is_some_and(|old| old.holder_identity.as_deref() == Some(holder));
        let transitions = old.as_ref().and_then(|old| old.lease_transitions);
        let spec = LeaseSpec {
            holder_identity: Some(holder.to_owned()),
            lease_duration_seconds: i32::try_from(self.config.duration.as_secs()).ok(),
            acquire_time: old
                .and_then(|old| old.acquire_time)
                .filter(|_| stays)
                .or_else(|| Some(now.clone())),
            renew_time: Some(now),
            lease_transitions: Some(transitions.unwrap_or(0) + i32::from(!stays)),
            ..LeaseSpec::default()
        };
        let params = PostParams::default();
        let lease = Lease {
            metadata: self.lease.as_ref().map_or_else(
                || ObjectMeta {
                    name: Some(self.config.name.clone()),
                    ..ObjectMeta::default()
                },
                |lease| lease.metadata.clone(),
            ),
            spec: Some(spec),
        };
        let written = if self.lease.is_some() {
            self.api.replace(&self.config.name, &params, &lease).await?
        } else {
            self.api.create(&params, &lease).await?
        };
        self.observe(Some(written));
        Ok(())
    }

    /// Renews until it is told to release, or can't.
    async fn lead(
        mut self,
        mut renewed: Instant,
        state: watch::Sender<State>,
        mut released: mpsc::Receiver<()>,
    ) {
        loop {
            tokio::select! {
                () = sleep(self.config.retry) => {}
                // Also when every handle is gone: then nobody writes.
                _ = released.recv() => {
                    state.send_replace(State::Over);
                    self.give_back().await;
                    return;
                }
            }
            let deadline = renewed + self.config.renew_deadline;
            let started = Instant::now();
            let patience = (started + self.config.renew_deadline / 2).min(deadline);
            match timeout_at(patience, self.renew()).await {
                Ok(Ok(true)) => {
                    renewed = started;
                    state.send_replace(State::Until(started + self.config.duration));
                    continue;
                }
                Ok(Ok(false)) => {
                    tracing::error!("another process took the lease");
                    break;
                }
                Ok(Err(error)) => tracing::warn!(
                    error = %crate::error::chain(&error), "failed to renew the lease"
                ),
                Err(_) => tracing::warn!("no answer to the renewal of the lease"),
            }
            if Instant::now() >= deadline {
                tracing::error!("the lease could not be renewed in time");
                break;
            }
        }
        state.send_replace(State::Over);
    }

    /// Returns false if somebody else holds the Lease.
    async fn renew(&mut self) -> kube::Result<bool> {
        let me = self.config.identity.clone();
        match self.write(&me).await {
            Ok(()) => return Ok(true),
            Err(kube::Error::Api(status)) if status.code == 409 || status.code == 404 => {}
            Err(error) => return Err(error),
        }
        // It changed under us: by our own write whose answer was lost, by a person, or by a rival.
        let lease = self.api.get_opt(&self.config.name).await?;
        self.observe(lease);
        match decide(self.seen.as_ref(), &me, Instant::now()) {
            Decision::Renew => self.write(&me).await.map(|()| true),
            // Gone or released: whoever did that may have let a rival in.
            Decision::Acquire | Decision::Wait(_) => Ok(false),
        }
    }

    async fn give_back(&mut self) {
        match timeout(self.config.renew_deadline / 2, self.write("")).await {
            Ok(Ok(())) => tracing::info!("released the lease"),
            Ok(Err(error)) => {
                tracing::warn!(error = %crate::error::chain(&error), "failed to release the lease");
            }
            Err(_) => tracing::warn!("no answer to the release of the lease"),
        }
    }
}
