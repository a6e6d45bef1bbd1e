//! The secrets of an application's two database users, of which one is idle (safety.md 8). The second one's is
//! made once somebody asks for a rotation.

use emr_api::{
    EmrInstance,
    emr_instance::{DatabaseUser, RotationPhase},
};
use emr_resource::names;
use kube::ResourceExt;

use super::{APP, InstanceStack};
use crate::{openemr::rotation::password_version, workload::InstanceUid};

/// The purpose of the secret that holds the second user.
pub const APP_B: &str = "app-b";

/// The purpose of a user's secret.
pub const fn purpose(user: DatabaseUser) -> &'static str {
    match user {
        DatabaseUser::A => APP,
        DatabaseUser::B => APP_B,
    }
}

/// Whom the pods sign in as.
pub fn active(instance: &EmrInstance) -> DatabaseUser {
    let status = instance.status.as_ref();
    let users = status.and_then(|status| status.database_users.as_ref());
    users.map_or(DatabaseUser::A, |users| users.active)
}

/// Adds what a rotation asks of the secrets: the second user's, and a new password for the idle one.
pub fn rotate(stack: &mut InstanceStack, instance: &EmrInstance) {
    let status = instance.status.as_ref();
    let Some(users) = status.and_then(|status| status.database_users.as_ref()) else {
        return;
    };
    let Some(first) = stack.secrets.get(APP) else {
        return;
    };
    let mut second = first.clone();
    let name = first.username.trim_end_matches("_a");
    second.username = format!("{name}_b");
    second.name = names::secret(&stack.owner, APP_B);
    stack.secrets.insert(APP_B, second);
    stack.idle = Some(purpose(users.active.other()));
    let renewing = users
        .rotation
        .as_ref()
        .filter(|rotation| rotation.phase == RotationPhase::Renewing);
    let uid = InstanceUid::new(instance.uid().unwrap_or_default());
    stack.renewed = renewing.map(|rotation| password_version(&uid, rotation));
}
