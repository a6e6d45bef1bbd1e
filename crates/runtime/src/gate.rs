//! The one door for writes.
//!
//! Invariant: no mutating request starts unless it can end, retries included, while this process
//! still leads. The door is a wrapper around the client, so that nobody can forget to ask.

use std::{sync::Arc, time::Duration};

use http::{Method, Request, Response};
use kube::{Client, client::Body};
use tower::BoxError;

use crate::{Leadership, Metrics, path::ApiPath};

/// The write was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not sent, because the lease ends too soon")]
pub struct Refused;

impl Refused {
    pub(crate) fn caused(error: &kube::Error) -> bool {
        matches!(error, kube::Error::Service(inner) if inner.is::<Self>())
    }
}

/// The write took longer than it was given, and may or may not have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no answer within {} s", .0.as_secs())]
pub struct TimedOut(pub Duration);

/// A client that writes only under the lease, each attempt within `timeout`, and counts writes.
///
/// Reads, watches and dry runs pass. The lease itself must be written through another client.
pub fn gated(
    client: Client,
    leadership: Leadership,
    metrics: Metrics,
    timeout: Duration,
) -> Client {
    let namespace = client.default_namespace().to_owned();
    let gate = Arc::new(Gate {
        client,
        leadership,
        metrics,
        timeout,
    });
    let service = tower::service_fn(move |request: Request<Body>| {
        let gate = Arc::clone(&gate);
        async move { gate.pass(request).await }
    });
    Client::new(service, namespace)
}

struct Gate {
    client: Client,
    leadership: Leadership,
    metrics: Metrics,
    timeout: Duration,
}

impl Gate {
    async fn pass(&self, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let Some(verb) = writes(&request) else {
            return Ok(self.client.send(request).await?);
        };
        if !self.leadership.allows(self.timeout) {
            return Err(Refused.into());
        }
        let plural = ApiPath::parse(request.uri().path()).map_or("other", |path| path.plural);
        self.metrics.kube_write(plural, verb);
        match tokio::time::timeout(self.timeout, self.client.send(request)).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(TimedOut(self.timeout).into()),
        }
    }
}

/// The verb of a request that changes something.
fn writes<B>(request: &Request<B>) -> Option<&'static str> {
    let dry = request
        .uri()
        .query()
        .is_some_and(|query| query.contains("dryRun="));
    match *request.method() {
        _ if dry => None,
        Method::POST => Some("create"),
        Method::PUT => Some("update"),
        Method::PATCH => Some("patch"),
        Method::DELETE => Some("delete"),
        _ => None,
    }
}
