//! A server at rest, from which any number of runs start.

use std::fmt;

use super::{MemoryServer, store::Store};

/// What a server held. History, counts and faults are not kept.
pub struct Frozen(Store);

impl fmt::Debug for Frozen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Frozen")
    }
}

impl MemoryServer {
    /// What it holds now.
    pub fn freeze(&self) -> Frozen {
        Frozen(self.shared.state().store.frozen())
    }

    /// A server of its own that goes on from there.
    pub fn thaw(frozen: &Frozen) -> Self {
        Self::over(frozen.0.thawed())
    }
}
