//! The two database users of an application, of which the pods have one, and how far its replacement by the
//! other is.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One of the two.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum DatabaseUser {
    /// The one that the installation makes.
    #[default]
    A,
    /// The one that takes its place.
    B,
}

impl DatabaseUser {
    /// The one that it takes turns with.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// Whom the pods sign in to the database as. Never a password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseUsers {
    /// The user of the pods.
    pub active: DatabaseUser,
    /// When it took the other's place; absent for the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
    /// The last request for another user that was carried out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered: Option<String>,
    /// While the other takes its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation: Option<UserRotation>,
}

/// A user that takes the place of another. A phase is written before what it does begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserRotation {
    /// The request that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// How far it is.
    pub phase: RotationPhase,
    /// When it began. Its password and its Jobs are told from those of other rotations by it.
    pub began: Time,
}

/// How far the replacement of a user is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum RotationPhase {
    /// The idle user is given a new password in Secrets Manager.
    Renewing,
    /// A Job makes the database accept it, and writes it where pods read it. Both users are valid.
    Switching,
    /// The pods are replaced, so that none has the former user. Both are valid.
    Rolling,
    /// A Job locks the former user.
    Retiring,
}
