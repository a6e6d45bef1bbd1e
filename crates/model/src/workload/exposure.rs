//! Who may reach an instance, and how.

use std::collections::BTreeSet;

use emr_resource::ids::{Arn, SecurityGroupId};

/// Who may reach an instance. Exists only with a certificate and at least one address range: the
/// load balancer controller reads an empty list as the whole world (safety.md 11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    certificate: Arn,
    allowed_cidrs: BTreeSet<String>,
    frontend: SecurityGroupId,
}

impl Exposure {
    /// `None` while there is no certificate or nobody is allowed.
    pub fn new(
        certificate: Option<Arn>,
        allowed_cidrs: BTreeSet<String>,
        frontend: SecurityGroupId,
    ) -> Option<Self> {
        let certificate = certificate.filter(|arn| !arn.as_str().is_empty())?;
        if allowed_cidrs.is_empty() {
            return None;
        }
        Some(Self {
            certificate,
            allowed_cidrs,
            frontend,
        })
    }

    /// The certificate that the load balancer shows.
    pub const fn certificate(&self) -> &Arn {
        &self.certificate
    }

    /// The address ranges that are let in; never empty.
    pub const fn allowed_cidrs(&self) -> &BTreeSet<String> {
        &self.allowed_cidrs
    }

    /// The security group in front of the load balancer, which the operator owns.
    pub const fn frontend(&self) -> &SecurityGroupId {
        &self.frontend
    }
}
