//! What is known of one resource.

use std::{sync::Arc, time::Duration};

use emr_resource::ResourceType;
use tokio::time::Instant;

/// How long a list may lag behind a write.
const DISAGREEMENT: Duration = Duration::from_mins(1);
/// AWS may begin to work on a change only some seconds after it accepted it.
pub(super) const SETTLING: Duration = Duration::from_secs(10);

/// One resource.
pub(super) struct Slot<R: ResourceType> {
    pub(super) seen: Option<Arc<R::Observed>>,
    pub(super) as_of: Instant,
    /// When it was last read singly.
    pub(super) read_at: Option<Instant>,
    /// When we last changed it.
    pub(super) written_at: Option<Instant>,
    /// What stood there before our last writes, for as long as a list may show it.
    pub(super) before: Vec<Arc<R::Observed>>,
    /// Until when somebody waits for AWS to change it, although it shows no sign of that.
    pub(super) awaited: Option<Instant>,
    /// What we know can't be relied on.
    pub(super) dirty: bool,
    /// A list has shown it.
    pub(super) listed: bool,
    /// The list leaves details of it out.
    pub(super) partial: bool,
}

impl<R: ResourceType> Slot<R> {
    pub(super) const fn new(as_of: Instant) -> Self {
        Self {
            seen: None,
            as_of,
            read_at: None,
            written_at: None,
            before: Vec::new(),
            awaited: None,
            dirty: false,
            listed: false,
            partial: false,
        }
    }

    pub(super) fn written_within(&self, now: Instant, time: Duration) -> bool {
        self.written_at
            .is_some_and(|at| now.saturating_duration_since(at) < time)
    }

    pub(super) fn written_lately(&self, now: Instant) -> bool {
        self.written_within(now, DISAGREEMENT)
    }

    /// Forgets what no list can show any more: each state is as large as the present one.
    pub(super) fn tidy(&mut self, now: Instant) {
        if !self.before.is_empty() && !self.written_lately(now) {
            self.before = Vec::new();
        }
    }

    pub(super) fn is_awaited(&self, now: Instant) -> bool {
        self.awaited.is_some_and(|until| until > now)
    }

    pub(super) fn lacks_details(&self) -> bool {
        self.seen.as_deref().is_some_and(R::lacks_details)
    }
}
