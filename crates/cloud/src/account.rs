//! An account and region: its views, and the one way to change something in it.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use emr_resource::{
    Change, ResourceType,
    ids::{AccountId, Region},
    secret,
};

use crate::{Caller, CloudError, Discovery, Ports, SecretValue, View, Wakeups, Watcher, quotas};

/// Says whether we may still write (invariant 11). Whoever holds the lease implements it.
#[async_trait]
pub trait Permit: Send + Sync {
    /// True when the lease lasts at least that much longer, if need be once it is renewed.
    async fn allows(&self, time: Duration) -> bool;
}

/// Always allowed: for tests and for commands that a person runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unlimited;

#[async_trait]
impl Permit for Unlimited {
    async fn allows(&self, _: Duration) -> bool {
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
    quotas: quotas::Latest,
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
            quotas: quotas::Latest::default(),
        }
    }

    pub(crate) const fn latest_quotas(&self) -> &quotas::Latest {
        &self.quotas
    }

    pub(crate) const fn ports(&self) -> &Ports {
        &self.ports
    }

    pub(crate) const fn caller(&self) -> &Caller {
        &self.caller
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

    /// Looks often until `id` changes; see [`View::await_change`].
    pub fn await_change<R: ResourceType>(&self, id: &R::Id)
    where
        Self: Has<R>,
    {
        Has::<R>::view(self).await_change(id);
    }

    /// What the account has.
    pub fn discovery(&self) -> &dyn Discovery {
        &*self.ports.discovery
    }

    /// The value of one of our secrets, at the version that was seen.
    pub async fn secret_value(&self, seen: &secret::Observed) -> Result<SecretValue, CloudError> {
        let values = &self.ports.secret_values;
        match &seen.version {
            Some(version) => values.version(&seen.name, version).await,
            None => values.read(&seen.name).await,
        }
    }
}
