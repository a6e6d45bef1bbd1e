//! An object as the server keeps it: as a tree, or written out where many are to take little room. A
//! tree of one takes some ten times as much as its text.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json as tree};

use super::{reply::json, selector::Selector};

/// An object as the server keeps it.
#[derive(Clone, Debug)]
pub(super) enum Kept {
    Tree(Arc<Value>),
    Written {
        text: Bytes,
        /// What selectors ask for, in its place: each list looks at all of a namespace.
        labels: Arc<Value>,
    },
}

impl Kept {
    /// As a tree.
    pub(super) fn tree(&self) -> Arc<Value> {
        match self {
            Self::Tree(tree) => Arc::clone(tree),
            // It was written from a tree.
            Self::Written { text, .. } => {
                Arc::new(serde_json::from_slice(text).unwrap_or_default())
            }
        }
    }

    /// The same, kept as text.
    pub(super) fn put_in_writing(&self) -> Self {
        let labels = &self.tree()["metadata"]["labels"];
        Self::Written {
            text: self.written(),
            labels: Arc::new(tree!({"metadata": {"labels": labels}})),
        }
    }

    /// True when it is selected.
    pub(super) fn is_chosen(&self, selector: &Selector) -> bool {
        match self {
            Self::Tree(tree) => selector.matches(tree),
            Self::Written { labels, .. } if selector.is_of_labels() => selector.matches(labels),
            Self::Written { .. } => selector.matches(&self.tree()),
        }
    }

    /// Written out.
    pub(super) fn written(&self) -> Bytes {
        match self {
            Self::Tree(tree) => json(&**tree),
            Self::Written { text, .. } => text.clone(),
        }
    }

    /// True when both are the same version of the same object.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tree(one), Self::Tree(other)) => Arc::ptr_eq(one, other),
            (Self::Written { text: one, .. }, Self::Written { text: other, .. }) => {
                one.as_ptr() == other.as_ptr()
            }
            _ => false,
        }
    }
}
