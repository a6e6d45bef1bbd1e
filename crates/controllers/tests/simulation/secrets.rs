//! Copies of credentials that somebody changed are put back, and told of, without their values.

use std::{collections::BTreeMap, time::Duration};

use k8s_openapi::api::{core::v1::Secret, events::v1::Event};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams},
};
use serde_json::json;
use tokio::time::sleep;

use crate::world::{NAMESPACE, World};

/// What a person wrote, in plain text and in the form that it has on the wire.
const WRITTEN: [&str; 2] = ["changed-by-hand", "Y2hhbmdlZC1ieS1oYW5k"];

type Copies = BTreeMap<String, Option<BTreeMap<String, Vec<u8>>>>;

async fn copies(secrets: &Api<Secret>) -> Copies {
    let all = secrets.list(&ListParams::default()).await.unwrap();
    let data = |secret: &Secret| {
        let data = secret.data.clone()?;
        Some(
            data.into_iter()
                .map(|(key, value)| (key, value.0))
                .collect(),
        )
    };
    all.iter()
        .map(|secret| (secret.name_any(), data(secret)))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_somebody_changed_is_put_back_and_told_of() {
    let mut world = World::new().await;
    world.start();
    world.until_ready().await;
    let secrets = Api::<Secret>::namespaced(world.client.clone(), NAMESPACE);
    let before = copies(&secrets).await;
    assert_eq!(before.len(), 4, "{:?}", before.keys());
    let aws = world.aws.writes();

    let params = PatchParams {
        field_manager: Some("kubectl-edit".into()),
        ..PatchParams::default()
    };
    let by_hand = json!({"data": {"password": WRITTEN[1]}});
    for name in before.keys() {
        if name.ends_with("admin") {
            let gone = DeleteParams::default();
            secrets.delete(name, &gone).await.unwrap();
        } else {
            let patch = Patch::Merge(&by_hand);
            secrets.patch(name, &params, &patch).await.unwrap();
        }
    }
    assert_ne!(copies(&secrets).await, before);
    sleep(Duration::from_mins(25)).await;
    assert!(copies(&secrets).await == before, "they are not put back");

    let events = Api::<Event>::namespaced(world.client.clone(), NAMESPACE);
    let told = events.list(&ListParams::default()).await.unwrap();
    let told: Vec<String> = told
        .into_iter()
        .filter(|event| event.reason.as_deref() == Some("SecretRepaired"))
        .filter_map(|event| event.note)
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    let values = before.values().flatten().flatten();
    let passwords: Vec<&[u8]> = values
        .filter(|(key, _)| *key == "password")
        .map(|(_, value)| value.as_slice())
        .collect();
    for note in &told {
        assert!(note.contains("put back: password"), "{note}");
        assert!(WRITTEN.iter().all(|value| !note.contains(value)), "{note}");
        let known = |value: &&[u8]| note.contains(str::from_utf8(value).unwrap());
        assert!(!passwords.iter().any(known), "{note}");
    }

    let writes = world.kube.writes();
    sleep(Duration::from_hours(1)).await;
    let mutations = world.kube.mutations();
    let late: Vec<_> = mutations.iter().skip(writes).collect();
    assert!(late.is_empty(), "nothing else is written: {late:?}");
    assert_eq!(world.aws.writes(), aws);
}
