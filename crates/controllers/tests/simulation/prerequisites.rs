//! What an EKS cluster that is ready for instances has: the metrics API, the driver for EFS and the
//! load balancer controller's class.

use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use kube::{
    Api,
    api::{Patch, PatchParams, PostParams},
};
use serde_json::json;

use crate::world::World;

/// As their charts and add-ons make them.
const OBJECTS: &str = "
apiVersion: storage.k8s.io/v1
kind: CSIDriver
metadata: {name: efs.csi.aws.com}
spec: {attachRequired: false}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: alb}
spec: {controller: ingress.k8s.aws/alb}
";
const METRICS: &str = "v1beta1.metrics.k8s.io";

pub(crate) async fn install(world: &World) {
    let service: APIService = serde_json::from_value(json!({
        "metadata": {"name": METRICS},
        "spec": {"groupPriorityMinimum": 100, "versionPriority": 100},
        "status": {"conditions": [{"type": "Available", "status": "True"}]}
    }))
    .unwrap();
    let api = Api::<APIService>::all(world.client.clone());
    api.create(&PostParams::default(), &service).await.unwrap();
    let available = Patch::Merge(json!({"status": service.status}));
    let params = PatchParams::default();
    api.patch_status(METRICS, &params, &available)
        .await
        .unwrap();
    world.apply(OBJECTS).await;
}
