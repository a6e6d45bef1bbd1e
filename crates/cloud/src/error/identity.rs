//! A call that was never sent, because nobody could say as whom. A person is needed where the
//! identity is missing or refused; an STS that is busy, out of order or silent passes by itself.

use std::error::Error;

use aws_sdk_sts::operation::{
    assume_role::AssumeRoleError, assume_role_with_web_identity::AssumeRoleWithWebIdentityError,
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use emr_resource::Service;

use super::{CloudError, ErrorKind, chain, shorten};

type Role = SdkError<AssumeRoleError, HttpResponse>;
type WebIdentity = SdkError<AssumeRoleWithWebIdentityError, HttpResponse>;

/// What kept `operation` from having an identity; `None` if it had one.
pub(super) fn failure<E>(
    operation: &'static str,
    error: &SdkError<E, HttpResponse>,
) -> Option<CloudError>
where
    E: Error + 'static,
{
    let (SdkError::ConstructionFailure(_) | SdkError::DispatchFailure(_)) = error else {
        return None;
    };
    let text = chain(error);
    if !is_about_credentials(&text) {
        return None;
    }
    if let Some(sts) = of_sts(error) {
        // Whatever became of the role, `operation` itself was not sent.
        let kind = match sts.kind {
            ErrorKind::Throttled | ErrorKind::Transient | ErrorKind::MaybeApplied => {
                ErrorKind::Transient
            }
            _ => ErrorKind::Credentials,
        };
        return Some(CloudError::new(kind, operation, sts.to_string()));
    }
    let kind = if text.contains("timed out") {
        ErrorKind::Transient
    } else {
        ErrorKind::Credentials
    };
    Some(CloudError::new(kind, operation, shorten(text)))
}

/// What STS said, or that it said nothing: among the causes, since STS lacks an identity itself at
/// times.
fn of_sts(error: &(dyn Error + 'static)) -> Option<CloudError> {
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(error) = cause.downcast_ref::<Role>() {
            return Some(CloudError::from_sdk(Service::Sts, "AssumeRole", error));
        }
        if let Some(error) = cause.downcast_ref::<WebIdentity>() {
            let operation = "AssumeRoleWithWebIdentity";
            return Some(CloudError::from_sdk(Service::Sts, operation, error));
        }
        next = cause.source();
    }
    None
}

fn is_about_credentials(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("credential") || text.contains("identity resolver") || text.contains("assumerole")
}
