//! Invariant 7: no secret leaves Secrets; and names at their longest.

use std::sync::Arc;

use emr_api::{CacheCluster, EmrInstance, ManagedDatabase, SharedFileSystem};
use k8s_openapi::api::{
    apps::v1::Deployment, batch::v1::Job, core::v1::ConfigMap, events::v1::Event,
};
use kube::{Resource, api::ListParams};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::{Clinic, Outcome, World, failure::ensure};

/// Every password that AWS holds is looked for in everything that people can read.
pub async fn keeps_passwords_to_secrets(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "secrecy").await?;
    clinic.platform().await?;
    clinic
        .apply(clinic.openemr("quietly", &json!({"profile": "Development"})))
        .await?;
    clinic.ready("quietly").await?;
    let found = clinic
        .aws
        .run(
            "import json as j\n\
             found = [j.loads(secrets.get_secret_value(SecretId=s['Name'])['SecretString'])['password'] \
             for s in pages(secrets.list_secrets, 'SecretList')]",
        )
        .await?;
    let passwords: Vec<String> = serde_json::from_value(found)?;
    ensure(passwords.len() == 4, || {
        format!("{} secrets", passwords.len())
    })?;
    for password in &passwords {
        ensure(
            password.len() == 32 && password.chars().all(|c| c.is_ascii_alphanumeric()),
            || "a password that OpenEMR's installer can't take".into(),
        )?;
    }
    let log = world.operator.lock().await.log().to_owned();
    let mut places = vec![("log", tokio::fs::read_to_string(log).await?)];
    let metrics = world.metrics().await?;
    ensure(metrics.contains("CreateDBCluster"), || {
        format!("no metrics of AWS calls: {metrics}")
    })?;
    places.push(("metrics", metrics));
    places.push(("events", text::<Event>(&clinic).await?));
    places.push(("EmrInstance", text::<EmrInstance>(&clinic).await?));
    places.push(("ManagedDatabase", text::<ManagedDatabase>(&clinic).await?));
    places.push(("CacheCluster", text::<CacheCluster>(&clinic).await?));
    places.push(("SharedFileSystem", text::<SharedFileSystem>(&clinic).await?));
    places.push(("ConfigMap", text::<ConfigMap>(&clinic).await?));
    places.push(("Deployment", text::<Deployment>(&clinic).await?));
    places.push(("Job", text::<Job>(&clinic).await?));
    for (place, text) in places {
        ensure(!text.is_empty(), || {
            format!("{place} is empty: nothing was scanned")
        })?;
        ensure(
            !passwords.iter().any(|password| text.contains(password)),
            || format!("a password stands in {place}"),
        )?;
    }
    Ok(())
}

async fn text<K>(clinic: &Clinic) -> Outcome<String>
where
    K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
        + Clone
        + std::fmt::Debug
        + DeserializeOwned
        + Serialize,
{
    let all = clinic.api::<K>().list(&ListParams::default()).await?.items;
    Ok(serde_json::to_string(&all)?)
}

/// Two instances with the longest legal names, which differ in the last letter alone.
pub async fn the_longest_names_stay_apart(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, &"n".repeat(63)).await?;
    clinic.platform().await?;
    let names = ["a", "b"].map(|last| format!("{}{last}", "m".repeat(252)));
    for (index, name) in names.iter().enumerate() {
        let over =
            json!({"profile": "Development", "hostname": format!("long-{index}.example.org")});
        clinic.apply(clinic.openemr(name, &over)).await?;
    }
    for name in &names {
        clinic.ready(name).await?;
    }
    let inventory = clinic.aws.inventory().await?;
    let clusters = inventory["clusters"]
        .as_object()
        .map_or(0, serde_json::Map::len);
    ensure(clusters == 2, || format!("{inventory}"))
}
