//! Every account in use: where it is, as whom we go there, and opened once.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use emr_resource::ids::{Arn, Region};

use crate::{
    Account, Caller, CloudError, Metrics, Ports, Wakeups, Watcher,
    limits::{Limiters, Limits},
};

/// A role to assume.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AssumeRole {
    /// The role.
    pub arn: Arn,
    /// What the role's trust policy asks for.
    pub external_id: Option<String>,
}

/// Where to go, and as whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// The region.
    pub region: Region,
    /// The role to assume there; our own identity without one.
    pub role: Option<AssumeRole>,
}

/// Opens a target. The SDK does it for real; an AWS in memory does it in simulations.
#[async_trait]
pub trait Connect: Send + Sync {
    /// The ports of a target, and the caller that they use.
    async fn connect(
        &self,
        target: &Target,
        limiters: &Arc<Limiters>,
        metrics: &Metrics,
    ) -> Result<(Caller, Ports), CloudError>;
}

/// Every account in use.
pub struct Accounts {
    connect: Arc<dyn Connect>,
    limiters: Arc<Limiters>,
    metrics: Metrics,
    wakeups: Wakeups,
    open: Mutex<HashMap<Target, Arc<tokio::sync::OnceCell<Arc<Account>>>>>,
}

impl fmt::Debug for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accounts").finish_non_exhaustive()
    }
}

impl Accounts {
    /// No account yet; each is opened when it is first asked for.
    pub fn new(connect: Arc<dyn Connect>, limits: Limits, metrics: Metrics) -> Self {
        Self {
            connect,
            limiters: Arc::new(Limiters::new(limits)),
            metrics,
            wakeups: Wakeups::default(),
            open: Mutex::default(),
        }
    }

    /// Who is to look again, over all accounts.
    pub const fn wakeups(&self) -> &Wakeups {
        &self.wakeups
    }

    /// The account of a target. One that can't be opened is tried anew on every call.
    pub async fn get(&self, target: &Target) -> Result<Arc<Account>, CloudError> {
        let cell = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(open.entry(target.clone()).or_default())
        };
        cell.get_or_try_init(|| async {
            let (caller, ports) = self
                .connect
                .connect(target, &self.limiters, &self.metrics)
                .await?;
            Ok(Arc::new(Account::new(caller, ports, &self.wakeups)))
        })
        .await
        .cloned()
    }

    /// Wakes `watcher` no longer, in any account.
    pub fn forget(&self, watcher: &Watcher) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for account in open.values().filter_map(|cell| cell.get()) {
            account.forget(watcher);
        }
    }
}
