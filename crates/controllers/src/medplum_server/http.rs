//! Over HTTP to a pod's own address, inside the VPC, where nobody but the operator is let in by
//! `NetworkPolicy`.
//!
//! A super administrator signs in as a person does, by `/auth/login` and the code that it gives; the token lives
//! as long as one look. No credential is ever part of an error or a log.

use std::{net::IpAddr, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use emr_model::medplum::{API_PORT, Credentials, running::Migrations};
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{MedplumServers, ServerError};

/// A server that is busy with its one thread may take a while.
const PATIENCE: Duration = Duration::from_secs(5);
/// More than any of these answers has.
const LONGEST_ANSWER: usize = 1 << 20;

const HEALTHCHECK: &str = "/healthcheck";
const LOGIN: &str = "/auth/login";
const PROFILE: &str = "/auth/profile";
const TOKEN: &str = "/oauth2/token";
const PENDING: &str = "/admin/super/migrations";
/// The system's own jobs, which belong to no project.
const JOBS: &str =
    "/fhir/R4/AsyncJob?type=data-migration&_project:missing=true&_sort=-_lastUpdated&_count=50";

/// The project that the server makes for its super administrators.
const ADMINS: &str = "Super Admin";

/// Asks over HTTP.
#[derive(Clone, Debug)]
pub struct Http(Client<HttpConnector, Full<Bytes>>);

impl Default for Http {
    fn default() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(PATIENCE));
        let mut builder = Client::builder(TokioExecutor::new());
        // A pod that is asked once is not asked again soon.
        Self(builder.pool_max_idle_per_host(0).build(connector))
    }
}

/// A request's body, with its type.
struct Body(&'static str, Vec<u8>);

impl Http {
    async fn ask(
        &self,
        server: IpAddr,
        path: &'static str,
        body: Option<Body>,
        token: Option<&str>,
    ) -> Result<Value, ServerError> {
        let host = match server {
            IpAddr::V4(address) => format!("{address}:{API_PORT}"),
            IpAddr::V6(address) => format!("[{address}]:{API_PORT}"),
        };
        let method = if body.is_some() {
            Method::POST
        } else {
            Method::GET
        };
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://{host}{path}"))
            .header(header::ACCEPT, "application/json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let bytes = match body {
            Some(Body(kind, bytes)) => {
                request = request.header(header::CONTENT_TYPE, kind);
                bytes
            }
            None => Vec::new(),
        };
        let request = request
            .body(Full::new(Bytes::from(bytes)))
            .map_err(|error| ServerError::Request(path, error))?;
        tokio::time::timeout(PATIENCE, self.send(path, request))
            .await
            .map_err(|_| ServerError::TimedOut(path))?
    }

    async fn send(
        &self,
        path: &'static str,
        request: Request<Full<Bytes>>,
    ) -> Result<Value, ServerError> {
        let answer = self.0.request(request).await;
        let answer = answer.map_err(|error| ServerError::Unreachable(path, error.into()))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LONGEST_ANSWER);
        let body = body
            .collect()
            .await
            .map_err(|error| ServerError::Unreachable(path, error))?;
        if status != StatusCode::OK {
            return Err(ServerError::Status(path, status.as_u16()));
        }
        serde_json::from_slice(&body.to_bytes()).map_err(|_| ServerError::Malformed(path))
    }

    /// A token for one look.
    async fn sign_in(
        &self,
        server: IpAddr,
        admin: &Credentials,
    ) -> Result<Zeroizing<String>, ServerError> {
        let verifier = format!(
            "{:032x}{:032x}",
            rand::random::<u128>(),
            rand::random::<u128>()
        );
        let login = json!({
            "email": admin.username, "password": *admin.password, "scope": "openid",
            "codeChallengeMethod": "plain", "codeChallenge": verifier,
        });
        let told = self.ask(server, LOGIN, Some(json_body(&login)), None).await;
        let mut told = told.map_err(|error| match error {
            ServerError::Status(_, 400 | 401 | 403) => {
                ServerError::LoginRefused("its password is not the one in its secret")
            }
            other => other,
        })?;
        if let Some(profile) = profile(&told) {
            let chosen = json!({"login": told["login"], "profile": profile});
            told = self
                .ask(server, PROFILE, Some(json_body(&chosen)), None)
                .await?;
        }
        let Some(code) = told.get("code").and_then(Value::as_str) else {
            let second = told.get("mfaRequired").or(told.get("mfaEnrollRequired"));
            return Err(match second {
                Some(_) => ServerError::LoginRefused("it has a second factor"),
                None => ServerError::Malformed(LOGIN),
            });
        };
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("code_verifier", &verifier)
            .finish();
        let body = Body("application/x-www-form-urlencoded", form.into_bytes());
        let told = self.ask(server, TOKEN, Some(body), None).await?;
        let token = told.get("access_token").and_then(Value::as_str);
        token
            .map(|token| Zeroizing::new(token.to_owned()))
            .ok_or(ServerError::Malformed(TOKEN))
    }
}

/// Which of several memberships to act as: that of the project whose members may look at migrations.
fn profile(told: &Value) -> Option<&Value> {
    let all = told.get("memberships")?.as_array()?;
    let is_admins = |of: &&Value| {
        let project = of.pointer("/project/display").and_then(Value::as_str);
        project == Some(ADMINS)
    };
    all.iter().find(is_admins).or(all.first())?.get("id")
}

fn json_body(value: &Value) -> Body {
    Body("application/json", value.to_string().into_bytes())
}

#[async_trait]
impl MedplumServers for Http {
    async fn healthcheck(&self, server: IpAddr) -> Result<Value, ServerError> {
        self.ask(server, HEALTHCHECK, None, None).await
    }

    async fn migrations(
        &self,
        server: IpAddr,
        admin: &Credentials,
    ) -> Result<Migrations, ServerError> {
        let token = self.sign_in(server, admin).await?;
        Ok(Migrations {
            pending: self.ask(server, PENDING, None, Some(&token)).await?,
            jobs: self.ask(server, JOBS, None, Some(&token)).await?,
        })
    }
}
