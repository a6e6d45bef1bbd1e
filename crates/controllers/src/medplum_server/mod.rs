//! Medplum's servers, asked one by one: a load balancer would hide which of them answers.
//!
//! The only place that speaks to an application. What the answers mean is the model's to say.

mod http;

use std::net::IpAddr;

use async_trait::async_trait;
use emr_model::medplum::{Credentials, running::Migrations};
use serde_json::Value;

pub use http::Http;

/// Medplum's servers.
#[async_trait]
pub trait MedplumServers: Send + Sync {
    /// What a server says of itself, to anybody.
    async fn healthcheck(&self, server: IpAddr) -> Result<Value, ServerError>;

    /// What a server says of its data migrations, to a super administrator.
    async fn migrations(
        &self,
        server: IpAddr,
        admin: &Credentials,
    ) -> Result<Migrations, ServerError>;
}

/// Why a server could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The request could not be built.
    #[error("{0} is no request")]
    Request(&'static str, #[source] ::http::Error),
    /// No connection, or it broke.
    #[error("no answer to {0}")]
    Unreachable(
        &'static str,
        #[source] Box<dyn std::error::Error + Send + Sync>,
    ),
    /// It takes too long.
    #[error("no answer to {0} in time")]
    TimedOut(&'static str),
    /// An answer that is no success.
    #[error("{0} was answered with status {1}")]
    Status(&'static str, u16),
    /// An answer that is no JSON, or not what is asked for.
    #[error("the answer to {0} is not understood")]
    Malformed(&'static str),
    /// The super administrator is not let in.
    #[error("the super administrator is not let in: {0}")]
    LoginRefused(&'static str),
}

impl ServerError {
    /// For people, with the next step where there is one.
    pub(crate) fn told(&self) -> String {
        match self {
            Self::LoginRefused(_) => format!(
                "{self}; put the password of that account into the secret that status.adminSecretArn names"
            ),
            _ => self.to_string(),
        }
    }
}
