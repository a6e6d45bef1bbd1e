//! Makes the keys that applications sign with: RSA, sealed with a passphrase, in PEM.
//!
//! PBKDF2 and AES-256-CBC: what OpenSSL and so Node open without being told more. Scrypt, today's better
//! choice, is refused by Node's OpenSSL above 32 MiB of memory.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::fill,
    rsa::{KeyPair, KeySize},
};
use pkcs8::{LineEnding, PrivateKeyInfoRef, pkcs5::pbes2::Parameters};
use zeroize::Zeroizing;

/// What stands in the PEM's first line.
const LABEL: &str = "ENCRYPTED PRIVATE KEY";
/// Of PBKDF2 with SHA-256. Source: OWASP, "Password Storage Cheat Sheet".
const ITERATIONS: u32 = 600_000;

/// A key that could not be made.
#[derive(Debug, thiserror::Error)]
#[error("no signing key could be made: {0}")]
pub(super) struct SigningKeyError(&'static str);

/// A new key of 2048 bits that the passphrase opens.
pub(super) fn sealed(passphrase: &str) -> Result<Zeroizing<String>, SigningKeyError> {
    let failed = |what| move |_| SigningKeyError(what);
    let key = KeyPair::generate(KeySize::Rsa2048).map_err(|_| SigningKeyError("generation"))?;
    let der: Pkcs8V1Der<'static> = key.as_der().map_err(|_| SigningKeyError("encoding"))?;
    let (mut salt, mut vector) = ([0; 16], [0; 16]);
    fill(&mut salt).map_err(|_| SigningKeyError("randomness"))?;
    fill(&mut vector).map_err(|_| SigningKeyError("randomness"))?;
    let parameters = Parameters::generate_pbkdf2_sha256_aes256cbc(ITERATIONS, &salt, vector)
        .map_err(failed("parameters"))?;
    let plain = PrivateKeyInfoRef::try_from(der.as_ref()).map_err(|_| SigningKeyError("form"))?;
    let sealed = plain
        .encrypt_with_params(parameters, passphrase)
        .map_err(|_| SigningKeyError("sealing"))?;
    let pem = sealed.to_pem(LABEL, LineEnding::LF);
    pem.map_err(|_| SigningKeyError("form"))
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        process::{Command, Stdio},
    };

    use super::*;

    /// OpenSSL is what the server's Node opens it with.
    fn opens(pem: &str, passphrase: &str) -> bool {
        let mut child = Command::new("openssl")
            .args(["pkey", "-noout", "-passin"])
            .arg(format!("pass:{passphrase}"))
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(pem.as_bytes()).unwrap();
        drop(input);
        child.wait().unwrap().success()
    }

    #[test]
    fn openssl_opens_it_with_the_passphrase_alone() {
        let pem = sealed("Abc123").unwrap();
        assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        assert!(opens(&pem, "Abc123"));
        assert!(!opens(&pem, "Abc124"));
        assert_ne!(*pem, *sealed("Abc123").unwrap());
    }
}
