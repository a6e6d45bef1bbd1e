//! What can go wrong between us and the API server.
//!
//! One enum for the whole crate, because every module makes the same kind of request. A message
//! names verb, kind and object, never a value: objects may be Secrets.

use crate::gate::Refused;

/// The result of a request.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A request that failed, or one that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API server refused, or was not reached.
    #[error("failed to {verb} {kind} {name}")]
    Request {
        /// What was tried: `apply`, `delete`, …
        verb: &'static str,
        /// The kind.
        kind: String,
        /// The object, as `namespace/name` or `name`.
        name: String,
        /// Why.
        #[source]
        source: Box<kube::Error>,
    },
    /// An object could not be turned into JSON, or back.
    #[error("failed to encode {kind}")]
    Encode {
        /// The kind.
        kind: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// An object without a name can't be written.
    #[error("{kind} has no name")]
    Nameless {
        /// The kind.
        kind: String,
    },
}

impl Error {
    /// Wraps an error of the client.
    pub fn request(verb: &'static str, kind: &str, name: &str, source: kube::Error) -> Self {
        Self::Request {
            verb,
            kind: kind.to_owned(),
            name: name.to_owned(),
            source: Box::new(source),
        }
    }

    pub(crate) fn encode(kind: &str, source: serde_json::Error) -> Self {
        Self::Encode {
            kind: kind.to_owned(),
            source,
        }
    }

    fn status(&self) -> Option<&kube::core::Status> {
        match self {
            Self::Request { source, .. } => match source.as_ref() {
                kube::Error::Api(status) => Some(status),
                _ => None,
            },
            Self::Encode { .. } | Self::Nameless { .. } => None,
        }
    }

    /// Somebody changed the object since it was read. The next pass sees it.
    pub fn is_conflict(&self) -> bool {
        self.status().is_some_and(kube::core::Status::is_conflict)
    }

    /// The object is not there.
    pub fn is_not_found(&self) -> bool {
        self.status().is_some_and(kube::core::Status::is_not_found)
    }

    /// The object is there, and was not expected to be.
    pub fn is_already_exists(&self) -> bool {
        self.status()
            .is_some_and(kube::core::Status::is_already_exists)
    }

    /// Our role does not allow it, a policy refuses it, or the namespace is going away.
    pub fn is_forbidden(&self) -> bool {
        self.status().is_some_and(kube::core::Status::is_forbidden)
    }

    /// The API server says that the object is wrong, so trying again soon can't help.
    pub fn is_invalid(&self) -> bool {
        self.status().is_some_and(kube::core::Status::is_invalid)
    }

    /// The write was not sent, because the lease does not last long enough.
    pub fn is_refused(&self) -> bool {
        match self {
            Self::Request { source, .. } => Refused::caused(source),
            Self::Encode { .. } | Self::Nameless { .. } => false,
        }
    }

    /// One word for events, metrics and conditions.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Nameless { .. } | Self::Encode { .. } => "InvalidObject",
            _ if self.is_refused() => "NotLeader",
            _ if self.is_conflict() => "Conflict",
            _ if self.is_forbidden() => "Forbidden",
            _ if self.is_invalid() => "Rejected",
            _ if self.is_not_found() => "NotFound",
            Self::Request { .. } => "KubernetesUnavailable",
        }
    }

    /// The whole chain of causes on one line.
    pub fn describe(&self) -> String {
        chain(self)
    }
}

/// An error and its causes on one line, without saying anything twice.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        // The client repeats a refusal as a data structure; its message is enough.
        let refusal = refusal(error);
        let said = refusal.map_or_else(|| error.to_string(), |status| status.message.clone());
        if !text.contains(&said) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&said);
        }
        next = error.source().filter(|_| refusal.is_none());
    }
    text
}

fn refusal<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a kube::core::Status> {
    let boxed = error.downcast_ref::<Box<kube::Error>>().map(Box::as_ref);
    match boxed.or_else(|| error.downcast_ref())? {
        kube::Error::Api(status) => Some(status),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use kube::core::Status;

    use super::*;

    #[test]
    fn a_refusal_is_said_once_and_plainly() {
        let status = Status::failure("it is too large", "Invalid").with_code(422);
        let source = kube::Error::Api(status.boxed());
        let error = Error::request("apply", "Widget", "a/b", source);
        assert_eq!(
            error.describe(),
            "failed to apply Widget a/b: it is too large"
        );
        assert!(error.is_invalid());
        assert_eq!(error.reason(), "Rejected");
    }
}
