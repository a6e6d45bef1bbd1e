//! metrics-server behind the API server's aggregation layer.

use std::{
    fs,
    time::{Duration, Instant},
};

use http::Request;
use kube::Client;
use serde_json::Value;

use crate::{Error, Result, objects, repository};

/// Tells the API server where metrics-server will be.
pub(super) async fn install(client: &Client, port: u16) -> Result<()> {
    let file = repository::control_plane().join("metrics-server/apiservice.yaml");
    let text = fs::read_to_string(&file).map_err(Error::file(&file))?;
    let documents: Vec<Value> = serde_saphyr::from_multiple(&text)
        .map_err(|error| Error::document("apiservice.yaml", error))?;
    for mut document in documents {
        if let Some(place) = document.pointer_mut("/spec/service/port") {
            *place = port.into();
        }
        objects::apply(client, None, document).await?;
    }
    Ok(())
}

/// Waits until there are values for nodes.
pub(super) async fn ready(client: &Client, timeout: Duration) -> Result<()> {
    let begun = Instant::now();
    loop {
        let answer = nodes(client).await;
        let found = answer.as_ref().is_ok_and(|list| {
            list.pointer("/items")
                .and_then(Value::as_array)
                .is_some_and(|items| !items.is_empty())
        });
        if found {
            return Ok(());
        }
        if begun.elapsed() >= timeout {
            let last = answer.map_or_else(|error| error.to_string(), |list| list.to_string());
            return Err(Error::Timeout {
                what: "node metrics".to_owned(),
                after: timeout,
                last,
            });
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

async fn nodes(client: &Client) -> Result<Value, kube::Error> {
    let request = Request::get("/apis/metrics.k8s.io/v1beta1/nodes").body(Vec::new());
    client
        .request(request.map_err(kube::Error::HttpError)?)
        .await
}
