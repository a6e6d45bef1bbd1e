//! An AWS in memory, for simulation under a virtual clock.
//!
//! Strict where AWS is strict: names and tokens conflict, states last, a change in the wrong state
//! is refused, what is in use stays. Each rule stands where it is enforced, with its source.
//! Accounts and regions are kept apart. Time is tokio's, so it works paused, and the same seed and
//! the same order of calls give the same ids.
//!
//! What it leaves out: authorization, eventual consistency, and everything that the operator never
//! looks at. The contract suite in `tests/contract` runs against it and against the stand-in on
//! the wire.
//!
//! ```text
//! Side<R> -> State -> Room: Keeps<R>      one file a service
//!              |        |
//!            Fault    Later: what AWS does by itself after a while
//! ```

mod backup;
mod buckets;
mod cache_groups;
mod cache_users;
mod caches;
mod clusters;
mod db_snapshots;
mod delays;
mod discovery;
mod ec2;
mod efs;
mod facts;
mod fault;
mod frozen;
mod groups;
mod iam;
mod inspect;
mod instance_groups;
mod instances;
mod keys;
mod logs;
mod mounts;
mod pods;
mod points;
mod quotas;
mod rds;
mod rds_changes;
mod rds_copies;
mod replication_groups;
mod rest;
mod restored_clusters;
mod room;
mod secrets;
mod seed;
mod side;
mod snapshots;
mod tamper;

use std::{
    any::Any,
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use emr_resource::ids::{AccountId, Region};
use jiff::{SignedDuration, Timestamp};
use tokio::{sync::Notify, time::Instant};

pub use delays::Delays;
pub use fault::{Call, Fault, Read};
pub use frozen::Frozen;
use iam::Roles;
pub use inspect::Inventory;
pub use room::Room;
pub use seed::Seeded;

use crate::{Caller, CloudError, Connect, Metrics, Ports, Target, limits::Limiters};

/// The first moment, the same as the API server in memory has: 2026-01-01T00:00:00Z.
const EPOCH: i64 = 1_767_225_600;
/// The account that our own credentials lead to.
const OWN_ACCOUNT: &str = "123456789012";

type Hook = Box<dyn FnMut(&Call, &Room) -> Option<Fault> + Send>;
type ReadHook = Box<dyn FnMut(&Read) -> Option<Fault> + Send>;

struct State {
    seed: u64,
    delays: Delays,
    rooms: BTreeMap<(AccountId, Region), Room>,
    /// IAM knows no regions.
    roles: BTreeMap<AccountId, Arc<Mutex<Roles>>>,
    mutations: Vec<Call>,
    reads: usize,
    hook: Option<Hook>,
    read_hook: Option<ReadHook>,
    /// Whether lists are remembered, for [`Fault::Stale`].
    remembers_lists: bool,
    /// What each page of a list answered last, by where it begins.
    answered: BTreeMap<(AccountId, Region, &'static str, usize), Box<dyn Any + Send>>,
}

/// The whole of AWS. Clones are the same AWS.
#[derive(Clone)]
pub struct Memory {
    state: Arc<Mutex<State>>,
    /// The time at the start of this run.
    at: Timestamp,
    started: Instant,
    crashed: Arc<Notify>,
    process: Arc<str>,
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

impl Memory {
    /// An AWS whose accounts hold a network and an EKS cluster each, as soon as they are looked at.
    pub fn new(seed: u64) -> Self {
        Self::with_delays(seed, Delays::default())
    }

    /// The same, with states that last as long as `delays` says.
    pub fn with_delays(seed: u64, delays: Delays) -> Self {
        let state = State {
            seed,
            delays,
            rooms: BTreeMap::new(),
            roles: BTreeMap::new(),
            mutations: Vec::new(),
            reads: 0,
            hook: None,
            read_hook: None,
            remembers_lists: false,
            answered: BTreeMap::new(),
        };
        Self::of(state, Timestamp::from_second(EPOCH).unwrap_or_default())
    }

    fn of(state: State, at: Timestamp) -> Self {
        Self {
            state: Arc::new(Mutex::new(state)),
            at,
            started: Instant::now(),
            crashed: Arc::default(),
            process: Arc::from(""),
        }
    }

    /// The same AWS, as a process of this name calls it.
    #[must_use]
    pub fn process(&self, name: &str) -> Self {
        Self {
            process: Arc::from(name),
            ..self.clone()
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// AWS's clock.
    pub fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.started.elapsed()).unwrap_or_default();
        self.at.checked_add(elapsed).unwrap_or(self.at)
    }

    /// Looks into an account and region, or lets a person's hands into it, as of now.
    pub fn within<T>(
        &self,
        account: &AccountId,
        region: &Region,
        look: impl FnOnce(&mut Room) -> T,
    ) -> T {
        let now = self.now();
        look(self.state().room(account, region, now))
    }

    /// What a new account and region hold.
    pub fn account(&self, account: &AccountId, region: &Region) -> Seeded {
        self.within(account, region, |room| room.seeded.clone())
    }

    /// Every mutating call that arrived, refused ones included.
    pub fn mutations(&self) -> Vec<Call> {
        self.state().mutations.clone()
    }

    /// How many mutating calls arrived.
    pub fn writes(&self) -> usize {
        self.state().mutations.len()
    }

    /// How many reads arrived.
    pub fn reads(&self) -> usize {
        self.state().reads
    }

    /// Asks `hook` about every mutating call what is to go wrong with it. It also sees the account
    /// as it is before the call.
    pub fn fail_with(&self, hook: impl FnMut(&Call, &Room) -> Option<Fault> + Send + 'static) {
        self.state().hook = Some(Box::new(hook));
    }

    /// Asks `hook` about every read what is to go wrong with it.
    pub fn fail_reads_with(&self, hook: impl FnMut(&Read) -> Option<Fault> + Send + 'static) {
        self.state().read_hook = Some(Box::new(hook));
    }

    /// Remembers what lists answer from now on, so that [`Fault::Stale`] can answer it again.
    pub fn remember_lists(&self, yes: bool) {
        self.state().remembers_lists = yes;
    }

    /// Nothing goes wrong from now on.
    pub fn heal(&self) {
        let mut state = self.state();
        state.hook = None;
        state.read_hook = None;
    }

    /// Waits until a call met [`Fault::CrashBefore`] or [`Fault::CrashAfter`] and will never be
    /// answered: whoever simulates the process is to drop it now.
    pub async fn crash(&self) {
        self.crashed.notified().await;
    }

    /// The ports of an account and region.
    pub fn ports(&self, caller: &Caller) -> Ports {
        side::ports(self, caller)
    }

    fn latency(&self) -> Duration {
        self.state().delays.latency
    }
}

impl State {
    /// The room as of now: what AWS does by itself is done.
    fn room(&mut self, account: &AccountId, region: &Region, now: Timestamp) -> &mut Room {
        let (seed, delays) = (self.seed, &self.delays);
        let roles = self.roles.entry(account.clone()).or_default();
        let room = self
            .rooms
            .entry((account.clone(), region.clone()))
            .or_insert_with(|| Room::new(seed, account, region, delays.clone(), Arc::clone(roles)));
        room.settle(now);
        room
    }
}

#[async_trait]
impl Connect for Memory {
    async fn connect(
        &self,
        target: &Target,
        limiters: &Arc<Limiters>,
        metrics: &Metrics,
    ) -> Result<(Caller, Ports), CloudError> {
        // arn:aws:iam::ACCOUNT:role/NAME
        let assumed = target
            .role
            .as_ref()
            .and_then(|role| role.arn.as_str().split(':').nth(4));
        let caller = Caller::new(
            AccountId::new(assumed.unwrap_or(OWN_ACCOUNT)),
            target.region.clone(),
            Arc::clone(limiters),
            metrics.clone(),
        );
        let ports = self.ports(&caller);
        Ok((caller, ports))
    }
}
