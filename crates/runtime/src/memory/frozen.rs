//! A server at rest, from which any number of runs start.

use std::fmt;

use serde_json::Value;

use super::{MemoryServer, store::Store};

/// What a server held. History, counts and faults are not kept.
pub struct Frozen(Store);

impl fmt::Debug for Frozen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Frozen")
    }
}

impl Frozen {
    /// The same, for a server whose UIDs differ from those of others that go on from here.
    #[must_use]
    pub fn reseeded(&self, seed: u64) -> Self {
        Self(self.0.reseeded(seed))
    }

    /// Keeps all objects written out, `but` some, so that many thousand take little room.
    pub fn write_out(&mut self, but: impl Fn(&Value) -> bool) {
        self.0.write_out(but);
    }

    /// Adds the objects that another server came to hold since both were the same one. Of what both
    /// made under one name, ours stays.
    pub fn join(&mut self, other: Self) {
        self.0.join(other.0);
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
