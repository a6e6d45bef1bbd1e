//! Objects and their versions. The rules by which they change are in `writes`.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use k8s_openapi::jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::{failure::Failure, kinds::Kinds};

/// Where an object stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) group: String,
    pub(super) plural: String,
    /// Empty for cluster-scoped objects.
    pub(super) namespace: String,
    pub(super) name: String,
}

/// A change, for watches.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) version: u64,
    pub(super) place: Place,
    pub(super) old: Option<Arc<Value>>,
    pub(super) new: Option<Arc<Value>>,
}

/// Everything that the server remembers.
#[derive(Clone, Debug)]
pub(super) struct Store {
    pub(super) kinds: Kinds,
    pub(super) objects: BTreeMap<Place, Arc<Value>>,
    pub(super) log: Vec<Change>,
    /// The last version that was given out.
    pub(super) version: u64,
    /// Watches from before this version are too old.
    pub(super) compacted: u64,
    seed: u64,
    born: u64,
    /// The time at the start of this run.
    at: Timestamp,
    started: Instant,
}

/// What a write may not do.
#[derive(Clone, Debug, Default)]
pub(super) struct Preconditions {
    pub(super) uid: Option<String>,
    pub(super) version: Option<String>,
}

impl Store {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            kinds: Kinds::default(),
            objects: BTreeMap::new(),
            log: Vec::new(),
            version: 1,
            compacted: 0,
            seed,
            born: 0,
            at: Timestamp::from_second(1_767_225_600).unwrap_or_default(),
            started: Instant::now(),
        }
    }

    /// The same store as of now, for another run: without a history.
    pub(super) fn frozen(&self) -> Self {
        Self {
            log: Vec::new(),
            compacted: self.version,
            at: self.time(),
            ..self.clone()
        }
    }

    /// Goes on from where it was frozen.
    pub(super) fn thawed(&self) -> Self {
        Self {
            started: Instant::now(),
            ..self.clone()
        }
    }

    fn time(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.started.elapsed()).unwrap_or_default();
        self.at.checked_add(elapsed).unwrap_or(self.at)
    }

    /// The server's clock: it starts at a fixed moment and follows tokio's, virtual or not.
    pub(super) fn now(&self) -> String {
        format!("{:.0}", self.time())
    }

    pub(super) fn next_uid(&mut self) -> String {
        self.born += 1;
        let digest = Sha256::digest(format!("{}/{}", self.seed, self.born).as_bytes());
        let mut hex = String::with_capacity(32);
        for byte in digest.iter().take(16) {
            let _ = write!(hex, "{byte:02x}");
        }
        let (head, rest) = hex.split_at(8);
        format!(
            "{head}-{}-4{}-8{}-{}",
            &rest[..4],
            &rest[5..8],
            &rest[9..12],
            &rest[12..]
        )
    }

    pub(super) fn get(&self, place: &Place) -> Result<&Value, Failure> {
        self.objects
            .get(place)
            .map(|object| &**object)
            .ok_or_else(|| Failure::not_found(&place.plural, &place.name))
    }

    /// Stores an object, or its absence, as a new version.
    pub(super) fn put(&mut self, place: Place, new: Option<&mut Value>) {
        self.version += 1;
        let old = self.objects.remove(&place);
        let new = new.map(|new| {
            new["metadata"]["resourceVersion"] = self.version.to_string().into();
            Arc::new(new.clone())
        });
        if let Some(new) = &new {
            self.objects.insert(place.clone(), Arc::clone(new));
        }
        self.log.push(Change {
            version: self.version,
            place,
            old,
            new,
        });
    }

    pub(super) fn check_namespace(&self, name: &str) -> Result<(), Failure> {
        let namespace = self.get(&Place {
            group: String::new(),
            plural: "namespaces".to_owned(),
            namespace: String::new(),
            name: name.to_owned(),
        })?;
        if namespace["metadata"]["deletionTimestamp"].is_null() {
            Ok(())
        } else {
            Err(Failure::forbidden(format!(
                "unable to create new content in namespace {name} because it is being terminated"
            )))
        }
    }
}
