//! Whether an instance can be reached, and how to open it (safety.md 11).

use emr_api::emr_platform::EmrPlatformSpec;

use super::Validated;

/// Whether an instance is to be reached from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// Nobody is let in.
    Closed {
        /// The condition's reason.
        reason: &'static str,
        /// How to open it.
        message: String,
    },
    /// The listed addresses are let in over this certificate.
    Open {
        /// A certificate in ACM.
        certificate_arn: String,
    },
}

/// Decides it: addresses first, then a certificate.
pub fn exposure(validated: &Validated, platform: &EmrPlatformSpec) -> Exposure {
    if validated.allowed.is_empty() {
        return Exposure::Closed {
            reason: "NobodyAllowed",
            message: "nobody is let in: list address ranges in spec.access.allowedCidrs".into(),
        };
    }
    match platform.certificate_arn() {
        Some(arn) => Exposure::Open {
            certificate_arn: arn.to_owned(),
        },
        None => Exposure::Closed {
            reason: "CertificateRequired",
            message: "there is no certificate to serve: set spec.tls.certificateArn of the \
                      EmrPlatform to one in ACM that covers the host name"
                .into(),
        },
    }
}
