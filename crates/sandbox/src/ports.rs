//! Free ports on loopback, and whose process listens on one.

use std::{
    collections::{BTreeSet, hash_map::RandomState},
    fs,
    hash::{BuildHasher as _, Hasher as _},
    net::{Ipv4Addr, TcpListener},
    os::unix::ffi::OsStrExt as _,
    sync::{Mutex, PoisonError},
};

use crate::{Error, Result};

/// Below the range from which the kernel takes ports for outgoing connections.
const FIRST: u16 = 20_000;
const COUNT: u16 = 10_000;

/// `N` ports that nobody listens on. They can be taken before their process binds them: callers
/// check with [`listens`] and try again.
pub(crate) fn free<const N: usize>() -> Result<[u16; N]> {
    // What starts beside us in this process may not listen yet on what it was given.
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    // A random start keeps sandboxes that start at the same moment apart.
    let random = RandomState::new().build_hasher().finish();
    let start = u16::try_from(random % u64::from(COUNT)).unwrap_or_default();
    let mut held = (0..COUNT)
        .map(|step| FIRST + (start + step) % COUNT)
        .filter(|port| !given.contains(port))
        .filter_map(|port| {
            TcpListener::bind((Ipv4Addr::LOCALHOST, port))
                .ok()
                .map(|l| (port, l))
        });
    let mut found = Vec::with_capacity(N);
    found.extend(held.by_ref().take(N));
    let ports: Vec<u16> = found.iter().map(|(port, _)| *port).collect();
    drop(held);
    given.extend(&ports);
    ports.try_into().map_err(|_| Error::NoPort)
}

/// Whether the process `pid` itself listens on `port`.
pub(crate) fn listens(pid: i32, port: u16) -> bool {
    let sockets = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| listening_sockets(&table, port))
        .map(|inode| format!("socket:[{inode}]"))
        .collect::<Vec<_>>();
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    descriptors
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .any(|target| {
            sockets
                .iter()
                .any(|socket| socket.as_bytes() == target.as_os_str().as_bytes())
        })
}

/// The inodes of sockets that listen on `port`, from a table of `/proc/net`.
fn listening_sockets(table: &str, port: u16) -> Vec<String> {
    const LISTEN: &str = "0A";
    let suffix = format!(":{port:04X}");
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [_, local, _, state, _, _, _, _, _, inode, ..] = fields[..] else {
                return None;
            };
            (local.ends_with(&suffix) && state == LISTEN).then(|| inode.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_process_that_listens_is_found() {
        let [port, other] = free().unwrap();
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        let me = i32::try_from(std::process::id()).unwrap();
        assert!(listens(me, port));
        assert!(!listens(me, other));
        assert!(!listens(1, port));
    }
}
