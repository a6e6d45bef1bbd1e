//! Whether an instance can be reached, and how to open it (safety.md 11).

use emr_api::{EmrInstance, emr_platform::EmrPlatformSpec, labels};
use kube::ResourceExt;

use super::{Application, Validated, restore};
use crate::{
    medplum::API_PORT,
    workload::names::{LABEL, fit},
};

/// Why nobody reaches a restored copy yet.
pub(super) const FENCED: &str = "Fenced";

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

/// Whether a copy of what may run elsewhere must not be reached, nor reach anybody.
pub fn is_fenced(instance: &EmrInstance) -> bool {
    restore::is_restored(instance) && !restore::is_released(instance)
}

/// Decides it: the fence around a restored copy first, then addresses, then a certificate.
pub fn exposure(
    instance: &EmrInstance,
    validated: &Validated,
    platform: &EmrPlatformSpec,
) -> Exposure {
    if is_fenced(instance) {
        let (name, namespace) = (
            instance.name_any(),
            instance.namespace().unwrap_or_default(),
        );
        if restore::is_for_a_drill(instance) {
            return Exposure::Closed {
                reason: FENCED,
                message:
                    "a drill's copy: nobody is let in, it sends nothing, and it is wiped when \
                          the drill is over"
                        .into(),
            };
        }
        let (deployment, ports) = match validated.application {
            Application::Medplum(_) => ("medplum", format!("{API_PORT}:{API_PORT}")),
            Application::OpenEmr(_) => ("openemr", "8443:443".to_owned()),
        };
        let deployment = fit(&name, deployment, LABEL);
        return Exposure::Closed {
            reason: FENCED,
            message: format!(
                "restored, and kept apart: nobody is let in, and it sends nothing. Look at it with \
                 `kubectl -n {namespace} port-forward deployment/{deployment} {ports}`; to let it \
                 out, `kubectl -n {namespace} annotate --overwrite emrinstance {name} {}={}`",
                labels::RELEASED,
                restore::release_word(instance)
            ),
        };
    }
    wanted(validated, platform)
}

/// The certificate of its load balancer, where it has one. An instance that was put back in place keeps
/// its own while it is fenced, closed by its security group: another would have another address, and names
/// lead to this one.
pub fn load_balancer(
    instance: &EmrInstance,
    validated: &Validated,
    platform: &EmrPlatformSpec,
) -> Option<String> {
    let kept = is_fenced(instance) && restore::is_put_back(instance);
    let exposure = if kept {
        wanted(validated, platform)
    } else {
        exposure(instance, validated, platform)
    };
    match exposure {
        Exposure::Open { certificate_arn } => Some(certificate_arn),
        Exposure::Closed { .. } => None,
    }
}

/// Addresses first, then a certificate.
fn wanted(validated: &Validated, platform: &EmrPlatformSpec) -> Exposure {
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
