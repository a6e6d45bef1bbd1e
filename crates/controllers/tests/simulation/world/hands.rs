//! What people do: the user to the instance, others behind the operator's back.

use emr_api::EmrPlatform;
use emr_resource::Tags;
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams},
};
use serde_json::Value;

use super::{INSTANCE, World};

impl World {
    /// What a user does with `kubectl patch`.
    pub(crate) async fn edit(&self, patch: &Value) {
        self.judge.edited();
        self.annotate(patch).await;
    }

    /// What a user does with `kubectl annotate`.
    pub(crate) async fn annotate(&self, patch: &Value) {
        self.instances()
            .patch(INSTANCE, &PatchParams::default(), &Patch::Merge(patch))
            .await
            .unwrap();
    }

    /// What whoever runs the platform does with `kubectl patch`.
    pub(crate) async fn edit_platform(&self, patch: &Value) {
        self.judge.edited();
        let platforms = Api::<EmrPlatform>::all(self.client.clone());
        platforms
            .patch("default", &PatchParams::default(), &Patch::Merge(patch))
            .await
            .unwrap();
    }

    pub(crate) async fn delete(&self) {
        let instances = self.instances();
        instances
            .delete(INSTANCE, &DeleteParams::default())
            .await
            .unwrap();
    }

    /// Somebody deletes the only DB cluster.
    pub(crate) fn lose_the_cluster(&self) {
        self.look(|room| {
            let cluster = room.clusters().remove(0);
            assert!(room.tamper_lose_cluster(&cluster));
        });
    }

    /// Somebody takes our tags from the only DB cluster. Hands them back.
    pub(crate) fn disown_the_cluster(&self) -> Tags {
        self.look(|room| {
            let cluster = room.clusters().remove(0);
            room.tamper_tags(&cluster, Tags::new()).unwrap()
        })
    }

    /// Somebody changes a setting of the only DB cluster.
    pub(crate) fn drift(&self) {
        self.look(|room| {
            let cluster = room.clusters().remove(0);
            assert!(room.tamper_cluster(&cluster, |settings| settings.backup_retention_days = 3));
        });
    }
}
