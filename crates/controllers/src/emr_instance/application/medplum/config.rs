//! The server's configuration, in a Secret: written when something that it is made of is another, and read
//! from AWS only then.
//!
//! Its revision is made of what it would be without secrets, and of the versions of all secrets in it, so
//! no value is needed to tell that it is as it should be. Pods roll once for all that changed.

use std::collections::BTreeSet;

use emr_api::{EmrInstance, labels};
use emr_cloud::SecretValue;
use emr_model::{
    instance::{ADMIN, APP, InstanceSeen, SIGNING_KEY},
    medplum::{
        self, Credentials, Sensitive, SigningKey, Workload,
        config::{self, Role},
    },
    progress::Held,
    workload::Revision,
};
use emr_resource::names::hash;
use emr_runtime::{
    Error, Key, ReconcileError,
    apply::{apply, owned_keys},
};
use k8s_openapi::{api::core::v1::Secret, apimachinery::pkg::apis::meta::v1::ObjectMeta};
use kube::{Api, ResourceExt};
use zeroize::Zeroizing;

use crate::{Context, connect, emr_instance::gather::World};

/// Keeps it, and tells its revision. `token` is the revision of the cache's Secret.
pub(super) async fn keep(
    context: &Context,
    object: &EmrInstance,
    world: &World,
    own: &InstanceSeen,
    workload: &Workload,
    token: &str,
    hold: Option<Held>,
) -> Result<Revision, ReconcileError> {
    let namespace = object.namespace().unwrap_or_default();
    let api = Api::<Secret>::namespaced(context.client.clone(), &namespace);
    let mail = mail_revision(object, &api).await?;
    let revision = revision(own, workload, token, &mail);
    if hold.is_some() {
        return Ok(Revision::new(revision));
    }
    let name = medplum::object(&workload.instance, medplum::Part::Config);
    let live = api.get_metadata_opt(&name).await;
    let live = live.map_err(|error| Error::request("get", "Secret", &name, error))?;
    let place = Key::new(&namespace, &name);
    if let Some(live) = &live
        && is_as_written(&live.metadata, &revision, workload)
    {
        context.kept.note(object, place, live.resource_version());
        return Ok(Revision::new(revision));
    }
    let sensitive = sensitive(object, world, own, &api).await?;
    let mut secret = config::secret(workload, &sensitive);
    let annotations = secret.metadata.annotations.get_or_insert_default();
    annotations.insert(labels::SOURCE_HASH.to_owned(), revision.clone());
    let applied = apply(&context.client, &secret, None).await?.into_object();
    context.kept.note(object, place, applied.resource_version());
    Ok(Revision::new(revision))
}

fn revision(own: &InstanceSeen, workload: &Workload, token: &str, mail: &str) -> String {
    let blank = config::revision(workload, &Sensitive::blank());
    let versions = own.secrets.values().map(|secret| {
        let version = secret.version.as_ref();
        version.map_or("", |version| version.as_str())
    });
    let mut parts = vec![blank.as_str(), token, mail];
    parts.extend(versions);
    hash(&parts)
}

/// Whether nobody has touched it since it was made of exactly this.
fn is_as_written(live: &ObjectMeta, revision: &str, workload: &Workload) -> bool {
    let ours = owned_keys(live, "data");
    let files = match workload.workers {
        Some(_) => BTreeSet::from([Role::Api.file(), Role::Workers.file()]),
        None => BTreeSet::from([Role::Api.file()]),
    };
    let made_of = live
        .annotations
        .as_ref()
        .and_then(|all| all.get(labels::SOURCE_HASH));
    made_of.map(String::as_str) == Some(revision) && files.iter().all(|file| ours.contains(*file))
}

/// The first super administrator, as AWS keeps it.
pub(super) async fn super_admin(
    world: &World,
    own: &InstanceSeen,
) -> Result<Credentials, ReconcileError> {
    Ok(credentials(value(world, own, ADMIN).await?))
}

/// Everything secret in it.
async fn sensitive(
    object: &EmrInstance,
    world: &World,
    own: &InstanceSeen,
    api: &Api<Secret>,
) -> Result<Sensitive, ReconcileError> {
    let database = value(world, own, APP).await?;
    let signing = value(world, own, SIGNING_KEY).await?;
    let super_admin = if own.secrets.contains_key(ADMIN) {
        Some(super_admin(world, own).await?)
    } else {
        None
    };
    let token = of_secret(api, &connect::secret_name(object, "cache"), "password").await?;
    Ok(Sensitive {
        database: credentials(database),
        cache_token: token,
        signing_key: SigningKey {
            id: signing.username.clone(),
            pem: signing.private_key.clone().unwrap_or_default(),
            passphrase: signing.password,
        },
        super_admin,
        mail: mail_user(object, api).await?,
    })
}

fn credentials(value: SecretValue) -> Credentials {
    Credentials {
        username: value.username,
        password: value.password,
    }
}

async fn value(
    world: &World,
    own: &InstanceSeen,
    purpose: &'static str,
) -> Result<SecretValue, ReconcileError> {
    let Some(source) = own.secrets.get(purpose) else {
        let message = format!("the secret for {purpose} is not in Secrets Manager yet");
        return Err(ReconcileError::soon("WaitingForSecret", message));
    };
    let value = world.landing.account.secret_value(source).await;
    value.map_err(|error| {
        ReconcileError::soon(error.reason(), format!("{error}. {}", error.advice()))
    })
}

fn mail_secret(object: &EmrInstance) -> Option<&str> {
    let medplum = object.spec.medplum.as_ref()?;
    let smtp = medplum.config.email.as_ref()?.smtp.as_ref()?;
    Some(&smtp.secret_name)
}

async fn mail_revision(object: &EmrInstance, api: &Api<Secret>) -> Result<String, ReconcileError> {
    let Some(name) = mail_secret(object) else {
        return Ok(String::new());
    };
    let found = api.get_metadata_opt(name).await;
    let found = found.map_err(|error| Error::request("get", "Secret", name, error))?;
    Ok(found
        .and_then(|found| found.resource_version())
        .unwrap_or_default())
}

/// The user of the mail server; `None` where no Secret says it, and then no mail is sent.
async fn mail_user(
    object: &EmrInstance,
    api: &Api<Secret>,
) -> Result<Option<Credentials>, ReconcileError> {
    let Some(name) = mail_secret(object) else {
        return Ok(None);
    };
    let username = of_secret(api, name, "username").await?;
    Ok(Some(Credentials {
        username: username.to_string(),
        password: of_secret(api, name, "password").await?,
    }))
}

/// A value of a Secret in the instance's namespace.
async fn of_secret(
    api: &Api<Secret>,
    name: &str,
    key: &str,
) -> Result<Zeroizing<String>, ReconcileError> {
    let found = api.get_opt(name).await;
    let found = found.map_err(|error| Error::request("get", "Secret", name, error))?;
    let data = found.and_then(|found| found.data).unwrap_or_default();
    let text = data
        .get(key)
        .and_then(|value| String::from_utf8(value.0.clone()).ok());
    text.map(Zeroizing::new).ok_or_else(|| {
        let message = format!("Secret {name} has no {key}: put it there, and the server starts");
        ReconcileError::soon("WaitingForSecret", message)
    })
}
