//! A database of RDS: made in two zones with a replica, changed, grown by AWS, restored, lost, and deleted under
//! each policy.

use emr_api::conditions;
use k8s_openapi::api::core::v1::Secret;
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams},
};
use serde_json::{Value, json};

use crate::{
    postgresql::NAME,
    world::{NAMESPACE, Origin, World},
};

impl World {
    /// A database of RDS of this name, with what else its spec says.
    pub(crate) async fn rds(&self, name: &str, spec: Value) {
        let mut wanted = json!({"rdsPostgres": {"parameters": {"statement_timeout": "60000"}}});
        merge(&mut wanted, spec);
        let manifest = json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": "ManagedDatabase",
            "metadata": {"name": name, "namespace": NAMESPACE}, "spec": wanted,
        });
        self.apply(&manifest.to_string()).await;
    }

    /// The DB instance of the database of this name.
    pub(crate) fn rds_of(&self, name: &str) -> Option<String> {
        let mut all = self.look(|room| room.rds_instances());
        all.retain(|id| id.contains(&format!("-{name}-")) && !id.contains("-reader-"));
        all.pop()
    }

    /// Whether a database is Ready and has been looked at since it was changed last.
    pub(crate) async fn rds_settled(&self, name: &str) -> bool {
        let Ok(Some(database)) = self.databases().get_opt(name).await else {
            return false;
        };
        let status = database.status.unwrap_or_default();
        let of = &status.conditions;
        status.observed_generation == database.metadata.generation.unwrap_or_default()
            && conditions::is_true(of, conditions::READY)
            && conditions::find(of, conditions::RECONCILING).is_none()
            && conditions::find(of, conditions::STALLED).is_none()
    }

    pub(crate) async fn try_rds_settled(&self, name: &str) -> Result<(), String> {
        self.until("the database is Ready", || self.rds_settled(name))
            .await
    }

    pub(crate) async fn change_rds(&self, name: &str, spec: &Value) {
        let databases = self.databases();
        let patch = Patch::Merge(json!({ "spec": spec }));
        databases
            .patch(name, &PatchParams::default(), &patch)
            .await
            .unwrap();
        self.judge.edited();
    }

    pub(crate) async fn delete_rds(&self, name: &str) {
        let databases = self.databases();
        databases
            .delete(name, &DeleteParams::default())
            .await
            .unwrap();
    }

    pub(crate) async fn try_rds_gone(&self, name: &str) -> Result<(), String> {
        let databases = self.databases();
        let gone = || async { matches!(databases.get_opt(name).await, Ok(None)) };
        self.until("the database is gone", gone).await
    }

    fn operations(&self) -> Vec<&'static str> {
        let calls = self.aws.mutations();
        calls.iter().map(|call| call.operation).collect()
    }
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

#[tokio::test(start_paused = true)]
async fn a_database_of_rds_is_made_changed_and_kept() {
    let world = World::running(Origin::ready());
    world
        .rds(NAME, json!({"rdsPostgres": {"readReplicas": 1}}))
        .await;
    world.try_rds_settled(NAME).await.unwrap();
    let id = world.rds_of(NAME).unwrap();
    let made = world.look(|room| room.rds_instance(&id)).unwrap();
    assert!(made.settings.multi_az && made.settings.deletion_protection);
    let status = world.databases().get(NAME).await.unwrap().status.unwrap();
    assert_eq!(
        (status.port, status.max_connections),
        (Some(5432), Some(1622))
    );
    assert_eq!(status.endpoint, made.endpoint);
    let reader = status.reader_endpoint.unwrap();
    assert!(reader.starts_with(&format!("{id}-reader-1.")), "{reader}");
    let secrets = Api::<Secret>::namespaced(world.client.clone(), NAMESPACE);
    let secret = secrets.get(&status.master_secret_ref.unwrap().name).await;
    let binding = secret.unwrap().data.unwrap();
    assert_eq!(binding["type"].0, b"postgresql");
    assert_eq!(binding["port"].0, b"5432");
    assert!(binding.contains_key("ca.crt"), "TLS is verified");

    // AWS grows the storage: that is no drift.
    let before = world.aws.writes();
    world.look(|room| room.tamper_instance(&id, |of| of.storage.allocated_gb = 180));
    world.until_quiet().await.unwrap();
    assert_eq!(world.aws.writes(), before);

    let larger = json!({"rdsPostgres": {
        "instanceClass": "db.r6g.xlarge", "storage": {"allocatedGb": 400, "maxAllocatedGb": 4000},
    }});
    world.change_rds(NAME, &larger).await;
    world.try_rds_settled(NAME).await.unwrap();
    for id in [id.clone(), format!("{id}-reader-1")] {
        let seen = world.look(|room| room.rds_instance(&id)).unwrap();
        assert_eq!(seen.settings.class, "db.r6g.xlarge");
        assert_eq!(seen.settings.storage.allocated_gb, 400);
        assert_eq!(seen.settings.storage.iops, Some(12_000));
    }

    // Drift is put right.
    world.look(|room| room.tamper_instance(&id, |of| of.publicly_accessible = true));
    world.until_quiet().await.unwrap();
    let seen = world.look(|room| room.rds_instance(&id)).unwrap();
    assert!(!seen.settings.publicly_accessible);

    // Fewer replicas, and a lost one is made again.
    world
        .change_rds(NAME, &json!({"rdsPostgres": {"readReplicas": 0}}))
        .await;
    world.try_rds_settled(NAME).await.unwrap();
    assert_eq!(
        world.look(|room| room.rds_instances()),
        *std::slice::from_ref(&id)
    );

    // A loss is told, and nothing is put in its place.
    assert!(world.look(|room| room.tamper_lose_instance(&id)));
    let told = || async {
        world.says(conditions::STALLED).await.as_deref() == Some("DataResourceMissing")
    };
    world.until("the loss is told", told).await.unwrap();
    assert!(world.rds_of(NAME).is_none());
    world.judge.verdict(&world).unwrap();
}

/// From a snapshot, and from what another holds now; each opens with a password of its own.
#[tokio::test(start_paused = true)]
async fn a_database_of_rds_is_made_from_another() {
    let world = World::running(Origin::rds());
    let original = world.rds_of(NAME).unwrap();
    world.rds("kept", json!({})).await;
    world.try_rds_settled("kept").await.unwrap();
    world.delete_rds("kept").await;
    world.try_rds_gone("kept").await.unwrap();
    let snapshot = world.look(|room| room.instance_copies()).remove(0);
    let sources = [
        ("a", json!({ "snapshotArn": snapshot })),
        ("b", json!({"pointInTime": {"instanceId": original}})),
    ];
    for (name, from) in &sources {
        world.rds(name, json!({ "restoreFrom": from })).await;
        world.try_rds_settled(name).await.unwrap();
        let made = world.rds_of(name).unwrap();
        let (data, opened_by) = world.look(|room| room.records_in(&made)).unwrap();
        assert_ne!(data, made, "it holds what the other held");
        assert!(opened_by.contains(&format!("/{name}/")), "{opened_by}");
        let seen = world.look(|room| room.rds_instance(&made)).unwrap();
        assert!(seen.settings.deletion_protection);
        assert_eq!(seen.settings.backup_retention_days, 30);
    }
    // One that could not be kept is not made.
    let other = json!({
        "rdsPostgres": {"engineVersion": "16.8"}, "restoreFrom": {"snapshotArn": snapshot},
    });
    world.rds("c", other).await;
    let told = || async {
        let status = world.databases().get("c").await.unwrap().status;
        let conditions = status.unwrap_or_default().conditions;
        let stalled = conditions::find(&conditions, conditions::STALLED);
        stalled.is_some_and(|of| of.message.contains("engineVersion to 16.11"))
    };
    world.until("it is refused", told).await.unwrap();
    assert!(world.rds_of("c").is_none());
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_database_of_rds_leaves_what_its_policy_keeps() {
    for (policy, copies, left, retained) in [
        ("Snapshot", 1, 0, 1),
        ("Retain", 0, 2, 0),
        ("Delete", 0, 0, 0),
    ] {
        let world = World::running(Origin::rds());
        world
            .change_rds(NAME, &json!({ "deletionPolicy": policy }))
            .await;
        if policy == "Delete" {
            let patch = json!({"metadata": {"annotations": {"emrstack.dev/confirm-delete": NAME}}});
            let databases = world.databases();
            databases
                .patch(NAME, &PatchParams::default(), &Patch::Merge(patch))
                .await
                .unwrap();
        }
        world.try_rds_settled(NAME).await.unwrap();
        world.delete_rds(NAME).await;
        world.try_rds_gone(NAME).await.unwrap();
        assert_eq!(
            world.look(|room| room.instance_copies().len()),
            copies,
            "{policy}"
        );
        assert_eq!(
            world.look(|room| room.rds_instances().len()),
            left,
            "{policy}"
        );
        assert_eq!(
            world.look(|room| room.retained_instances().len()),
            retained,
            "{policy}"
        );
        let order: Vec<_> = world
            .operations()
            .into_iter()
            .filter(|of| of.contains("DBInstance") || of.contains("DBSnapshot"))
            .collect();
        let wanted: &[_] = match policy {
            "Snapshot" => &[
                "CreateDBSnapshot",
                "ModifyDBInstance",
                "DeleteDBInstance",
                "DeleteDBInstance",
            ],
            "Retain" => &[],
            _ => &["ModifyDBInstance", "DeleteDBInstance", "DeleteDBInstance"],
        };
        assert_eq!(order, wanted, "{policy}");
        world.judge.verdict(&world).unwrap();
    }
}
