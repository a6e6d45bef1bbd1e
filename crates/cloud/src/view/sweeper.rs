//! The task that keeps a view up to date: pages through the list call, then reads singly what
//! the list can't tell.
//!
//! It runs every few seconds while AWS works on something that is watched, once in the type's drift
//! window otherwise, and not at all while nobody watches (invariant 5).

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Weak},
    time::Duration,
};

use emr_resource::{Listing, ResourceType};
use futures::StreamExt;
use tokio::time::{Instant, sleep_until};
use tracing::{debug, info, warn};

use super::inner::{Health, Inner};
use crate::{CloudError, ErrorKind};

/// Shortest time between two sweeps.
const QUICK: Duration = Duration::from_secs(2);
/// Longest pause after a failed sweep, and longest time between two while AWS works on something.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// Part of the bucket that the sweeps of one type take at most.
const READ_SHARE: f64 = 0.5;
/// First pause after a failed sweep; it doubles up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_secs(1);
/// Knowledge older than this, and than two windows, is no longer handed out while sweeps fail.
const TOO_OLD: Duration = Duration::from_mins(5);
/// Single reads side by side.
const SIDE_BY_SIDE: usize = 8;
/// A list that has more pages than this never ends.
const PAGES: u32 = 10_000;

/// What the last sweep was like.
#[derive(Debug, Default)]
pub(super) struct Progress {
    started: Option<Instant>,
    succeeded: Option<Instant>,
    pages: u32,
    failures: u32,
    told: Option<&'static str>,
    sweeps: u64,
}

impl Progress {
    /// When the last complete sweep began.
    pub(super) const fn succeeded(&self) -> Option<Instant> {
        self.succeeded
    }
}

/// Sweeps for as long as the view lives.
pub(super) async fn run<R: ResourceType>(view: Weak<Inner<R>>) {
    loop {
        let Some(inner) = view.upgrade() else { return };
        let kick = Arc::clone(&inner.kick);
        if inner.idle() {
            inner.park();
            drop(inner);
            kick.notified().await;
            continue;
        }
        inner.sweep_and_tell().await;
        drop(inner);
        loop {
            let Some(due) = view.upgrade().map(|inner| inner.due()) else {
                return;
            };
            tokio::select! {
                () = sleep_until(due) => break,
                () = kick.notified() => {}
            }
        }
    }
}

impl<R: ResourceType> Inner<R> {
    fn idle(&self) -> bool {
        self.store().interest.is_empty()
    }

    fn park(&self) {
        self.store().clear();
        *self.progress() = Progress::default();
        self.caller.metrics().parked(&self.labels);
        self.health.send_replace(Health::Waiting);
    }

    /// When the next sweep is due.
    pub(super) fn due(&self) -> Instant {
        let moving = self.store().is_moving(Instant::now());
        let progress = self.progress();
        let started = progress.started.unwrap_or_else(Instant::now);
        if progress.failures > 0 {
            let pause = PAUSE.saturating_mul(1 << (progress.failures - 1).min(6));
            return started
                + pause
                    .min(LONGEST_PAUSE)
                    .mul_f64(self.jitter(progress.sweeps));
        }
        if moving {
            let rate = self.caller.limiter(R::SERVICE).rate() * READ_SHARE;
            let needed = Duration::from_secs_f64(f64::from(progress.pages) / rate.max(0.01));
            return started + QUICK.max(needed.min(LONGEST_PAUSE));
        }
        // Give or take a tenth.
        started + R::DRIFT_WINDOW.mul_f64(self.jitter(progress.sweeps))
    }

    /// Between 0.9 and 1.1, different for each view and sweep, the same in every run.
    fn jitter(&self, sweep: u64) -> f64 {
        let mut hasher = DefaultHasher::new();
        (&self.labels, sweep).hash(&mut hasher);
        let part = u32::try_from(hasher.finish() % 2001).unwrap_or_default();
        0.9 + f64::from(part) / 10_000.0
    }

    async fn sweep_and_tell(&self) {
        let started = Instant::now();
        self.progress().started = Some(started);
        let result = match R::LISTING {
            Listing::Pages => self.sweep(started).await,
            Listing::Single => Ok(0),
        };
        self.progress().sweeps += 1;
        match result {
            Ok(pages) => self.succeeded(started, pages),
            Err(error) => return self.failed(error),
        }
        let turn = self.due().saturating_duration_since(started);
        let ids = {
            let mut store = self.store();
            store.tidy(started);
            store.round(started, turn)
        };
        futures::stream::iter(ids)
            .for_each_concurrent(SIDE_BY_SIDE, |id| async move {
                if let Err(error) = self.read_through(&id, started, None).await {
                    debug!(resource_type = R::NAME, %id, %error, "can't read");
                }
            })
            .await;
    }

    /// One sweep: all pages, then what no page showed.
    async fn sweep(&self, sweep_started: Instant) -> Result<u32, CloudError> {
        let mut cursor = None;
        for pages in 1..PAGES {
            let started = Instant::now();
            let page = self.port.list(cursor.clone()).await?;
            let now = Instant::now();
            let mut store = self.store();
            let news: Vec<_> = page
                .items
                .into_iter()
                .filter_map(|item| store.listed(started, now, item))
                .collect();
            drop(store);
            self.wake(&news);
            if page.next.is_none() {
                let gone = self.store().swept(sweep_started, Instant::now());
                self.wake(&gone);
                return Ok(pages);
            }
            if page.next == cursor {
                break;
            }
            cursor = page.next;
        }
        Err(CloudError::new(
            ErrorKind::Transient,
            "List",
            "the list never ends",
        ))
    }

    fn succeeded(&self, started: Instant, pages: u32) {
        let recovered = {
            let mut progress = self.progress();
            progress.failures = 0;
            progress.pages = pages;
            progress.succeeded = Some(started);
            progress.told.take()
        };
        self.caller.metrics().swept(&self.labels, started);
        let before = self.health.send_replace(Health::Ready);
        if let Some(reason) = recovered {
            info!(
                resource_type = R::NAME,
                account = self.labels.account,
                reason,
                "AWS can be read again"
            );
        }
        if matches!(before, Health::Failed(_)) {
            self.wake_all();
        }
    }

    fn failed(&self, error: CloudError) {
        let (news, too_old) = {
            let mut progress = self.progress();
            progress.failures = progress.failures.saturating_add(1);
            let news = progress.told.replace(error.reason()) != Some(error.reason());
            (
                news,
                progress
                    .succeeded
                    .is_none_or(|at| at.elapsed() > TOO_OLD.max(R::DRIFT_WINDOW * 2)),
            )
        };
        if news {
            warn!(resource_type = R::NAME, account = self.labels.account, %error, "can't read from AWS");
        }
        if too_old {
            let before = self.health.send_replace(Health::Failed(error));
            if matches!(before, Health::Ready) {
                self.wake_all();
            }
        }
    }
}
