//! What a view knows, and the rules by which newer knowledge replaces older. No clock, no calls:
//! time comes in as a value, so each rule is tested by itself.
//!
//! * An entry carries the time its request **started**. A page whose request started before our
//!   write was answered never overrides that write.
//! * A page that shows what stood there before our write, or shows nothing, within a minute of it
//!   is doubted: a single read settles it. In the first seconds after the write not even that is
//!   believed: AWS has accepted the change and takes a moment to show it.
//! * An entry that a whole sweep did not show is gone, unless only single reads ever showed it:
//!   some lists are filtered.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use emr_resource::{Listing, ResourceType};
use tokio::time::Instant;

use super::{
    interest::Interest,
    slot::{SETTLING, Slot},
};

/// How often something that no list shows is read again.
const UNLISTED: Duration = Duration::from_mins(5);
/// States that stood before our last writes, kept to recognise a list that lags.
const REMEMBERED: usize = 4;

/// What is known of a resource.
pub(super) enum Known<T> {
    /// This, for sure.
    This(Option<Arc<T>>),
    /// It must be read singly.
    Unsure,
}

/// Everything a view knows.
pub(super) struct Store<R: ResourceType> {
    pub(super) slots: HashMap<R::Id, Slot<R>>,
    /// Who wants to know.
    pub(super) interest: Interest<R::Id>,
    pub(super) doubtful: BTreeSet<R::Id>,
}

impl<R: ResourceType> Default for Store<R> {
    fn default() -> Self {
        Self {
            slots: HashMap::new(),
            interest: Interest::default(),
            doubtful: BTreeSet::new(),
        }
    }
}

impl<R: ResourceType> Store<R> {
    /// What is known of `id`.
    pub(super) fn look(&self, id: &R::Id) -> Known<R::Observed> {
        match self.slots.get(id) {
            None if R::LISTING == Listing::Single => Known::Unsure,
            None => Known::This(None),
            Some(slot) if slot.dirty || self.doubtful.contains(id) || slot.lacks_details() => {
                Known::Unsure
            }
            Some(slot) if R::LISTING == Listing::Single && slot.read_at.is_none() => Known::Unsure,
            Some(slot) => Known::This(slot.seen.clone()),
        }
    }

    /// What is known of `id` if a single read that started at `since` or later told it.
    pub(super) fn read_since(&self, id: &R::Id, since: Instant) -> Known<R::Observed> {
        match self.slots.get(id) {
            Some(slot) if !slot.dirty && slot.read_at.is_some_and(|at| at >= since) => {
                Known::This(slot.seen.clone())
            }
            _ => Known::Unsure,
        }
    }

    /// The latest that is known, sure or not.
    pub(super) fn latest(&self, id: &R::Id) -> Option<Arc<R::Observed>> {
        self.slots.get(id).and_then(|slot| slot.seen.clone())
    }

    /// Takes in an item of a page whose request started at `started`. Hands back its identity
    /// when it differs from what was known.
    pub(super) fn listed(
        &mut self,
        started: Instant,
        now: Instant,
        mut item: R::Observed,
    ) -> Option<R::Id> {
        let id = R::id(&item)?;
        let slot = self
            .slots
            .entry(id.clone())
            .or_insert_with(|| Slot::new(started));
        slot.listed = true;
        if started < slot.as_of || (started == slot.as_of && slot.written_at.is_some()) {
            return None;
        }
        slot.partial |= R::lacks_details(&item);
        if let Some(known) = slot.seen.as_deref() {
            R::absorb(&mut item, known);
        }
        if slot.written_lately(now) && slot.before.iter().any(|before| **before == item) {
            self.doubtful.insert(id);
            return None;
        }
        slot.as_of = started;
        if slot.seen.as_deref() == Some(&item) {
            return None;
        }
        slot.seen = Some(Arc::new(item));
        slot.awaited = None;
        Some(id)
    }

    /// Somebody waits for AWS to change `id`, until then.
    pub(super) fn await_change(&mut self, id: &R::Id, until: Instant) {
        if let Some(slot) = self.slots.get_mut(id) {
            slot.awaited = Some(until);
        }
    }

    /// Ends a complete sweep that started at `started`: what it did not show is gone. Hands back
    /// what that is news of.
    pub(super) fn swept(&mut self, started: Instant, now: Instant) -> Vec<R::Id> {
        let mut gone = Vec::new();
        for (id, slot) in &mut self.slots {
            if slot.seen.is_none() || slot.as_of >= started {
                continue;
            }
            let read_lately = slot
                .read_at
                .is_some_and(|at| now.saturating_duration_since(at) < UNLISTED);
            if slot.written_lately(now) || (!slot.listed && !read_lately) {
                self.doubtful.insert(id.clone());
            } else if slot.listed {
                slot.seen = None;
                slot.as_of = started;
                slot.read_at = None;
                slot.listed = false;
                gone.push(id.clone());
            }
        }
        let interest = &self.interest;
        self.slots
            .retain(|id, slot| slot.seen.is_some() || slot.dirty || interest.has(id));
        let slots = &self.slots;
        self.doubtful.retain(|id| slots.contains_key(id));
        gone
    }

    /// Takes in a single read that started at `started`. True when it is news.
    pub(super) fn read(
        &mut self,
        id: &R::Id,
        started: Instant,
        observed: Option<R::Observed>,
    ) -> bool {
        let slot = self
            .slots
            .entry(id.clone())
            .or_insert_with(|| Slot::new(started));
        if started < slot.as_of && slot.written_at.is_some_and(|at| at > started) {
            return false;
        }
        // AWS accepted our change and does not show it yet: it is asked again in the next turn.
        let lags = |before: &Arc<R::Observed>| Some(&**before) == observed.as_ref();
        if !slot.dirty && slot.written_within(started, SETTLING) && slot.before.iter().any(lags) {
            slot.read_at = Some(started);
            self.doubtful.insert(id.clone());
            return false;
        }
        slot.as_of = started;
        slot.read_at = Some(started);
        slot.dirty = false;
        self.doubtful.remove(id);
        if slot.seen.as_deref() == observed.as_ref() {
            return false;
        }
        // AWS confirms an earlier state, so lists that show it are right.
        slot.before
            .retain(|before| Some(&**before) != observed.as_ref());
        slot.seen = observed.map(Arc::new);
        slot.awaited = None;
        true
    }

    /// Writes the reply of our own change through, answered at `at`. Without one, or with one
    /// that can't be placed, the next look reads singly.
    pub(super) fn wrote(&mut self, id: &R::Id, at: Instant, reply: Option<R::Observed>) {
        let slot = self
            .slots
            .entry(id.clone())
            .or_insert_with(|| Slot::new(at));
        slot.as_of = at;
        slot.written_at = Some(at);
        if let Some(before) = slot.seen.clone() {
            if slot.before.len() == REMEMBERED {
                slot.before.remove(0);
            }
            slot.before.push(before);
        }
        match reply {
            Some(mut observed) => {
                if let Some(known) = slot.seen.as_deref() {
                    R::absorb(&mut observed, known);
                }
                slot.before.retain(|before| **before != observed);
                slot.seen = Some(Arc::new(observed));
                slot.dirty = false;
                // The reply of a change is as good as a read.
                slot.read_at = Some(at);
                self.doubtful.remove(id);
            }
            None => slot.dirty = true,
        }
    }

    /// Nobody knows whether our change was made.
    pub(super) fn doubt(&mut self, id: &R::Id, at: Instant) {
        let slot = self
            .slots
            .entry(id.clone())
            .or_insert_with(|| Slot::new(at));
        slot.dirty = true;
    }

    /// Forgets what was needed for a while after our writes.
    pub(super) fn tidy(&mut self, now: Instant) {
        self.slots.values_mut().for_each(|slot| slot.tidy(now));
    }

    /// Forgets everything but what is in doubt: nobody looks, so nothing is kept up to date.
    pub(super) fn clear(&mut self) {
        self.slots.retain(|_, slot| slot.dirty);
        self.doubtful.clear();
    }

    /// How many resources are known to exist.
    pub(super) fn len(&self) -> usize {
        self.slots
            .values()
            .filter(|slot| slot.seen.is_some())
            .count()
    }
}
