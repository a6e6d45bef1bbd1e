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
use serde_json::{Value, json};
use tokio::time::{Sleep, sleep};
use tokio_stream::{Stream, wrappers::WatchStream};

use super::{
    MemoryServer, Shared,
    failure::Failure,
    selector::Selector,
    store::{Change, Place, Store},
};

/// Which changes a watch tells.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) group: String,
    pub(super) plural: String,
    pub(super) namespace: Option<String>,
    pub(super) selector: Selector,
    pub(super) metadata_only: bool,
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
    fn event(&self, change: &Change) -> Option<Value> {
        if !self.holds(&change.place) {
            return None;
        }
        let matching = |object: &Option<Arc<Value>>| {
            object
                .as_ref()
                .filter(|object| self.selector.matches(object))
                .map(Arc::clone)
        };
        let (kind, object) = match (matching(&change.old), matching(&change.new)) {
            (None, Some(new)) => ("ADDED", new),
            (Some(_), Some(new)) => ("MODIFIED", new),
            (Some(old), None) => ("DELETED", change.new.clone().unwrap_or(old)),
            (None, None) => return None,
        };
        let mut object = self.shape(&object);
        object["metadata"]["resourceVersion"] = change.version.to_string().into();
        Some(json!({"type": kind, "object": object}))
    }

    /// The object, or its metadata if that is all that was asked for.
    pub(super) fn shape(&self, object: &Value) -> Value {
        if self.metadata_only {
            only_metadata(object)
        } else {
            object.clone()
        }
    }
}

pub(super) fn only_metadata(object: &Value) -> Value {
    json!({
        "apiVersion": "meta.k8s.io/v1",
        "kind": "PartialObjectMetadata",
        "metadata": object["metadata"],
    })
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
    changes: WatchStream<u64>,
    end: Pin<Box<Sleep>>,
    over: bool,
}

impl WatchBody {
    pub(super) fn new(
        server: &MemoryServer,
        scope: Scope,
        after: u64,
        epoch: u64,
        timeout: Duration,
    ) -> Self {
        let shared = Arc::clone(&server.shared);
        let changes = shared.changed.subscribe();
        Self {
            shared,
            process: Arc::clone(&server.process),
            scope,
            after,
            epoch,
            pending: VecDeque::new(),
            changes: WatchStream::new(changes),
            end: Box::pin(sleep(timeout)),
            over: false,
        }
    }

    fn fill(&mut self) {
        let state = self.shared.state();
        if state.epoch != self.epoch || state.cut.contains(&*self.process) {
            self.over = true;
            return;
        }
        self.pending
            .extend(events(&state.store, &self.scope, self.after));
        self.after = state.store.version.max(self.after);
        self.over = state.store.compacted > self.after;
    }
}

fn events(store: &Store, scope: &Scope, after: u64) -> Vec<Bytes> {
    let line = |event: Value| Bytes::from(format!("{event}\n"));
    if after < store.compacted {
        let gone = Failure::gone("too old resource version").body();
        return vec![line(json!({"type": "ERROR", "object": gone}))];
    }
    let start = store.log.partition_point(|change| change.version <= after);
    store.log[start..]
        .iter()
        .filter_map(|change| scope.event(change))
        .map(line)
        .collect()
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
                Poll::Ready(Some(_)) => self.fill(),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}
