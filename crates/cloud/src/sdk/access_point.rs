//! Access points. EFS finds none by its token, so a single read looks through the list.

use async_trait::async_trait;
use aws_sdk_efs::{
    Client,
    error::BuildError,
    types::{
        AccessPointDescription as Wired, CreationInfo as WiredCreationInfo,
        PosixUser as WiredPosixUser, RootDirectory, Tag,
    },
};
use emr_resource::{
    Mutation,
    access_point::{AccessPoint, Change, CreationInfo, Desired, Observed, PosixUser},
    ids::{AccessPointId, CreationToken, FileSystemId},
};

use super::{Clients, Wire, efs, wire};
use crate::{CloudError, Cursor, Page, Port};

/// The tag that consoles show as the name.
const NAME: &str = "Name";

pub(super) struct Adapter {
    efs: Client,
    wire: Wire,
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire) -> Self {
        Self {
            efs: clients.efs.clone(),
            wire,
        }
    }
}

fn root(desired: &Desired) -> Result<RootDirectory, BuildError> {
    let info = &desired.creation_info;
    let info = WiredCreationInfo::builder()
        .owner_uid(info.uid.into())
        .owner_gid(info.gid.into())
        .permissions(&info.permissions)
        .build()?;
    Ok(RootDirectory::builder()
        .path(&desired.path)
        .creation_info(info)
        .build())
}

fn posix_user(user: PosixUser) -> Result<WiredPosixUser, BuildError> {
    WiredPosixUser::builder()
        .uid(user.uid.into())
        .gid(user.gid.into())
        .build()
}

fn id(number: i64) -> u32 {
    // POSIX ids of EFS end at 2^32 - 1.
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Access points and the replies that tell of one have the same fields.
macro_rules! observed {
    ($point:expr) => {{
        let point = $point;
        let root = point.root_directory();
        (|| {
            Some(Observed {
                id: AccessPointId::new(point.access_point_id()?),
                arn: point.access_point_arn()?.into(),
                token: CreationToken::new(point.client_token()?),
                file_system_id: FileSystemId::new(point.file_system_id()?),
                name: point.name().map(str::to_owned),
                path: root.and_then(RootDirectory::path).unwrap_or("/").to_owned(),
                creation_info: root.and_then(RootDirectory::creation_info).map(|info| {
                    CreationInfo {
                        uid: id(info.owner_uid()),
                        gid: id(info.owner_gid()),
                        permissions: info.permissions().to_owned(),
                    }
                }),
                posix_user: point.posix_user().map(|user| PosixUser {
                    uid: id(user.uid()),
                    gid: id(user.gid()),
                }),
                state: point
                    .life_cycle_state()
                    .map(|state| state.as_str().to_owned())
                    .unwrap_or_default(),
                tags: efs::from_tags(point.tags()),
            })
        })()
    }};
}

fn observed(point: &Wired) -> Option<Observed> {
    observed!(point)
}

#[async_trait]
impl Port<AccessPoint> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let token = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self.efs.describe_access_points().max_results(efs::PAGE);
            call.set_next_token(token.clone()).send()
        };
        let page = self.wire.read("DescribeAccessPoints", list).await?;
        Ok(Page::new(
            page.access_points().iter().filter_map(observed).collect(),
            page.next_token(),
        ))
    }

    async fn read(&self, id: &CreationToken) -> Result<Option<Observed>, CloudError> {
        let mut cursor = None;
        loop {
            let page = self.list(cursor).await?;
            let found = page.items.into_iter().find(|point| point.token == *id);
            if found.is_some() || page.next.is_none() {
                return Ok(found);
            }
            cursor = page.next;
        }
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match change {
            Change::Create(desired) => {
                let unbuilt = |error| wire::unbuilt(operation, &error);
                let user = desired
                    .posix_user
                    .map(posix_user)
                    .transpose()
                    .map_err(unbuilt)?;
                let name = Tag::builder().key(NAME).value(&desired.name).build();
                let mut tags = desired.tags.clone();
                tags.remove(NAME);
                let mut tags = efs::to_tags(&tags, operation)?;
                tags.push(name.map_err(unbuilt)?);
                let call = self
                    .efs
                    .create_access_point()
                    .client_token(desired.token.as_str())
                    .file_system_id(desired.file_system_id.as_str())
                    .root_directory(root(desired).map_err(unbuilt)?)
                    .set_posix_user(user)
                    .set_tags(Some(tags));
                let answer = self.wire.mutate(operation, call.send()).await?;
                Ok(observed!(&answer).filter(|seen| !seen.tags.is_empty()))
            }
            Change::Delete { id, .. } => {
                let call = self.efs.delete_access_point().access_point_id(id.as_str());
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_point_without_a_token_is_not_ours_to_know() {
        let point = Wired::builder()
            .access_point_id("fsap-1")
            .access_point_arn("arn");
        let point = point.file_system_id("fs-1");
        assert_eq!(observed(&point.clone().build()), None);
        let seen = observed(&point.client_token("t").build()).unwrap();
        assert_eq!(
            (seen.path.as_str(), seen.creation_info, seen.posix_user),
            ("/", None, None)
        );
    }
}
