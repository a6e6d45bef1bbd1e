//! EFS access points: one directory of a file system, as the pods that mount it see it.
//!
//! An access point can't be changed. Its path is part of its identity
//! ([`names::access_point`](crate::names::access_point)), so a new path is a new access point
//! beside the old one (safety.md 14). It holds nothing: one that is lost is made again.

use std::time::Duration;

use crate::{
    Listing, Mutation, Owner, Refusal, ResourceType, Service, Step, Tags,
    ids::{AccessPointId, Arn, CreationToken, FileSystemId},
    ownership,
};

/// The resource type.
#[derive(Debug)]
pub struct AccessPoint;

/// An access point as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its client token, which is its identity.
    pub token: CreationToken,
    /// Its file system.
    pub file_system_id: FileSystemId,
    /// What people read in the console; sent as the tag `Name`.
    pub name: String,
    /// The directory that it shows as root.
    pub path: String,
    /// How the directory is made when it does not exist.
    pub creation_info: CreationInfo,
    /// Whom every access counts as. Absent, pods keep their own users: OpenEMR's start as root
    /// changes owners.
    pub posix_user: Option<PosixUser>,
    /// Its tags.
    pub tags: Tags,
}

/// How a directory is made.
#[derive(Clone, Debug)]
pub struct CreationInfo {
    /// Its owner.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// Its permissions in octal: `0755`.
    pub permissions: String,
}

impl PartialEq for CreationInfo {
    fn eq(&self, other: &Self) -> bool {
        let permissions = |info: &Self| info.permissions.trim_start_matches('0').to_owned();
        (self.uid, self.gid) == (other.uid, other.gid) && permissions(self) == permissions(other)
    }
}

impl Eq for CreationInfo {}

/// A POSIX user and group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PosixUser {
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
}

/// An access point as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its id.
    pub id: AccessPointId,
    /// Its ARN.
    pub arn: Arn,
    /// Its client token.
    pub token: CreationToken,
    /// Its file system.
    pub file_system_id: FileSystemId,
    /// Its name.
    pub name: Option<String>,
    /// The directory that it shows as root.
    pub path: String,
    /// How the directory is made.
    pub creation_info: Option<CreationInfo>,
    /// Whom every access counts as.
    pub posix_user: Option<PosixUser>,
    /// `creating`, `available`, `updating`, `deleting`, `deleted`, `error`.
    pub state: String,
    /// Its tags.
    pub tags: Tags,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateAccessPoint`.
    Create(Box<Desired>),
    /// `DeleteAccessPoint`; the directory and what is in it stay.
    Delete {
        /// Its client token.
        token: CreationToken,
        /// Its id.
        id: AccessPointId,
    },
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateAccessPoint",
            Self::Delete { .. } => "DeleteAccessPoint",
        }
    }

    fn target(&self) -> String {
        AccessPoint::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!(
                "create access point {} to {} of file system {}",
                desired.name, desired.path, desired.file_system_id
            ),
            Self::Delete { id, .. } => format!("delete access point {id}"),
        }
    }
}

impl ResourceType for AccessPoint {
    const NAME: &'static str = "access-point";
    const SERVICE: Service = Service::Efs;
    const LISTING: Listing = Listing::Pages;
    const DRIFT_WINDOW: Duration = Duration::from_mins(5);
    type Id = CreationToken;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.token.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match change {
            Change::Create(desired) => desired.token.clone(),
            Change::Delete { token, .. } => token.clone(),
        }
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        Some(&observed.tags)
    }

    fn in_transition(observed: &Observed) -> bool {
        !matches!(observed.state.as_str(), "available" | "error")
    }

    fn after(change: &Change, before: &Observed) -> Option<Observed> {
        match change {
            Change::Delete { id, .. } if *id == before.id => Some(Observed {
                state: "deleting".into(),
                ..before.clone()
            }),
            _ => None,
        }
    }
}

/// Creates the access point; refuses what would need another one in its place.
pub fn plan(desired: &Desired, observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed.filter(|seen| seen.state != "deleted") else {
        return Step::change(Change::Create(Box::new(desired.clone())));
    };
    ownership::guard(&format!("access point {}", seen.id), &seen.tags, owner)
        .then(|| can_be_kept(desired, seen))
        .then(|| match seen.state.as_str() {
            "available" => Step::Settled,
            "error" => Step::refuse(
                Refusal::RESOURCE_FAILED,
                format!(
                    "access point {} is in state error. Deleting it in EFS is safe: its directory \
                     stays, and it is created again.",
                    seen.id
                ),
            ),
            state => Step::wait(
                "CreatingAccessPoints",
                format!("access point {} is {state}", seen.id),
            ),
        })
}

fn can_be_kept(desired: &Desired, seen: &Observed) -> Step<Change> {
    let fields = [
        (
            "the file system",
            seen.file_system_id == desired.file_system_id,
        ),
        ("the path", seen.path == desired.path),
        (
            "creationInfo",
            seen.creation_info.as_ref() == Some(&desired.creation_info),
        ),
        ("posixUser", seen.posix_user == desired.posix_user),
    ];
    fields.into_iter().find(|(_, same)| !same).map_or(Step::Settled, |(field, _)| {
        Step::refuse(
            Refusal::REPLACEMENT_REFUSED,
            format!(
                "{field} of access point {} ({}) can't be changed. Set it back, or give the access \
                 point another name: a new one is made beside it, and mounted once pods refer to \
                 it.",
                seen.id, desired.name
            ),
        )
    })
}

/// Deletes the access point, if it is this owner's. Settled once it is gone.
pub fn remove(observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    match observed {
        Some(seen) if ownership::claim(&seen.tags, owner) == ownership::Claim::Ours => {
            match seen.state.as_str() {
                "deleted" => Step::Settled,
                "available" | "error" => Step::change(Change::Delete {
                    token: seen.token.clone(),
                    id: seen.id.clone(),
                }),
                state => Step::wait(
                    "DeletingAccessPoints",
                    format!("access point {} is {state}", seen.id),
                ),
            }
        }
        _ => Step::Settled,
    }
}

#[cfg(test)]
mod tests;
