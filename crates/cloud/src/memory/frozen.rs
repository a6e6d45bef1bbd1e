//! An AWS at rest, from which any number of runs start: what a thousand runs have in common is
//! simulated once.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt,
    sync::{Arc, Mutex},
};

use emr_resource::ids::{AccountId, Region};
use jiff::Timestamp;

use super::{Memory, State, delays::Delays, iam::Roles, room::Room};

/// What an AWS held when nothing moved in it. Logs and faults are not kept.
pub struct Frozen {
    seed: u64,
    delays: Delays,
    rooms: BTreeMap<(AccountId, Region), Room>,
    at: Timestamp,
}

impl fmt::Debug for Frozen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frozen({})", self.at)
    }
}

impl Frozen {
    /// Adds what another AWS came to hold since both were the same one. Of what both made under
    /// one name, ours stays.
    pub fn join(&mut self, other: Self) {
        self.at = self.at.max(other.at);
        for (place, room) in other.rooms {
            match self.rooms.entry(place) {
                Entry::Occupied(mut ours) => ours.get_mut().join(room),
                Entry::Vacant(empty) => {
                    empty.insert(room);
                }
            }
        }
    }
}

impl Memory {
    /// What there is now; `None` while AWS is about to do something by itself.
    pub fn freeze(&self) -> Option<Frozen> {
        let at = self.now();
        let state = self.state();
        Some(Frozen {
            seed: state.seed,
            delays: state.delays.clone(),
            rooms: copy(&state.rooms)?.0,
            at,
        })
    }

    /// An AWS of its own that goes on from there.
    pub fn thaw(frozen: &Frozen) -> Self {
        // It was at rest when it was frozen, so it is now.
        let (rooms, roles) = copy(&frozen.rooms).unwrap_or_default();
        let state = State {
            seed: frozen.seed,
            delays: frozen.delays.clone(),
            rooms,
            roles,
            mutations: Vec::new(),
            reads: 0,
            hook: None,
            read_hook: None,
            remembers_lists: false,
            answered: BTreeMap::new(),
        };
        Self::of(state, frozen.at)
    }
}

type Rooms = BTreeMap<(AccountId, Region), Room>;
type AllRoles = BTreeMap<AccountId, Arc<Mutex<Roles>>>;

/// Copies of all rooms; those of one account share its roles.
fn copy(rooms: &Rooms) -> Option<(Rooms, AllRoles)> {
    let mut all = AllRoles::new();
    let mut copies = Rooms::new();
    for (place, room) in rooms {
        let roles = all
            .entry(place.0.clone())
            .or_insert_with(|| Arc::new(Mutex::new(room.roles().clone())));
        copies.insert(place.clone(), room.copy_at_rest(Arc::clone(roles))?);
    }
    Some((copies, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_aws_can_be_shared_by_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Frozen>();
    }
}
