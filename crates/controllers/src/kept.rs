//! The Secrets that we wrote, looked at in turn, so that one that somebody changed wakes its owner.
//!
//! They are not watched: a watch takes the right to list Secrets, and with it to read all of them
//! at once (invariant 8). One look at the metadata of each in ten minutes tells its version; any
//! other than the one that its owner saw last wakes the owner, whose pass judges what happened.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use emr_runtime::Key;
use k8s_openapi::api::core::v1::Secret;
use kube::{Api, Client, Resource, ResourceExt};
use tokio::time::{Instant, sleep};

/// How long until all had their turn.
const ROUND: Duration = Duration::from_mins(10);
/// How long between two turns, each of which looks at its share.
const TURN: Duration = Duration::from_secs(30);
/// How many turns a round has, less a few so that nobody is late.
const TURNS: usize = 16;

/// Who wants to know, and what it knows.
#[derive(Clone, Debug)]
struct Entry {
    kind: String,
    owner: Key,
    version: Option<String>,
    /// When it was last looked at, by its owner or in its turn.
    looked: Instant,
}

/// The Secrets that we wrote. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept(Arc<Mutex<BTreeMap<Key, Entry>>>);

impl Kept {
    fn all(&self) -> MutexGuard<'_, BTreeMap<Key, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `owner` has seen its Secret as it should be, at this version.
    pub(crate) fn note<K: Resource<DynamicType = ()>>(
        &self,
        owner: &K,
        secret: Key,
        version: Option<String>,
    ) {
        let entry = Entry {
            kind: K::kind(&()).into_owned(),
            owner: Key::of(owner),
            version,
            looked: Instant::now(),
        };
        self.all().insert(secret, entry);
    }

    /// The owner is gone, and its Secrets with it.
    pub(crate) fn forget(&self, kind: &str, owner: &Key) {
        self.all()
            .retain(|_, entry| entry.kind != kind || entry.owner != *owner);
    }

    /// Whose turn it is at `now`: those that were looked at longest ago, as many as are needed for
    /// all to have their turn within the round, and none that was looked at lately.
    fn due(&self, now: Instant) -> Vec<Key> {
        let all = self.all();
        let share = all.len().div_ceil(TURNS);
        let old = |entry: &Entry| now.saturating_duration_since(entry.looked) + TURN * 2 >= ROUND;
        let mut due: Vec<_> = all.iter().filter(|(_, entry)| old(entry)).collect();
        due.sort_by_key(|(_, entry)| entry.looked);
        due.into_iter()
            .take(share)
            .map(|(secret, _)| secret.clone())
            .collect()
    }

    /// Takes in what a look found. Hands back who is to be woken, once for each version.
    fn found(&self, secret: &Key, version: Option<String>) -> Option<(String, Key)> {
        let mut all = self.all();
        let entry = all.get_mut(secret)?;
        entry.looked = Instant::now();
        if entry.version == version {
            return None;
        }
        entry.version = version;
        Some((entry.kind.clone(), entry.owner.clone()))
    }

    /// Looks for ever, at each within the round.
    pub(crate) async fn look_in_turn(&self, client: &Client, wake: impl Fn(&str, Key)) {
        loop {
            sleep(TURN).await;
            for secret in self.due(Instant::now()) {
                let namespace = secret.namespace.as_deref().unwrap_or_default();
                let api = Api::<Secret>::namespaced(client.clone(), namespace);
                match api.get_metadata_opt(&secret.name).await {
                    Ok(found) => {
                        let version = found.and_then(|found| found.resource_version());
                        if let Some((kind, owner)) = self.found(&secret, version) {
                            wake(&kind, owner);
                        }
                    }
                    // The next turn looks again.
                    Err(error) => tracing::debug!(%secret, %error, "can't look at a Secret"),
                }
            }
        }
    }
}
