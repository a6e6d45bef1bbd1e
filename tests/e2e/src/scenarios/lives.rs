//! Every version of every object, from before the first apply until after the deletion, as tools
//! that compute kstatus see it (invariant 9).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use emr_api::{CacheCluster, EmrInstance, EmrPlatform, ManagedDatabase, SharedFileSystem};
use emr_sandbox::apply;
use futures::TryStreamExt;
use kube::{
    Api, Client, Resource,
    api::{ApiResource, DeleteParams, DynamicObject, Patch, PatchParams},
    runtime::watcher::{self, Event, watcher},
};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::{
    Clinic, Failure, Outcome, World,
    clinic::PATIENCE,
    failure::ensure,
    kinds::until_gone,
    kstatus::{Verdict, judge},
};

/// Versions by object.
type Seen = Arc<Mutex<BTreeMap<String, Vec<Value>>>>;

/// What every one of them must go through.
const PHASES: [Verdict; 3] = [Verdict::InProgress, Verdict::Current, Verdict::Terminating];

/// An instance with its children, and its platform: each version is judged.
pub async fn are_told_so_that_kstatus_is_right(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "lives").await?;
    let seen = Seen::default();
    let watches = watch_all(&clinic.client(), &seen);
    // The instance first: it waits for its platform.
    clinic
        .apply(clinic.openemr("riverside", &json!({"profile": "Development"})))
        .await?;
    apply(&clinic.client(), None, clinic.platform_manifest()).await?;
    clinic.ready("riverside").await?;
    let instances = clinic.api::<EmrInstance>();
    // One more generation.
    let more = json!({"spec": {"scaling": {"minReplicas": 2, "maxReplicas": 3}}});
    instances
        .patch("riverside", &PatchParams::default(), &Patch::Merge(&more))
        .await?;
    clinic.ready("riverside").await?;
    instances
        .delete("riverside", &DeleteParams::default())
        .await?;
    until_gone(&instances, "riverside", PATIENCE).await?;
    let platforms = Api::<EmrPlatform>::all(clinic.client());
    let confirm = json!({"metadata": {"annotations": {
        "emrstack.dev/confirm-delete": clinic.namespace,
    }}});
    platforms
        .patch(
            &clinic.namespace,
            &PatchParams::default(),
            &Patch::Merge(&confirm),
        )
        .await?;
    platforms
        .delete(&clinic.namespace, &DeleteParams::default())
        .await?;
    until_gone(&platforms, &clinic.namespace, PATIENCE).await?;
    // The last events are still on their way.
    tokio::time::sleep(Duration::from_secs(1)).await;
    for watch in watches {
        ensure(!watch.is_finished(), || "a watch ended early".into())?;
        watch.abort();
    }
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    ensure(seen.len() == 5, || format!("seen: {:?}", seen.keys()))?;
    for (object, versions) in seen.iter() {
        let verdicts = judge(versions).map_err(Failure::Assertion)?;
        ensure(PHASES.iter().all(|phase| verdicts.contains(phase)), || {
            format!(
                "{object} was seen {verdicts:?} in {} versions",
                versions.len()
            )
        })?;
    }
    let versions: usize = seen.values().map(Vec::len).sum();
    println!(
        "  kstatus is right on {versions} versions of {} objects",
        seen.len()
    );
    Ok(())
}

fn watch_all(client: &Client, seen: &Seen) -> [JoinHandle<()>; 5] {
    let name = "lives";
    [
        record::<EmrPlatform>(client, seen, None, name),
        record::<EmrInstance>(client, seen, Some(name), "riverside"),
        record::<ManagedDatabase>(client, seen, Some(name), "riverside"),
        record::<CacheCluster>(client, seen, Some(name), "riverside"),
        record::<SharedFileSystem>(client, seen, Some(name), "riverside"),
    ]
}

/// Notes each version of the object that has this name.
fn record<K: Resource<DynamicType = ()>>(
    client: &Client,
    seen: &Seen,
    namespace: Option<&str>,
    name: &str,
) -> JoinHandle<()> {
    let resource = ApiResource::erase::<K>(&());
    let api: Api<DynamicObject> = match namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
        None => Api::all_with(client.clone(), &resource),
    };
    let config = watcher::Config::default().fields(&format!("metadata.name={name}"));
    let seen = Arc::clone(seen);
    tokio::spawn(async move {
        let noted = watcher(api, config).try_for_each(|event| {
            if let Event::Apply(object) | Event::InitApply(object) | Event::Delete(object) = event {
                note(&seen, &resource.kind, &object);
            }
            std::future::ready(Ok(()))
        });
        if let Err(error) = noted.await {
            println!("  a watch failed: {error}");
        }
    })
}

/// A version that a second list shows again is noted once.
fn note(seen: &Seen, kind: &str, object: &DynamicObject) {
    let Ok(mut value) = serde_json::to_value(object) else {
        return;
    };
    value["kind"] = json!(kind);
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let uid = object.metadata.uid.clone().unwrap_or_default();
    let versions = seen.entry(format!("{kind} {uid}")).or_default();
    let version = &value["metadata"]["resourceVersion"];
    let known = versions
        .iter()
        .any(|known| known["metadata"]["resourceVersion"] == *version);
    if !known {
        versions.push(value);
    }
}
