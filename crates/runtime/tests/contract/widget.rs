//! A custom resource of no meaning.

use k8s_openapi::{
    api::core::v1::Namespace,
    apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use kube::{
    Api, Client, CustomResource, CustomResourceExt,
    api::{ObjectMeta, Patch, PatchParams, PostParams},
    runtime::{conditions, wait::await_condition},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "contract.example",
    version = "v1",
    kind = "Widget",
    namespaced,
    status = "WidgetStatus"
)]
#[kube(derive = "PartialEq", derive = "Default")]
#[serde(rename_all = "camelCase")]
pub struct WidgetSpec {
    pub size: i32,
    #[serde(default = "red")]
    pub colour: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WidgetStatus {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

fn red() -> String {
    "red".to_owned()
}

pub fn crd() -> CustomResourceDefinition {
    Widget::crd()
}

pub fn widget(name: &str, size: i32) -> Widget {
    Widget::new(
        name,
        WidgetSpec {
            size,
            colour: red(),
            note: None,
        },
    )
}

pub async fn install(client: &Client) {
    let api: Api<CustomResourceDefinition> = Api::all(client.clone());
    let name = "widgets.contract.example";
    api.patch(
        name,
        &PatchParams::apply("contract").force(),
        &Patch::Apply(crd()),
    )
    .await
    .unwrap();
    await_condition(api, name, conditions::is_crd_established())
        .await
        .unwrap();
}

/// A namespace of the test's own.
pub async fn namespace(client: &Client, test: &str) -> String {
    let api: Api<Namespace> = Api::all(client.clone());
    let start: String = test.replace('_', "-").chars().take(40).collect();
    let object = Namespace {
        metadata: ObjectMeta {
            generate_name: Some(format!("{start}-")),
            ..ObjectMeta::default()
        },
        ..Namespace::default()
    };
    api.create(&PostParams::default(), &object)
        .await
        .unwrap()
        .metadata
        .name
        .unwrap()
}
