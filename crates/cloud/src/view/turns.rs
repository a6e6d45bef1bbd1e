//! When to look again, and at what.

use std::time::Duration;

use emr_resource::{Listing, ResourceType};
use tokio::time::Instant;

use super::{
    slot::{SETTLING, Slot},
    store::Store,
};

impl<R: ResourceType> Store<R> {
    /// True while AWS works on something that is watched, or is about to, or a change of it is
    /// awaited, or a list is doubted.
    pub(super) fn is_moving(&self, now: Instant) -> bool {
        let moves = |slot: &Slot<R>| {
            slot.written_within(now, SETTLING)
                || slot.is_awaited(now)
                || slot.seen.as_deref().is_some_and(R::in_transition)
        };
        !self.doubtful.is_empty()
            || self
                .slots
                .iter()
                .any(|(id, slot)| moves(slot) && self.interest.has(id))
    }

    /// What to read singly in a turn that lasts `turn`: what is doubted, what is in transition
    /// where no list tells all of it, and so many of the rest that all had their turn within the type's window.
    pub(super) fn round(&self, now: Instant, turn: Duration) -> Vec<R::Id> {
        let mut ids: Vec<R::Id> = self.doubtful.iter().cloned().collect();
        let mut rest = Vec::new();
        for id in self.interest.ids() {
            let slot = self.slots.get(id);
            let partial = slot.is_some_and(|slot| slot.partial);
            if (R::LISTING == Listing::Pages && !partial) || self.doubtful.contains(id) {
                continue;
            }
            let moving = slot
                .and_then(|slot| slot.seen.as_deref())
                .is_some_and(R::in_transition);
            // A list that leaves details out can't tell when AWS is done with them.
            if moving {
                ids.push(id.clone());
            } else if let Some(at) = slot.and_then(|slot| slot.read_at) {
                rest.push((at, id));
            }
        }
        let share = turn.as_secs_f64() / R::DETAIL_WINDOW.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
        let quota = (rest.len() as f64 * share).ceil();
        // Nothing is read again before it is its turn: few resources must not mean many reads.
        rest.retain(|(at, _)| now.saturating_duration_since(*at) >= R::DETAIL_WINDOW / 2);
        rest.sort();
        ids.extend(
            rest.into_iter()
                .map(|(_, id)| id.clone())
                .enumerate()
                .take_while(|(n, _)| {
                    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
                    let n = *n as f64;
                    n < quota
                })
                .map(|(_, id)| id),
        );
        ids
    }
}
