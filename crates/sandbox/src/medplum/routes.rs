//! The routes that the operator asks, each as strict as the server's.

use std::{convert::Infallible, sync::Arc};

use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use serde_json::{Value, json};

use super::answers::{Answers, Server};

pub(super) async fn answer(
    server: Arc<Server>,
    answers: Arc<Answers>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    let body = body.unwrap_or_default();
    let kind = head.headers.get(header::CONTENT_TYPE);
    let is_form = kind.is_some_and(|kind| kind == "application/x-www-form-urlencoded");
    let token = head.headers.get(header::AUTHORIZATION);
    let token = token.and_then(|of| of.to_str().ok()?.strip_prefix("Bearer "));
    let is_known = token.is_some_and(|token| answers.is_known(&server, token));
    let refused = || Err(StatusCode::BAD_REQUEST);
    let told = match (head.method.as_str(), head.uri.path()) {
        ("GET", "/healthcheck") => {
            let version = format!("{}-1a2b3c4", server.version);
            Ok(json!({"ok": true, "version": version, "postgres": true, "redis": true}))
        }
        ("POST", "/auth/login") => {
            let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
            answers
                .sign_in(&server, &asked)
                .await
                .map_or_else(refused, Ok)
        }
        ("POST", "/oauth2/token") if is_form => {
            let field = |name: &str| {
                let mut all = form_urlencoded::parse(&body);
                let found = all.find(|(key, _)| key == name);
                found
                    .map(|(_, value)| value.into_owned())
                    .unwrap_or_default()
            };
            let (code, verifier) = (field("code"), field("code_verifier"));
            let granted = (field("grant_type") == "authorization_code")
                .then(|| answers.token(&server, &code, &verifier))
                .flatten();
            granted.map_or_else(refused, Ok)
        }
        ("GET", "/admin/super/migrations" | "/fhir/R4/AsyncJob") if !is_known => {
            Err(StatusCode::UNAUTHORIZED)
        }
        ("GET", "/admin/super/migrations") => Ok(answers.pending(&server)),
        ("GET", "/fhir/R4/AsyncJob") => Ok(answers.jobs(&server)),
        _ => Err(StatusCode::NOT_FOUND),
    };
    let (status, body) = match told {
        Ok(body) => (StatusCode::OK, body),
        Err(status) => (status, json!({"resourceType": "OperationOutcome"})),
    };
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}
