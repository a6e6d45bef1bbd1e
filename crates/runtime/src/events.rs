//! Events: what a person reads in `kubectl describe`.
//!
//! One publisher for the process, because repeats are counted in its memory. kube's recorder
//! tells repeats by everything but the note, so a second message under the same reason would be
//! counted as the first one. The note's hash therefore ends the `action`, a field that is part of
//! the comparison and that `kubectl` does not show.
//!
//! Invariant: an event never fails, and never holds up, the work that it tells of.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use k8s_openapi::api::core::v1::ObjectReference;
use kube::{
    Client,
    runtime::events::{Event, EventType, Recorder, Reporter},
};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, sleep_until};

/// The longest note that the API server takes, in bytes.
const LONGEST_NOTE: usize = 1024;
/// The longest reason and action.
const LONGEST_WORD: usize = 128;
/// How long to wait for the API server.
const PATIENCE: Duration = Duration::from_secs(5);
/// For longer than kube's recorder tells repeats; what it remembers beyond that it forgets only when
/// it publishes again.
const REMEMBERED: Duration = Duration::from_mins(7);

/// The recorder, while something was published lately.
#[derive(Default)]
struct Memory {
    recorder: Option<Recorder>,
    /// When it is to be forgotten.
    until: Option<Instant>,
}

/// Publishes events. Clones share the memory of repeats.
#[derive(Clone)]
pub struct Events {
    client: Client,
    reporter: Reporter,
    memory: Arc<Mutex<Memory>>,
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Events")
    }
}

impl Events {
    /// A publisher that signs as `instance` of `controller`.
    pub fn new(client: Client, controller: &str, instance: &str) -> Self {
        let reporter = Reporter {
            controller: controller.to_owned(),
            instance: Some(instance.to_owned()),
        };
        Self {
            client,
            reporter,
            memory: Arc::default(),
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The recorder that remembers what was published lately.
    fn recorder(&self) -> Recorder {
        let mut memory = self.memory();
        let until = Instant::now() + REMEMBERED;
        if memory.until.replace(until).is_none() {
            let forgetting = self.clone();
            tokio::spawn(async move { forgetting.forget_after(until).await });
        }
        let new = || Recorder::new(self.client.clone(), self.reporter.clone());
        memory.recorder.get_or_insert_with(new).clone()
    }

    /// Drops the recorder once nothing it remembers can be repeated: a thousand stacks that came up
    /// told of some fifty events each.
    async fn forget_after(self, mut until: Instant) {
        loop {
            sleep_until(until).await;
            let mut memory = self.memory();
            match memory.until {
                Some(later) if later > until => until = later,
                _ => {
                    *memory = Memory::default();
                    return;
                }
            }
        }
    }

    /// Tells of something that went as it should.
    pub async fn normal(&self, about: &ObjectReference, reason: &str, action: &str, note: &str) {
        self.publish(EventType::Normal, about, reason, action, note)
            .await;
    }

    /// Tells of something that did not.
    pub async fn warning(&self, about: &ObjectReference, reason: &str, action: &str, note: &str) {
        self.publish(EventType::Warning, about, reason, action, note)
            .await;
    }

    async fn publish(
        &self,
        type_: EventType,
        about: &ObjectReference,
        reason: &str,
        action: &str,
        note: &str,
    ) {
        let event = Event {
            type_,
            reason: cut(reason, LONGEST_WORD).to_owned(),
            note: Some(cut(note, LONGEST_NOTE).to_owned()),
            action: distinct_action(action, note),
            secondary: None,
        };
        let recorder = self.recorder();
        match tokio::time::timeout(PATIENCE, recorder.publish(&event, about)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::debug!(reason, error = %crate::error::chain(&error), "failed to publish an event");
            }
            Err(_) => tracing::debug!(reason, "no answer to an event"),
        }
    }
}

/// The action, made different for different notes: `Reconcile-1f3a5c7e`.
fn distinct_action(action: &str, note: &str) -> String {
    let mut hash = String::with_capacity(8);
    for byte in Sha256::digest(note.as_bytes()).iter().take(4) {
        let _ = write!(hash, "{byte:02x}");
    }
    format!("{}-{hash}", cut(action, LONGEST_WORD - 9))
}

/// At most `longest` bytes of a text, whole characters only.
fn cut(text: &str, longest: usize) -> &str {
    if text.len() <= longest {
        return text;
    }
    let end = (0..=longest)
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(0);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use kube::client::Body;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_was_published_is_forgotten_when_it_can_not_be_repeated() {
        let server =
            tower::service_fn(|_| std::future::ready(Err::<http::Response<Body>, _>("away")));
        let events = Events::new(Client::new(server, "a"), "operator", "one");
        let about = ObjectReference::default();
        let remembers = || events.memory().recorder.is_some();
        assert!(!remembers());
        events.normal(&about, "Made", "Make", "one").await;
        tokio::time::sleep(REMEMBERED / 2).await;
        events.normal(&about, "Made", "Make", "two").await;
        tokio::time::sleep(REMEMBERED.mul_f64(0.9)).await;
        assert!(remembers(), "the second may be repeated");
        tokio::time::sleep(REMEMBERED / 4).await;
        assert!(!remembers());
        events.normal(&about, "Made", "Make", "three").await;
        assert!(remembers());
    }

    #[test]
    fn a_long_note_is_cut_between_characters() {
        let note = format!("x{}", "é".repeat(600));
        assert_eq!(cut(&note, LONGEST_NOTE).len(), 1023);
        assert_eq!(cut("short", LONGEST_NOTE), "short");
    }

    #[test]
    fn another_note_is_another_action_of_legal_length() {
        let long = "A".repeat(200);
        assert_ne!(
            distinct_action("Apply", "one"),
            distinct_action("Apply", "two")
        );
        assert_eq!(
            distinct_action("Apply", "one"),
            distinct_action("Apply", "one")
        );
        assert_eq!(distinct_action(&long, "one").len(), LONGEST_WORD);
    }
}
