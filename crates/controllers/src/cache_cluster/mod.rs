//! CacheCluster: a store in ElastiCache.
//!
//! What is special about it: a serverless one holds sessions only, so a lost one is made again and
//! nobody is asked before it goes. A replication group holds jobs, so what is remembered of it guards
//! against a lost one; and its AUTH token is replaced in steps that status remembers.

mod stack;
mod teardown;

use std::{borrow::Cow, collections::BTreeMap};

use async_trait::async_trait;
use emr_api::{
    CacheCluster,
    cache_cluster::CacheClusterStatus,
    labels,
    references::{Placement, SecretRef},
};
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::{
    cache::{self, CacheSeen, CacheStack, Form, Remembered, Replication},
    owner_of,
    progress::Notice,
};
use emr_resource::{Change, Step, secret};
use emr_runtime::ReconcileError;
use kube::ResourceExt;

use crate::{
    connect::{self, Copy},
    landing::Landing,
    store::{Store, Terms},
};

#[async_trait]
impl Store for CacheCluster {
    const KIND: &'static str = "CacheCluster";
    type Stack = CacheStack;
    type Seen = CacheSeen;

    fn terms(&self) -> Terms<'_> {
        Terms {
            platform: &self.spec.platform_ref.name,
            placed: self.status.as_ref().and_then(|s| s.placement.as_ref()),
            kms_key_arn: self.spec.kms_key_arn.as_deref(),
            deletion: self.spec.deletion_policy,
            management: self.spec.management_policy,
        }
    }

    fn desire(&self, landing: &Landing, key: &str) -> Result<CacheStack, Notice> {
        let owner = owner_of(self, landing.cluster());
        // Who can't be trusted stops the Secret alone, with a word on why.
        let authorities = landing.authorities().ok();
        let parts = cache::Landing {
            network: &landing.network,
            kms_key_arn: key,
            tags: &landing.spec.tags,
            authority: authorities.as_ref().map(|of| of.cache.as_str()),
        };
        cache::desire(&owner, &self.spec, &parts)
            .map_err(|error| Notice::new(error.reason(), error.to_string()))
    }

    async fn observe(
        &self,
        stack: &CacheStack,
        account: &Account,
        watcher: &Watcher,
    ) -> Result<CacheSeen, CloudError> {
        stack::observe(stack, self.status.as_ref(), account, watcher).await
    }

    fn plan(&self, stack: &CacheStack, seen: &CacheSeen) -> Step<Change> {
        cache::plan(stack, &remembered(self, stack, seen), seen)
    }

    fn usable(stack: &CacheStack, seen: &CacheSeen) -> Option<String> {
        cache::usable(stack, seen)
    }

    fn connection<'a>(
        &self,
        landing: &Landing,
        stack: &CacheStack,
        seen: &'a CacheSeen,
    ) -> Result<Option<Copy<'a>>, ReconcileError> {
        match &stack.form {
            Form::Serverless(_) => Ok(with_user(stack, seen)),
            Form::Replication(of) => {
                landing
                    .authorities()
                    .map_err(|error| ReconcileError::slow(error.reason(), error.to_string()))?;
                Ok(with_token(self, stack, of, seen))
            }
        }
    }

    fn told(
        &self,
        stack: &CacheStack,
        seen: &CacheSeen,
        placement: &Placement,
        connection: Option<SecretRef>,
    ) -> CacheClusterStatus {
        let old = self.status.clone().unwrap_or_default();
        let remembered = remembered(self, stack, seen);
        cache::status(&old, stack, &remembered, seen, placement, connection)
    }

    /// A step of a token's replacement was noted.
    fn goes_on(&self, told: &CacheClusterStatus) -> bool {
        let before = self.status.as_ref().and_then(|old| old.auth_token.as_ref());
        before.is_some() && before != told.auth_token.as_ref()
    }
}

/// What a client of a serverless cache connects with.
fn with_user<'a>(stack: &CacheStack, seen: &'a CacheSeen) -> Option<Copy<'a>> {
    let source = seen.secret.as_ref()?;
    let endpoint = cache::endpoint(stack, seen)?;
    Some(Copy {
        purpose: "cache",
        binding: "redis",
        source: Cow::Borrowed(source),
        user: true,
        beside: BTreeMap::from([
            ("host", endpoint.address.clone()),
            ("port", endpoint.port.to_string()),
        ]),
    })
}

/// What a client of a replication group connects with: a token that the group accepts.
fn with_token<'a>(
    object: &CacheCluster,
    stack: &CacheStack,
    of: &Replication,
    seen: &'a CacheSeen,
) -> Option<Copy<'a>> {
    let endpoint = cache::endpoint(stack, seen)?;
    let remembered = Remembered::of(object.status.as_ref(), String::new(), None);
    let source = secret::Observed {
        version: Some(cache::handed_out(&remembered, seen)?),
        ..seen.secret.clone()?
    };
    let mut beside = BTreeMap::from([
        ("host", endpoint.address.clone()),
        ("port", endpoint.port.to_string()),
        ("ca.crt", of.authority.clone()?),
    ]);
    if let Some(reader) = cache::reader_endpoint(stack, seen) {
        beside.insert("reader", reader.address.clone());
    }
    let engine = object.spec.replication_group.as_ref()?.engine;
    Some(Copy {
        purpose: "cache",
        binding: engine.as_str(),
        source: Cow::Owned(source),
        user: false,
        beside,
    })
}

/// What status remembers, and whether everybody holds what the Secret is to hold.
fn remembered<'a>(
    object: &'a CacheCluster,
    stack: &CacheStack,
    seen: &CacheSeen,
) -> Remembered<'a> {
    let Form::Replication(of) = &stack.form else {
        return Remembered::default();
    };
    let copy = with_token(object, stack, of, seen);
    let revision = copy.map(|copy| connect::revision(&copy));
    let rolled = object.annotations().get(labels::ROLLED);
    Remembered::of(
        object.status.as_ref(),
        revision.unwrap_or_default(),
        rolled.map(String::as_str),
    )
}
