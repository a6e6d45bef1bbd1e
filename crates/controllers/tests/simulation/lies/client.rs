//! A client that bends what goes through it.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, header::CONTENT_LENGTH};
use http_body_util::BodyExt;
use kube::{Client, client::Body};
use serde_json::Value;
use tower::BoxError;

/// A request that changes something.
pub(crate) struct Sent<'a> {
    pub(crate) path: &'a str,
    pub(crate) body: &'a mut Value,
}

/// Bends every object that is answered, alone, in a list or in a watch.
pub(crate) fn bent_answers(client: Client, bend: fn(&mut Value)) -> Client {
    let service = tower::service_fn(move |request: Request<Body>| {
        let client = client.clone();
        async move {
            let (parts, body) = client.send(request).await?.into_parts();
            let body = body.map_frame(move |frame| frame.map_data(|data| answered(&data, bend)));
            Ok::<_, BoxError>(Response::from_parts(parts, body))
        }
    });
    Client::new(service, "default")
}

/// The server in memory sends a whole answer, or a whole event, as one frame.
fn answered(data: &Bytes, bend: fn(&mut Value)) -> Bytes {
    let Ok(mut value) = serde_json::from_slice::<Value>(data) else {
        return data.clone();
    };
    if let Some(items) = value.get_mut("items").and_then(Value::as_array_mut) {
        items.iter_mut().for_each(bend);
    } else if value["object"].is_object() {
        bend(&mut value["object"]);
    } else {
        bend(&mut value);
    }
    Bytes::from(format!("{value}\n"))
}

/// Bends every request that changes something.
pub(crate) fn bent_requests(
    client: Client,
    bend: impl Fn(Sent<'_>) + Send + Sync + 'static,
) -> Client {
    let bend = Arc::new(bend);
    let service = tower::service_fn(move |request: Request<Body>| {
        let (client, bend) = (client.clone(), Arc::clone(&bend));
        async move {
            let (mut parts, body) = request.into_parts();
            let mut bytes = body.collect_bytes().await?;
            if let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) {
                let path = parts.uri.path().to_owned();
                bend(Sent {
                    path: &path,
                    body: &mut value,
                });
                bytes = Bytes::from(value.to_string());
                parts.headers.remove(CONTENT_LENGTH);
            }
            let request = Request::from_parts(parts, Body::from(bytes.to_vec()));
            Ok::<_, BoxError>(client.send(request).await?)
        }
    });
    Client::new(service, "default")
}
