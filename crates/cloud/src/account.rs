//! An account and region: its views, and the one way to change something in it.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use emr_resource::{
    Change, ResourceType,
    ids::{AccountId, Arn, Region, SecretName},
};

use crate::{
    Caller, CloudError, Discovery, Metrics, Ports, SecretValue, View, Wakeups, Watcher,
    limits::{Limiters, Limits},
};

/// Says whether we may still write (invariant 11). Whoever holds the lease implements it.
pub trait Permit: Send + Sync {
    /// True when the lease lasts at least that much longer.
    fn allows(&self, time: Duration) -> bool;
}

/// Always allowed: for tests and for commands that a person runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unlimited;

impl Permit for Unlimited {
    fn allows(&self, _: Duration) -> bool {
        true
    }
}

/// Gives the view of a resource type.
pub trait Has<R: ResourceType> {
    /// The view.
    fn view(&self) -> &View<R>;
}

macro_rules! define_account {
    ($(($variant:ident, $module:ident)),+ $(,)?) => {
        /// One view of each resource type.
        struct Views {
            $($module: View<emr_resource::$module::$variant>,)+
        }

        impl Views {
            fn new(ports: &Ports, caller: &Caller, wakeups: &Wakeups) -> Self {
                Self {
                    $($module: View::new(
                        Arc::clone(&ports.$module),
                        caller.clone(),
                        wakeups.clone(),
                    ),)+
                }
            }
        }

        $(impl Has<emr_resource::$module::$variant> for Account {
            fn view(&self) -> &View<emr_resource::$module::$variant> {
                &self.views.$module
            }
        })+

        impl Account {
            /// Makes one change, unless the permit says that we may no longer write.
            pub async fn perform(
                &self,
                change: &Change,
                permit: &dyn Permit,
            ) -> Result<(), CloudError> {
                match change {
                    $(Change::$variant(change) => {
                        self.views.$module.perform(change, permit).await.map(drop)
                    })+
                }
            }

            /// Wakes `watcher` no longer, whatever it watched.
            pub fn forget(&self, watcher: &Watcher) {
                $(self.views.$module.forget(watcher);)+
            }

            /// How old each view is, by resource type; those that nobody looked at are left out.
            pub fn ages(&self) -> Vec<(&'static str, Duration)> {
                [$((
                    <emr_resource::$module::$variant as ResourceType>::NAME,
                    self.views.$module.age(),
                )),+]
                .into_iter()
                .filter_map(|(name, age)| Some((name, age?)))
                .collect()
            }
        }
    };
}
emr_resource::for_each_resource_type!(define_account);

/// One account and region.
pub struct Account {
    caller: Caller,
    ports: Ports,
    views: Views,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("id", self.id())
            .field("region", self.region())
            .finish()
    }
}

impl Account {
    /// An account over these ports; changes that sweeps find go to `wakeups`.
    pub fn new(caller: Caller, ports: Ports, wakeups: &Wakeups) -> Self {
        let views = Views::new(&ports, &caller, wakeups);
        Self {
            caller,
            ports,
            views,
        }
    }

    /// The account's id.
    pub const fn id(&self) -> &AccountId {
        self.caller.account()
    }

    /// The region.
    pub const fn region(&self) -> &Region {
        self.caller.region()
    }

    /// What AWS has under `id`; see [`View::get`].
    pub async fn get<R: ResourceType>(
        &self,
        id: &R::Id,
        watcher: &Watcher,
    ) -> Result<Option<Arc<R::Observed>>, CloudError>
    where
        Self: Has<R>,
    {
        Has::<R>::view(self).get(id, watcher).await
    }

    /// Reads `id` singly; see [`View::confirm`].
    pub async fn confirm<R: ResourceType>(
        &self,
        id: &R::Id,
    ) -> Result<Option<Arc<R::Observed>>, CloudError>
    where
        Self: Has<R>,
    {
        Has::<R>::view(self).confirm(id).await
    }

    /// What the account has.
    pub fn discovery(&self) -> &dyn Discovery {
        &*self.ports.discovery
    }

    /// The value of one of our secrets.
    pub async fn secret_value(&self, name: &SecretName) -> Result<SecretValue, CloudError> {
        self.ports.secret_values.read(name).await
    }
}

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
