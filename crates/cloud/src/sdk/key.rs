//! KMS keys. The list is that of aliases; a key without one is found by its tag, so that a crash
//! between making a key and naming it does not make a second (invariant 2).

mod register;

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use aws_sdk_kms::{
    Client,
    types::{KeyMetadata, Tag},
};
use emr_resource::{
    Mutation, Tags,
    ids::{KeyAlias, KeyId},
    key::{ALIAS_TAG, Change, Desired, Details, Key, Observed},
};
use tokio::{sync::Mutex as Turn, time::Instant};

use self::register::Register;
use super::{Clients, Wire};
use crate::{CloudError, Cursor, ErrorKind, Page, Port};

/// What our aliases begin with; see `emr_resource::names`.
const PREFIX: &str = "alias/emr-";
/// KMS allows 100 aliases and 1000 keys a page.
const ALIASES: i32 = 100;
const KEYS: i32 = 1000;

pub(super) struct Adapter {
    kms: Client,
    wire: Wire,
    register: Mutex<Register>,
    /// Who searches for a key that was not named.
    searching: Turn<()>,
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire) -> Self {
        Self {
            kms: clients.kms.clone(),
            wire,
            register: Mutex::default(),
            searching: Turn::default(),
        }
    }

    fn register(&self) -> MutexGuard<'_, Register> {
        self.register.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn tags(&self, id: &str) -> Result<Tags, CloudError> {
        let list = || self.kms.list_resource_tags().key_id(id).send();
        let tags = self.wire.read("ListResourceTags", list).await?;
        let pairs = tags.tags().iter();
        Ok(pairs
            .map(|tag| (tag.tag_key().to_owned(), tag.tag_value().to_owned()))
            .collect())
    }

    async fn describe(&self, id: &str) -> Result<Option<KeyMetadata>, CloudError> {
        let read = || self.kms.describe_key().key_id(id).send();
        let found = self.wire.read("DescribeKey", read).await;
        Ok(CloudError::none_if_not_found(found)?.and_then(|found| found.key_metadata))
    }

    async fn rotation(&self, id: &str) -> Result<bool, CloudError> {
        let read = || self.kms.get_key_rotation_status().key_id(id).send();
        match self.wire.read("GetKeyRotationStatus", read).await {
            Ok(status) => Ok(status.key_rotation_enabled()),
            // KMS does not answer this for a key that is about to be deleted.
            Err(error) if error.kind == ErrorKind::WrongState => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn details(&self, key: &KeyMetadata) -> Result<Details, CloudError> {
        let id = key.key_id();
        let arn = key
            .arn()
            .ok_or_else(|| CloudError::malformed("DescribeKey", "the ARN"))?;
        Ok(Details {
            arn: arn.into(),
            state: key
                .key_state()
                .map_or_else(String::new, |state| state.as_str().to_owned()),
            rotation: self.rotation(id).await?,
            tags: self.tags(id).await?,
        })
    }

    /// A key that was made for this alias and does not have it yet.
    async fn unnamed(&self, alias: &KeyAlias) -> Result<Option<String>, CloudError> {
        let asked = Instant::now();
        let _turn = self.searching.lock().await;
        // One look at the list serves everybody who waited for it.
        if !self.register().is_listed_since(asked) {
            let started = Instant::now();
            let ids = self.all().await?;
            self.register().list(started, ids);
        }
        let unread = self.register().unread(alias);
        for id in unread {
            let made_for = match self.tags(&id).await {
                Ok(mut tags) => tags.remove(ALIAS_TAG),
                // Keys of others may refuse to be looked at.
                Err(error) if error.kind == ErrorKind::AccessDenied => continue,
                Err(error) if error.kind == ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            };
            self.register().tagged(&id, made_for);
        }
        Ok(self.register().made_for(alias))
    }

    /// The ids of all keys.
    async fn all(&self) -> Result<Vec<String>, CloudError> {
        let mut ids = Vec::new();
        let mut marker = None;
        loop {
            let list = || {
                self.kms
                    .list_keys()
                    .limit(KEYS)
                    .set_marker(marker.clone())
                    .send()
            };
            let page = self.wire.read("ListKeys", list).await?;
            ids.extend(page.keys().iter().filter_map(|key| key.key_id.clone()));
            marker = page.next_marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(ids);
            }
        }
    }

    async fn create(
        &self,
        operation: &'static str,
        desired: &Desired,
    ) -> Result<Option<Observed>, CloudError> {
        let mut tags = Vec::new();
        for (key, value) in &desired.tags {
            let tag = Tag::builder().tag_key(key).tag_value(value).build();
            tags.push(tag.map_err(|error| {
                CloudError::new(ErrorKind::Invalid, operation, error.to_string())
            })?);
        }
        let call = self
            .kms
            .create_key()
            .description(&desired.description)
            .policy(&desired.policy)
            .set_tags(Some(tags));
        let Some(key) = self.wire.mutate(operation, call.send()).await?.key_metadata else {
            return Ok(None);
        };
        let made_for = Some(desired.alias.to_string());
        self.register().tagged(key.key_id(), made_for);
        Ok(key.arn().map(|arn| Observed {
            alias: desired.alias.clone(),
            has_alias: false,
            id: KeyId::new(key.key_id()),
            details: Some(Details {
                arn: arn.into(),
                state: key
                    .key_state()
                    .map_or_else(String::new, |state| state.as_str().to_owned()),
                rotation: false,
                tags: desired.tags.clone(),
            }),
        }))
    }
}

#[async_trait]
impl Port<Key> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let marker = cursor.map(|cursor| cursor.0);
        let list = || {
            self.kms
                .list_aliases()
                .limit(ALIASES)
                .set_marker(marker.clone())
                .send()
        };
        let page = self.wire.read("ListAliases", list).await?;
        for alias in page.aliases() {
            if let (Some(id), Some(name)) = (alias.target_key_id(), alias.alias_name()) {
                self.register().named(id, name);
            }
        }
        let items = page.aliases().iter().filter_map(|alias| {
            Some(Observed {
                alias: KeyAlias::new(alias.alias_name().filter(|name| name.starts_with(PREFIX))?),
                has_alias: true,
                id: KeyId::new(alias.target_key_id()?),
                details: None,
            })
        });
        Ok(Page::new(items.collect(), page.next_marker()))
    }

    async fn read(&self, id: &KeyAlias) -> Result<Option<Observed>, CloudError> {
        let (key, has_alias) = match self.describe(id.as_str()).await? {
            Some(key) => (key, true),
            None => match self.unnamed(id).await? {
                Some(unnamed) => {
                    let Some(key) = self.describe(&unnamed).await? else {
                        self.register().forget(&unnamed);
                        return Ok(None);
                    };
                    (key, false)
                }
                None => return Ok(None),
            },
        };
        let details = self.details(&key).await?;
        Ok(Some(Observed {
            alias: id.clone(),
            has_alias,
            id: KeyId::new(key.key_id()),
            details: Some(details),
        }))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match change {
            Change::Create(desired) => self.create(operation, desired).await,
            Change::CreateAlias { alias, id } => {
                let call = self.kms.create_alias().alias_name(alias.as_str());
                let call = call.target_key_id(id.as_str());
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
            Change::EnableRotation { id, .. } => {
                let call = self.kms.enable_key_rotation().key_id(id.as_str());
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
        }
    }
}
