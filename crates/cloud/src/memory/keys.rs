//! KMS keys. Nothing about them is unique: each `CreateKey` makes another one.

use std::collections::BTreeMap;

use emr_resource::{
    Tags,
    ids::{Arn, KeyAlias, KeyId},
    key::{ALIAS_TAG, Change, Details, Key, Observed},
};

use super::room::{Keeps, Refused, Room, Window, ensure, hex, refuse};

#[derive(Clone, Default)]
pub(super) struct Keys {
    pub(super) all: BTreeMap<KeyId, KmsKey>,
    pub(super) aliases: BTreeMap<KeyAlias, KeyId>,
}

/// A key.
#[derive(Clone)]
pub(super) struct KmsKey {
    pub(super) arn: Arn,
    pub(super) state: String,
    pub(super) rotation: bool,
    pub(super) tags: Tags,
}

impl Keys {
    fn get(&mut self, id: &KeyId) -> Result<&mut KmsKey, Refused> {
        match self.all.get_mut(id) {
            Some(key) => Ok(key),
            None => refuse("NotFoundException", format!("key {id} does not exist")),
        }
    }

    fn observed(&self, alias: &KeyAlias, has_alias: bool, id: &KeyId) -> Option<Observed> {
        let key = self.all.get(id)?;
        Some(Observed {
            alias: alias.clone(),
            has_alias,
            id: id.clone(),
            details: Some(Details {
                arn: key.arn.clone(),
                state: key.state.clone(),
                rotation: key.rotation,
                tags: key.tags.clone(),
            }),
        })
    }
}

impl Room {
    /// Refuses with `code` what a key that is unknown or not enabled should protect.
    /// Source: KMS developer guide, "Key states of AWS KMS keys".
    pub(super) fn check_key(&self, arn: &Arn, code: &'static str) -> Result<(), Refused> {
        let mut keys = self.keys.all.values();
        let usable = keys.any(|key| key.arn == *arn && key.state == "Enabled");
        ensure(usable, code, format!("key {arn} can't be used"))
    }
}

impl Keeps<Key> for Room {
    fn list(&self, window: Window) -> Vec<Observed> {
        let ours = |(alias, id): (&KeyAlias, &KeyId)| Observed {
            alias: alias.clone(),
            has_alias: true,
            id: id.clone(),
            details: None,
        };
        window.show(&self.keys.aliases, ours)
    }

    /// By its alias, or by the tag that says which alias it is to get.
    fn read(&self, id: &KeyAlias) -> Option<Observed> {
        if let Some(key) = self.keys.aliases.get(id) {
            return self.keys.observed(id, true, key);
        }
        let tagged =
            |key: &KmsKey| key.tags.get(ALIAS_TAG).map(String::as_str) == Some(id.as_str());
        let named = |key: &KeyId| self.keys.aliases.values().any(|named| named == key);
        let mut all = self.keys.all.iter();
        let (key, _) = all.find(|(key_id, key)| tagged(key) && !named(key_id))?;
        self.keys.observed(id, false, key)
    }

    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        match change {
            Change::Create(desired) => {
                let policy: Result<serde_json::Value, _> = serde_json::from_str(&desired.policy);
                ensure(
                    policy.is_ok(),
                    "MalformedPolicyDocumentException",
                    "no JSON",
                )?;
                let text = self.next_id("key-", desired.alias.as_str());
                let digits = hex(&text, 32);
                let id = KeyId::new(format!(
                    "{}-{}-4{}-8{}-{}",
                    &digits[..8],
                    &digits[8..12],
                    &digits[12..15],
                    &digits[15..18],
                    &digits[18..30]
                ));
                let key = KmsKey {
                    arn: self.arn("kms", &format!("key/{id}")),
                    state: "Enabled".into(),
                    rotation: false,
                    tags: desired.tags.clone(),
                };
                self.keys.all.insert(id.clone(), key);
                Ok(self.keys.observed(&desired.alias, false, &id))
            }
            Change::CreateAlias { alias, id } => {
                self.keys.get(id)?;
                let exists = self.keys.aliases.contains_key(alias);
                ensure(!exists, "AlreadyExistsException", format!("{alias} exists"))?;
                self.keys.aliases.insert(alias.clone(), id.clone());
                Ok(None)
            }
            Change::EnableRotation { id, .. } => {
                let key = self.keys.get(id)?;
                let enabled = key.state == "Enabled";
                ensure(enabled, "KMSInvalidStateException", key.state.clone())?;
                key.rotation = true;
                Ok(None)
            }
        }
    }
}
