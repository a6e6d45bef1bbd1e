//! What AWS answers, in kinds that say what to do next (invariant 6: every error is retried, and
//! one that needs a person says what to do).
//!
//! One table maps AWS's codes to kinds; a code that is not in it is judged by its HTTP status.

mod codes;
mod identity;
mod kind;
#[cfg(test)]
mod tests;

use std::fmt;

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use emr_resource::Service;

pub use self::kind::ErrorKind;

/// Longest message that is kept: it ends up in status.
const MESSAGE_LIMIT: usize = 700;

/// An AWS call that did not succeed.
///
/// Its text leaves the request id out, so that it is the same on every attempt and a status that
/// carries it does not change by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudError {
    /// What it means for us.
    pub kind: ErrorKind,
    /// AWS's own code: `DBClusterQuotaExceededFault`.
    pub code: Option<String>,
    /// AWS's message, or ours where there was no answer.
    pub message: String,
    /// The API operation: `CreateDBCluster`.
    pub operation: &'static str,
    /// What AWS support asks for.
    pub request_id: Option<String>,
}

impl CloudError {
    /// An error of our own making, without an answer from AWS.
    pub fn new(kind: ErrorKind, operation: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: None,
            message: message.into(),
            operation,
            request_id: None,
        }
    }

    /// An answer of AWS with this code.
    pub fn answered(
        service: Service,
        operation: &'static str,
        code: &str,
        message: impl Into<String>,
    ) -> Self {
        let kind = codes::kind(code).unwrap_or(ErrorKind::Invalid);
        let message = tidy(service, operation, kind, message.into());
        Self {
            kind,
            code: Some(code.to_owned()),
            message,
            operation,
            request_id: None,
        }
    }

    /// An answer of AWS that lacks what we rely on.
    pub fn malformed(operation: &'static str, missing: &str) -> Self {
        Self::new(
            ErrorKind::Transient,
            operation,
            format!("the answer lacks {missing}"),
        )
    }

    /// Not allowed to write now.
    pub fn not_leader(operation: &'static str) -> Self {
        Self::new(
            ErrorKind::NotLeader,
            operation,
            "not sent: the lease of this replica does not last long enough",
        )
    }

    /// Somebody else asked for the same change a moment ago: what came of it is to be looked at.
    pub fn overtaken(operation: &'static str) -> Self {
        Self::new(
            ErrorKind::AlreadyExists,
            operation,
            "not sent: the same change was under way already",
        )
    }

    /// Translates what the SDK tells. A time-out, and a connection that broke after it was made,
    /// leave open whether the request was served.
    pub fn from_sdk<E>(
        service: Service,
        operation: &'static str,
        error: &SdkError<E, HttpResponse>,
    ) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        if let Some(error) = identity::failure(operation, error) {
            return error;
        }
        let chain = |error: &dyn std::error::Error| shorten(chain(error));
        match error {
            SdkError::ServiceError(answer) => {
                let meta = answer.err().meta();
                let status = answer.raw().status().as_u16();
                let code = meta.code().map(str::to_owned);
                let kind = code
                    .as_deref()
                    .and_then(codes::kind)
                    .unwrap_or_else(|| codes::kind_of_status(status));
                let message = match meta.message() {
                    Some(message) => message.to_owned(),
                    None => format!("HTTP status {status}"),
                };
                Self {
                    kind,
                    code,
                    message: tidy(service, operation, kind, message),
                    operation,
                    request_id: request_id(answer.raw()),
                }
            }
            SdkError::ConstructionFailure(_) => {
                Self::new(ErrorKind::Invalid, operation, chain(error))
            }
            SdkError::DispatchFailure(failure) => {
                let kind = if failure.as_connector_error().is_some_and(never_connected) {
                    ErrorKind::Transient
                } else {
                    ErrorKind::MaybeApplied
                };
                Self::new(kind, operation, chain(error))
            }
            _ => Self::new(ErrorKind::MaybeApplied, operation, chain(error)),
        }
    }

    /// See [`ErrorKind::reason`].
    pub const fn reason(&self) -> &'static str {
        self.kind.reason()
    }

    /// See [`ErrorKind::advice`].
    pub const fn advice(&self) -> &'static str {
        self.kind.advice()
    }

    /// See [`ErrorKind::is_retryable_soon`].
    pub const fn is_retryable_soon(&self) -> bool {
        self.kind.is_retryable_soon()
    }

    /// See [`ErrorKind::needs_person`].
    pub const fn needs_person(&self) -> bool {
        self.kind.needs_person()
    }

    /// The same for reads, where "does not exist" is an answer.
    pub fn none_if_not_found<T>(result: Result<T, Self>) -> Result<Option<T>, Self> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Display for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: ", self.operation)?;
        if let Some(code) = &self.code {
            write!(f, "{code}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for CloudError {}

fn never_connected(error: &aws_smithy_runtime_api::client::result::ConnectorError) -> bool {
    // The connector says `other` or `user` for what happened before a connection stood.
    error.is_user()
        || chain(error).contains("tcp connect error")
        || chain(error).contains("dns error")
}

fn request_id(response: &HttpResponse) -> Option<String> {
    ["x-amzn-requestid", "x-amz-request-id"]
        .iter()
        .find_map(|name| response.headers().get(*name))
        .map(str::to_owned)
}

/// The error and all of its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

/// Names the action in a refusal, leaves EC2's encoded blob out, and bounds the length.
fn tidy(service: Service, operation: &str, kind: ErrorKind, mut message: String) -> String {
    if let Some(at) = message.find("Encoded authorization failure message") {
        message.truncate(at);
        message.truncate(message.trim_end().len());
    }
    if kind == ErrorKind::AccessDenied {
        let action = crate::permission::action(service.prefix(), operation);
        // AWS names the action, which may be one that the call depends on: kms:CreateGrant, say.
        let named = message.contains("perform: ") || message.contains(&action);
        if !named {
            message = format!("not allowed to perform {action}: {message}");
        }
    }
    shorten(message)
}

fn shorten(mut message: String) -> String {
    if message.len() > MESSAGE_LIMIT {
        let mut end = MESSAGE_LIMIT;
        while !message.is_char_boundary(end) {
            end -= 1;
        }
        message.truncate(end);
        message.push('…');
    }
    message
}
