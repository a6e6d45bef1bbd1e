//! Secrets.

use std::{collections::BTreeMap, time::Duration};

use emr_resource::{
    ids::{SecretName, SecretVersion},
    secret::{Change, Content, Observed, Secret},
};
use zeroize::Zeroizing;

use super::room::{Keeps, Refused, Room, Window, ensure, hex, refuse};
use crate::SecretValue;

/// Days in which a deletion can be taken back.
const WINDOW: Duration = Duration::from_hours(30 * 24);

#[derive(Clone, Default)]
pub(super) struct Secrets {
    pub(super) all: BTreeMap<SecretName, (Observed, SecretValue)>,
    /// Versions that are not the current one any more.
    pub(super) former: BTreeMap<(SecretName, SecretVersion), SecretValue>,
}

impl Secrets {
    fn get(&mut self, name: &SecretName) -> Result<&mut Observed, Refused> {
        match self.all.get_mut(name) {
            Some((secret, _)) => Ok(secret),
            None => refuse("ResourceNotFoundException", format!("no secret {name}")),
        }
    }

    /// Not of one that is about to be deleted.
    /// Source: Secrets Manager API reference, `GetSecretValue`, `InvalidRequestException`.
    pub(super) fn value(&self, name: &SecretName) -> Result<SecretValue, Refused> {
        match self.all.get(name) {
            None => refuse("ResourceNotFoundException", format!("no secret {name}")),
            Some((secret, _)) if secret.deletion_scheduled => {
                refuse("InvalidRequestException", "it is marked for deletion")
            }
            Some((_, value)) => Ok(value.clone()),
        }
    }

    /// A version is made once. Source: Secrets Manager API reference, `PutSecretValue`,
    /// `ClientRequestToken`.
    fn renew(&mut self, name: &SecretName, version: &SecretVersion) -> Result<Observed, Refused> {
        let value = self.value(name)?;
        let length = version.as_str().len();
        ensure(
            (32..=64).contains(&length),
            "InvalidParameterException",
            "ClientRequestToken must be 32-64 characters long",
        )?;
        if self.version(name, version).is_ok() {
            return refuse(
                "ResourceExistsException",
                format!("version {version} exists"),
            );
        }
        let Some((secret, current)) = self.all.get_mut(name) else {
            return refuse("ResourceNotFoundException", format!("no secret {name}"));
        };
        *current = SecretValue {
            password: Zeroizing::new(hex(&format!("{name}{version}"), 32)),
            ..value.clone()
        };
        if let Some(before) = secret.version.replace(version.clone()) {
            self.former.insert((name.clone(), before), value);
        }
        Ok(secret.clone())
    }

    /// The value of one version, the current one or a former.
    pub(super) fn version(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<SecretValue, Refused> {
        let current = self.value(name)?;
        let is_current = |(seen, _): &(Observed, _)| seen.version.as_ref() == Some(version);
        if self.all.get(name).is_some_and(is_current) {
            return Ok(current);
        }
        match self.former.get(&(name.clone(), version.clone())) {
            Some(value) => Ok(value.clone()),
            None => refuse("ResourceNotFoundException", format!("no version {version}")),
        }
    }
}

impl Keeps<Secret> for Room {
    fn list(&self, window: Window) -> Vec<Observed> {
        window.show(self.secrets.all.values(), |(secret, _)| secret.clone())
    }

    fn read(&self, id: &SecretName) -> Option<Observed> {
        self.secrets.all.get(id).map(|(secret, _)| secret.clone())
    }

    /// A name stays taken until the deletion is over. Source: Secrets Manager API reference,
    /// `CreateSecret`, `DeleteSecret`.
    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        match change {
            Change::Create(desired) => {
                let name = &desired.name;
                if let Some((there, _)) = self.secrets.all.get(name) {
                    let leaving = there.deletion_scheduled;
                    ensure(
                        !leaving,
                        "InvalidRequestException",
                        "it is marked for deletion",
                    )?;
                    return refuse("ResourceExistsException", format!("{name} exists"));
                }
                self.check_key(&desired.kms_key_arn, "EncryptionFailure")?;
                let id = self.next_id("", &format!("secret/{name}"));
                let secret = Observed {
                    name: name.clone(),
                    arn: self.arn("secretsmanager", &format!("secret:{name}-{}", &id[..6])),
                    version: Some(SecretVersion::new(&id)),
                    deletion_scheduled: false,
                    tags: desired.tags.clone(),
                };
                let sealed = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
                let is_key = desired.content == Content::SigningKey;
                let value = SecretValue {
                    username: desired.username.clone(),
                    password: Zeroizing::new(hex(&id, 32)),
                    private_key: is_key.then(|| Zeroizing::new(format!("{sealed}\n{id}"))),
                };
                let secrets = &mut self.secrets.all;
                secrets.insert(name.clone(), (secret.clone(), value));
                return Ok(Some(secret));
            }
            Change::Renew(desired, version) => {
                return self.secrets.renew(&desired.name, version).map(Some);
            }
            Change::Restore(name) => self.secrets.get(name)?.deletion_scheduled = false,
            Change::Delete(name) => {
                let secret = self.secrets.get(name)?;
                let code = "InvalidRequestException";
                ensure(!secret.deletion_scheduled, code, "it is marked already")?;
                secret.deletion_scheduled = true;
                let (name, arn) = (name.clone(), secret.arn.clone());
                self.after(WINDOW, move |room| {
                    let all = &mut room.secrets.all;
                    let due = all
                        .get(&name)
                        .is_some_and(|(secret, _)| secret.deletion_scheduled && secret.arn == arn);
                    if due {
                        all.remove(&name);
                    }
                });
            }
        }
        Ok(None)
    }
}
