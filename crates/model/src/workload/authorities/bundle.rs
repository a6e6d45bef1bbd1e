//! A bundle of certificates that a person gave: what is mounted into pods and copied into Secrets
//! is certificates, all of them readable, and nothing else. A private key that was pasted by mistake
//! goes no further.

use emr_resource::ids::Region;
use rustls_pki_types::{CertificateDer, pem::PemObject as _};

/// The most bytes: a region's bundle has some five thousand, and `ConfigMap`, Secret and the
/// platform itself must hold it.
const LONGEST_BUNDLE: usize = 65_536;

/// Why there is nobody to trust.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthoritiesError {
    /// The region's roots are not shipped, and no bundle was given.
    #[error(
        "the operator ships no root certificates of RDS for region {0}: set spec.tls.rdsCaBundle of \
         the EmrPlatform to the text of {0}-bundle.pem (RDS user guide, \"Certificate bundles by AWS \
         Region\")"
    )]
    UnknownRegion(Region),
    /// Too much for one region.
    #[error(
        "spec.tls.rdsCaBundle of the EmrPlatform has {0} bytes, and {LONGEST_BUNDLE} are the most: \
         give the bundle of the platform's region, not that of all regions"
    )]
    TooLong(usize),
    /// No certificate in it.
    #[error(
        "spec.tls.rdsCaBundle of the EmrPlatform holds no certificate in PEM: give the text of \
         REGION-bundle.pem as it was downloaded, from -----BEGIN CERTIFICATE----- on"
    )]
    Empty,
    /// Something else than certificates.
    #[error(
        "spec.tls.rdsCaBundle of the EmrPlatform holds something else than certificates: leave only \
         what stands between BEGIN CERTIFICATE and END CERTIFICATE; a private key that was in it is \
         no longer private, replace it"
    )]
    Foreign,
    /// One can't be read.
    #[error(
        "certificate {nth} in spec.tls.rdsCaBundle of the EmrPlatform can't be read ({why}): give the \
         text of REGION-bundle.pem as it was downloaded"
    )]
    Unreadable {
        /// Which, from 1.
        nth: usize,
        /// What the parser says.
        why: String,
    },
}

impl AuthoritiesError {
    /// The condition's reason.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::UnknownRegion(_) => "UnknownRegion",
            Self::TooLong(_) | Self::Empty | Self::Foreign | Self::Unreadable { .. } => {
                "InvalidSpec"
            }
        }
    }
}

/// The bundle as it is handed on: the same text, ending in one line break.
pub(super) fn checked(text: &str) -> Result<String, AuthoritiesError> {
    if text.len() > LONGEST_BUNDLE {
        return Err(AuthoritiesError::TooLong(text.len()));
    }
    let sections = text.matches("-----BEGIN ").count();
    let certificates = text.matches("-----BEGIN CERTIFICATE-----").count();
    if sections != certificates {
        return Err(AuthoritiesError::Foreign);
    }
    let mut read = 0;
    for certificate in CertificateDer::pem_slice_iter(text.as_bytes()) {
        read += 1;
        let unreadable = |why: String| AuthoritiesError::Unreadable { nth: read, why };
        let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
        webpki::anchor_from_trusted_cert(&certificate)
            .map_err(|error| unreadable(error.to_string()))?;
    }
    match read {
        0 => Err(AuthoritiesError::Empty),
        _ if read != certificates => Err(AuthoritiesError::Unreadable {
            nth: read + 1,
            why: "it does not begin on a line of its own".into(),
        }),
        _ => Ok(format!("{}\n", text.trim_end())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = include_str!("../ca/rds/eu-central-1.pem");

    fn reason(text: &str) -> (&'static str, String) {
        let error = checked(text).unwrap_err();
        (error.reason(), error.to_string())
    }

    #[test]
    fn every_shipped_bundle_would_pass() {
        assert_eq!(
            checked(GOOD.trim_end()).unwrap().trim_end(),
            GOOD.trim_end()
        );
        assert!(checked(include_str!("../ca/amazon-roots.pem")).is_ok());
        // As Windows saves it, and with the comments that some bundles carry.
        assert!(checked(&format!("# roots\r\n{}", GOOD.replace('\n', "\r\n"))).is_ok());
    }

    #[test]
    fn what_is_no_bundle_is_refused_with_field_and_remedy() {
        let first_line = GOOD.lines().nth(1).unwrap();
        let cut = GOOD.replacen("-----END CERTIFICATE-----", "", 1);
        let torn = GOOD.replacen(first_line, &first_line[..32], 1);
        let base64 = GOOD.replacen(first_line, "!!!!", 1);
        let key =
            format!("{GOOD}-----BEGIN PRIVATE KEY-----\nMC4CAQ==\n-----END PRIVATE KEY-----\n");
        let glued = format!("x{GOOD}");
        let long = GOOD.repeat(20);
        for (text, says) in [
            ("", "holds no certificate"),
            ("https://example.org/bundle.pem", "holds no certificate"),
            (key.as_str(), "something else than certificates"),
            (cut.as_str(), "certificate 1"),
            (torn.as_str(), "certificate 1"),
            (base64.as_str(), "certificate 1"),
            (glued.as_str(), "can't be read"),
            (long.as_str(), "not that of all regions"),
        ] {
            let (reason, message) = reason(text);
            assert_eq!(reason, "InvalidSpec", "{message}");
            assert!(message.contains("spec.tls.rdsCaBundle"), "{message}");
            assert!(message.contains(says), "{says}: {message}");
            assert!(!message.contains("MC4CAQ"), "{message}");
        }
    }
}
