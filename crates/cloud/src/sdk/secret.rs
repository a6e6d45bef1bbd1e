//! Secrets in Secrets Manager, and the one place where their values are made and read
//! (invariant 7, safety.md 7).

mod recent;
mod signing_key;

use std::collections::HashMap;

use async_trait::async_trait;
use aws_sdk_secretsmanager::{
    Client,
    types::{Filter, FilterNameStringType, Tag},
};
use emr_resource::{
    Mutation, Tags,
    ids::{SecretName, SecretVersion},
    secret::{Change, Content, Desired, Observed, Secret},
};
use rand::distr::{Alphanumeric, SampleString};
use zeroize::Zeroizing;

use self::{recent::Recent, signing_key::SigningKeyError};
use super::{Clients, Wire};
use crate::{CloudError, Cursor, ErrorKind, Page, Port, SecretValue, SecretValues};

/// What our names begin with; see `emr_resource::names`.
const PREFIX: &str = "emrstack/";
/// Secrets Manager allows 100.
const PAGE: i32 = 100;
/// OpenEMR's installer breaks on characters that are not letters or digits.
const PASSWORD_LENGTH: usize = 32;
/// What Secrets Manager calls the version that is read unless another is asked for.
const CURRENT: &str = "AWSCURRENT";
/// Days in which a deletion can be taken back; the longest that AWS allows.
const WINDOW_DAYS: i64 = 30;

pub(super) struct Adapter {
    secrets: Client,
    wire: Wire,
    recent: Recent,
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire) -> Self {
        Self {
            secrets: clients.secrets.clone(),
            wire,
            recent: Recent::default(),
        }
    }

    async fn create(
        &self,
        operation: &'static str,
        desired: &Desired,
    ) -> Result<Option<Observed>, CloudError> {
        let value = new_value(desired)
            .map_err(|error| CloudError::new(ErrorKind::Invalid, operation, error.to_string()))?
            .to_json();
        let tags = desired
            .tags
            .iter()
            .map(|(key, value)| Tag::builder().key(key).value(value).build())
            .collect();
        let call = self
            .secrets
            .create_secret()
            .name(desired.name.as_str())
            .description(&desired.description)
            .kms_key_id(desired.kms_key_arn.as_str())
            .secret_string(value.as_str())
            .set_tags(Some(tags));
        let answer = self.wire.mutate(operation, call.send()).await?;
        Ok(answer.arn().map(|arn| Observed {
            name: desired.name.clone(),
            arn: arn.into(),
            version: answer.version_id().map(SecretVersion::new),
            deletion_scheduled: false,
            tags: desired.tags.clone(),
        }))
    }

    async fn renew(
        &self,
        operation: &'static str,
        desired: &Desired,
        version: &SecretVersion,
    ) -> Result<Option<Observed>, CloudError> {
        let value = new_value(desired)
            .map_err(|error| CloudError::new(ErrorKind::Invalid, operation, error.to_string()))?
            .to_json();
        let call = self
            .secrets
            .put_secret_value()
            .secret_id(desired.name.as_str())
            .client_request_token(version.as_str())
            .secret_string(value.as_str());
        let answer = self.wire.mutate(operation, call.send()).await?;
        Ok(answer.arn().map(|arn| Observed {
            name: desired.name.clone(),
            arn: arn.into(),
            version: answer.version_id().map(SecretVersion::new),
            deletion_scheduled: false,
            tags: desired.tags.clone(),
        }))
    }
}

/// What the secret is to hold. The passphrase of a key is a password like others.
fn new_value(desired: &Desired) -> Result<SecretValue, SigningKeyError> {
    let password = new_password();
    let private_key = match desired.content {
        Content::Password => None,
        Content::SigningKey => Some(signing_key::sealed(&password)?),
    };
    Ok(SecretValue {
        username: desired.username.clone(),
        password,
        private_key,
    })
}

fn new_password() -> Zeroizing<String> {
    Zeroizing::new(Alphanumeric.sample_string(&mut rand::rng(), PASSWORD_LENGTH))
}

/// The version that has AWS's label for the current one.
fn current(stages: Option<&HashMap<String, Vec<String>>>) -> Option<SecretVersion> {
    let is_current = |stages: &[String]| stages.iter().any(|stage| stage == CURRENT);
    let (version, _) = stages?.iter().find(|(_, stages)| is_current(stages))?;
    Some(SecretVersion::new(version))
}

fn from_tags(tags: &[Tag]) -> Tags {
    tags.iter()
        .filter_map(|tag| {
            Some((
                tag.key()?.to_owned(),
                tag.value().unwrap_or_default().to_owned(),
            ))
        })
        .collect()
}

#[async_trait]
impl Port<Secret> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let token = cursor.map(|cursor| cursor.0);
        let list = || {
            let ours = Filter::builder()
                .key(FilterNameStringType::Name)
                .values(PREFIX)
                .build();
            let call = self.secrets.list_secrets().filters(ours).max_results(PAGE);
            call.include_planned_deletion(true)
                .set_next_token(token.clone())
                .send()
        };
        let page = self.wire.read("ListSecrets", list).await?;
        let items = page.secret_list().iter().filter_map(|secret| {
            Some(Observed {
                name: SecretName::new(secret.name()?),
                arn: secret.arn()?.into(),
                version: current(secret.secret_versions_to_stages()),
                deletion_scheduled: secret.deleted_date().is_some(),
                tags: from_tags(secret.tags()),
            })
        });
        Ok(Page::new(items.collect(), page.next_token()))
    }

    async fn read(&self, id: &SecretName) -> Result<Option<Observed>, CloudError> {
        let read = || self.secrets.describe_secret().secret_id(id.as_str()).send();
        let found = self.wire.read("DescribeSecret", read).await;
        Ok(CloudError::none_if_not_found(found)?.and_then(|secret| {
            Some(Observed {
                name: SecretName::new(secret.name()?),
                arn: secret.arn()?.into(),
                version: current(secret.version_ids_to_stages()),
                deletion_scheduled: secret.deleted_date().is_some(),
                tags: from_tags(secret.tags()),
            })
        }))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match change {
            Change::Create(desired) => self.create(operation, desired).await,
            Change::Renew(desired, version) => self.renew(operation, desired, version).await,
            Change::Restore(name) => {
                let call = self.secrets.restore_secret().secret_id(name.as_str());
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
            Change::Delete(name) => {
                let call = self.secrets.delete_secret().secret_id(name.as_str());
                let call = call.recovery_window_in_days(WINDOW_DAYS);
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
        }
    }
}

#[async_trait]
impl SecretValues for Adapter {
    async fn read(&self, name: &SecretName) -> Result<SecretValue, CloudError> {
        const OPERATION: &str = "GetSecretValue";
        let read = || {
            self.secrets
                .get_secret_value()
                .secret_id(name.as_str())
                .send()
        };
        let answer = self.wire.read(OPERATION, read).await?;
        let text = Zeroizing::new(answer.secret_string.unwrap_or_default());
        let value = SecretValue::from_json(&text).ok_or_else(|| {
            let message = format!("secret {name} does not hold JSON with username and password");
            CloudError::new(ErrorKind::Invalid, OPERATION, message)
        })?;
        if let Some(version) = answer.version_id {
            let version = SecretVersion::new(version);
            self.recent.keep(name, version, value.clone());
        }
        Ok(value)
    }

    async fn version(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<SecretValue, CloudError> {
        match self.recent.get(name, version) {
            Some(value) => Ok(value),
            None => SecretValues::read(self, name).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_alphanumeric_and_never_the_same() {
        let (a, b) = (new_password(), new_password());
        assert_eq!(a.len(), 32);
        assert!(a.chars().all(|c| c.is_ascii_alphanumeric()));
        assert_ne!(a, b);
    }
}
