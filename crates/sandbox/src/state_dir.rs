//! The folder of one sandbox: keys, data and logs. It goes with the sandbox unless something failed.

use std::{
    env,
    path::{Path, PathBuf},
    thread,
};

use crate::{Error, Result};

const KEEP: &str = "EMR_SANDBOX_KEEP";

/// A folder that is removed on drop, unless the thread panics or `EMR_SANDBOX_KEEP` is set.
#[derive(Debug)]
pub(crate) struct StateDir {
    path: PathBuf,
    keep: bool,
}

impl StateDir {
    /// A new folder under the system's temporary one.
    pub(crate) fn new(prefix: &str) -> Result<Self> {
        let parent = env::temp_dir();
        let path = tempfile::Builder::new()
            .prefix(prefix)
            .tempdir_in(&parent)
            .map_err(Error::file(parent))?
            .keep();
        Ok(Self {
            path,
            keep: env::var_os(KEEP).is_some(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves the folder where it is, for someone who wants to read the logs.
    pub(crate) fn keep(&mut self) {
        self.keep = true;
    }
}

impl Drop for StateDir {
    fn drop(&mut self) {
        if self.keep || thread::panicking() {
            tracing::warn!(path = %self.path.display(), "logs are kept");
            eprintln!("sandbox: logs are kept in {}", self.path.display());
        } else if let Err(error) = std::fs::remove_dir_all(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "cannot remove the state folder");
        }
    }
}
