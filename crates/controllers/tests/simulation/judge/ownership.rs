//! Invariant 3: hands off what does not carry our tags.

use emr_cloud::memory::{Call, Room};
use emr_resource::ownership::{MANAGED_BY, OPERATOR};

pub(super) fn judge(call: &Call, room: &Room) -> Option<String> {
    let makes = ["Create", "Allocate", "Start"];
    if makes.iter().any(|verb| call.operation.starts_with(verb)) {
        return None;
    }
    let tags = room.tags_of(call.resource_type, &call.target)?;
    let ours = tags.get(MANAGED_BY).is_some_and(|by| by == OPERATOR);
    (!ours).then(|| format!("{}: it is not ours", call.describe))
}
