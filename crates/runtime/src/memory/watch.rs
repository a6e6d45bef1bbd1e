//! A watch: the changes after a version, for as long as the client listens.

use std::{
    collections::VecDeque,
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::Frame;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::{Sleep, sleep};
use tokio_stream::{Stream, wrappers::WatchStream};

use super::{
    MemoryServer, Shared, State,
    failure::Failure,
    reply::{Part, Shown, json as bytes},
    selector::Selector,
    store::{Change, Place},
};

/// Which changes a watch tells.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) group: String,
    pub(super) plural: String,
    pub(super) namespace: Option<String>,
    pub(super) selector: Selector,
    pub(super) part: Part,
}

impl Scope {
    pub(super) fn holds(&self, place: &Place) -> bool {
        place.group == self.group
            && place.plural == self.plural
            && self
                .namespace
                .as_ref()
                .is_none_or(|one| *one == place.namespace)
    }

    /// The event as this watch sees it: an object that ceases to match is deleted, for it.
    fn event(&self, change: &Change) -> Option<Bytes> {
        if !self.holds(&change.place) {
            return None;
        }
        let matching = |object: &Option<Arc<Value>>| {
            let matches = |object: &&Arc<Value>| self.selector.matches(object);
            object.as_ref().filter(matches).map(Arc::clone)
        };
        let (kind, object) = match (matching(&change.old), matching(&change.new)) {
            (None, Some(new)) => ("ADDED", new),
            (Some(_), Some(new)) => ("MODIFIED", new),
            (Some(old), None) => {
                let mut last = (**change.new.as_ref().unwrap_or(&old)).clone();
                last["metadata"]["resourceVersion"] = change.version.to_string().into();
                ("DELETED", Arc::new(last))
            }
            (None, None) => return None,
        };
        Some(line(&Event {
            kind,
            object: self.part.of(&object),
        }))
    }
}

#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    object: Shown<'a>,
}

fn line(event: &impl Serialize) -> Bytes {
    let mut line = bytes(event).to_vec();
    line.push(b'\n');
    line.into()
}

/// What every answer's body is.
pub(super) enum AnswerBody {
    Whole(Option<Bytes>),
    Watch(Box<WatchBody>),
}

/// The stream of a watch's events.
pub(super) struct WatchBody {
    shared: Arc<Shared>,
    process: Arc<str>,
    scope: Scope,
    after: u64,
    /// Which incarnation of the server's watches this is; all end when it changes.
    epoch: u64,
    pending: VecDeque<Bytes>,
    changes: WatchStream<()>,
    end: Pin<Box<Sleep>>,
    over: bool,
}

impl WatchBody {
    pub(super) fn new(
        server: &MemoryServer,
        state: &mut State,
        scope: Scope,
        after: u64,
        timeout: Duration,
    ) -> Self {
        let place = (scope.group.clone(), scope.plural.clone());
        let changes = state.listeners.entry(place).or_default().subscribe();
        let too_old = after < state.store.compacted;
        let mut body = Self {
            shared: Arc::clone(&server.shared),
            process: Arc::clone(&server.process),
            scope,
            after,
            epoch: state.epoch,
            pending: VecDeque::new(),
            changes: WatchStream::from_changes(changes),
            end: Box::pin(sleep(timeout)),
            over: too_old,
        };
        if too_old {
            let object = Failure::gone("too old resource version").body();
            let error = json!({"type": "ERROR", "object": object});
            body.pending.push_back(line(&error));
        } else {
            body.fill(state);
        }
        body
    }

    /// Takes in what changed. A watch that is open misses nothing, whatever is forgotten later.
    fn fill(&mut self, state: &State) {
        if state.epoch != self.epoch || state.cut.contains(&*self.process) {
            self.over = true;
            return;
        }
        let log = &state.store.log;
        let start = log.partition_point(|change| change.version <= self.after);
        let events = log[start..].iter();
        self.pending
            .extend(events.filter_map(|change| self.scope.event(change)));
        self.after = state.store.version.max(self.after);
    }
}

impl http_body::Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Watch(watch) => watch
                .poll(context)
                .map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes)))),
        }
    }
}

impl WatchBody {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Poll::Ready(Some(event));
            }
            if self.over || self.end.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            match Pin::new(&mut self.changes).poll_next(context) {
                Poll::Ready(Some(())) => {
                    let shared = Arc::clone(&self.shared);
                    self.fill(&shared.state());
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}
