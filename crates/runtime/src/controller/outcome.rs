//! How a pass ends.

use std::time::Duration;

use crate::{Class, Error};

/// When to look again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// When something changes.
    AwaitChange,
    /// When something changes, or after that long.
    After(Duration),
}

/// Why a pass failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ReconcileError {
    /// One word, for the event, the metric and the condition.
    pub reason: &'static str,
    /// What happened, and what to do about it. It holds no secret.
    pub message: String,
    /// How soon it may be over.
    pub class: Class,
}

impl ReconcileError {
    /// A failure that may pass by itself.
    pub fn soon(reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            class: Class::Soon,
        }
    }

    /// A failure that needs a person, or a change outside.
    pub fn slow(reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            class: Class::Slow,
        }
    }
}

impl From<Error> for ReconcileError {
    fn from(error: Error) -> Self {
        let lasting = error.is_forbidden() || error.is_invalid();
        Self {
            reason: error.reason(),
            message: error.describe(),
            class: if lasting { Class::Slow } else { Class::Soon },
        }
    }
}
