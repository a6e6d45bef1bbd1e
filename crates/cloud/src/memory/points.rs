//! Access points of file systems.

use std::collections::BTreeMap;

use emr_resource::{
    access_point::{AccessPoint, Change, Observed},
    ids::{AccessPointId, CreationToken},
};

use super::room::{Keeps, Refused, Room, Window, ensure, refuse};

/// The tag that EFS shows as the name.
const NAME: &str = "Name";

#[derive(Clone, Default)]
pub(super) struct AccessPoints {
    pub(super) all: BTreeMap<CreationToken, Observed>,
}

impl Keeps<AccessPoint> for Room {
    fn list(&self, window: Window) -> Vec<Observed> {
        window.show(self.access_points.all.values(), Observed::clone)
    }

    fn read(&self, id: &CreationToken) -> Option<Observed> {
        self.access_points.all.get(id).cloned()
    }

    /// A token makes one access point, of an available file system.
    /// Source: EFS API reference, `CreateAccessPoint`.
    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        match change {
            Change::Create(desired) => {
                let token = &desired.token;
                let exists = self.access_points.all.contains_key(token);
                ensure(
                    !exists,
                    "AccessPointAlreadyExists",
                    format!("{token} exists"),
                )?;
                self.file_systems.available(&desired.file_system_id)?;
                let id = AccessPointId::new(self.next_id("fsap-", token.as_str()));
                let mut tags = desired.tags.clone();
                tags.insert(NAME.into(), desired.name.clone());
                let point = Observed {
                    arn: self.arn("elasticfilesystem", &format!("access-point/{id}")),
                    id: id.clone(),
                    token: token.clone(),
                    file_system_id: desired.file_system_id.clone(),
                    name: Some(desired.name.clone()),
                    path: desired.path.clone(),
                    creation_info: Some(desired.creation_info.clone()),
                    posix_user: desired.posix_user,
                    state: "creating".into(),
                    tags,
                };
                self.access_points.all.insert(token.clone(), point.clone());
                let token = token.clone();
                self.after(self.delays.files, move |room| {
                    if let Some(point) = room.access_points.all.get_mut(&token)
                        && point.id == id
                        && point.state == "creating"
                    {
                        point.state = "available".into();
                    }
                });
                Ok(Some(point))
            }
            Change::Delete { id, .. } => {
                let mut all = self.access_points.all.values_mut();
                let Some(point) = all.find(|point| point.id == *id) else {
                    return refuse("AccessPointNotFound", format!("no access point {id}"));
                };
                point.state = "deleting".into();
                let id = id.clone();
                self.after(self.delays.files, move |room| {
                    room.access_points.all.retain(|_, point| point.id != id);
                });
                Ok(None)
            }
        }
    }
}
