//! Names as pods look them up: those of the endpoints lead to servers on loopback, each at an address of its
//! own, so that host and port are exactly those that the operator wrote.
//!
//! Debian's `libnss-wrapper` stands between programs and DNS. Recorded with 1.1.12-1.

use std::{
    fmt::Write as _,
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
};

use crate::mariadb::debian;

/// The names.
pub(crate) struct Names {
    library: PathBuf,
    hosts: PathBuf,
    told: Vec<(String, Ipv4Addr)>,
}

impl Names {
    /// Nobody has a name yet; the list is kept in this folder.
    pub(crate) fn find(folder: &Path) -> Option<Self> {
        let library = "usr/lib/x86_64-linux-gnu/libnss_wrapper.so";
        let root = debian::unpacked("nss-wrapper", &["libnss-wrapper"], library)?;
        let names = Self {
            library: root.join(library),
            hosts: folder.join("hosts"),
            told: Vec::new(),
        };
        names.publish();
        Some(names)
    }

    /// Gives a name an address where nothing listens yet, which no other run has.
    pub(crate) fn lead(&mut self, host: &str) -> Ipv4Addr {
        let [.., high, low] = std::process::id().to_be_bytes();
        let nth = u8::try_from(self.told.len()).unwrap();
        let address = Ipv4Addr::new(127, 77 + nth, high, low.clamp(1, 254));
        self.alias(host, address);
        address
    }

    /// Gives an address one more name.
    pub(crate) fn alias(&mut self, host: &str, address: Ipv4Addr) {
        self.told.push((host.to_owned(), address));
        self.publish();
    }

    /// What a program needs in its environment to look names up here.
    pub(crate) fn environment(&self) -> [(&'static str, &Path); 2] {
        [
            ("LD_PRELOAD", &self.library),
            ("NSS_WRAPPER_HOSTS", &self.hosts),
        ]
    }

    fn publish(&self) {
        let mut lines = String::new();
        for (host, address) in &self.told {
            let _ = writeln!(lines, "{address} {host}");
        }
        fs::write(&self.hosts, lines).unwrap();
    }
}
