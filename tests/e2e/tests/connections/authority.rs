//! An authority of the test's own, in the place of those that sign for RDS and `ElastiCache`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::mariadb::{Tls, debian::run};

/// Who signs servers' certificates.
pub(crate) struct Authority {
    folder: PathBuf,
}

impl Authority {
    /// Makes it in a new folder.
    pub(crate) fn make(folder: &Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        let authority = Self {
            folder: folder.to_owned(),
        };
        run(authority.request("CN=authority", "ca").args([
            "-addext",
            "basicConstraints=critical,CA:TRUE",
            "-addext",
            "keyUsage=critical,keyCertSign",
        ]))
        .unwrap();
        authority
    }

    /// Its certificate, as PEM.
    pub(crate) fn pem(&self) -> String {
        fs::read_to_string(self.file("ca", "pem")).unwrap()
    }

    /// A certificate for this host and no other.
    pub(crate) fn issue(&self, host: &str) -> Tls {
        let mut issue = self.request("CN=server", host);
        issue.arg("-CA").arg(self.file("ca", "pem"));
        issue.arg("-CAkey").arg(self.file("ca", "key"));
        issue.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
        issue.args(["-addext", &format!("subjectAltName=DNS:{host}")]);
        run(&mut issue).unwrap();
        Tls {
            certificate: self.file(host, "pem"),
            key: self.file(host, "key"),
        }
    }

    fn request(&self, subject: &str, name: &str) -> Command {
        let mut request = Command::new("openssl");
        request.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes"]);
        request.args(["-days", "2", "-subj", &format!("/{subject}")]);
        // Nothing of the machine's own defaults.
        request.args(["-config", "/dev/null", "-out"]);
        request.arg(self.file(name, "pem"));
        request.arg("-keyout").arg(self.file(name, "key"));
        request
    }

    fn file(&self, name: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{name}.{ending}"))
    }
}
