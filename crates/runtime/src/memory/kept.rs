//! An object as the server keeps it: as a tree, or written out where many are to take little room. A
//! tree of one takes some ten times as much as its text.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use super::reply::json;

/// An object as the server keeps it.
#[derive(Clone, Debug)]
pub(super) enum Kept {
    Tree(Arc<Value>),
    Written(Bytes),
}

impl Kept {
    /// As a tree.
    pub(super) fn tree(&self) -> Arc<Value> {
        match self {
            Self::Tree(tree) => Arc::clone(tree),
            // It was written from a tree.
            Self::Written(text) => Arc::new(serde_json::from_slice(text).unwrap_or_default()),
        }
    }

    /// Written out.
    pub(super) fn written(&self) -> Bytes {
        match self {
            Self::Tree(tree) => json(&**tree),
            Self::Written(text) => text.clone(),
        }
    }

    /// True when both are the same version of the same object.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tree(one), Self::Tree(other)) => Arc::ptr_eq(one, other),
            (Self::Written(one), Self::Written(other)) => one.as_ptr() == other.as_ptr(),
            _ => false,
        }
    }
}
