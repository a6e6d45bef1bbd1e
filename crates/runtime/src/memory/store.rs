//! Objects and their versions. The rules by which they change are in `writes`.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
    sync::Arc,
};

use bytes::Bytes;
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::{
    failure::Failure,
    kept::Kept,
    kinds::Kinds,
    reply::{Part, json},
    watch::Scope,
};

/// Where an object stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
    pub(super) objects: BTreeMap<Place, Kept>,
    pub(super) log: Vec<Change>,
    /// The last version that was given out.
    pub(super) version: u64,
    /// Watches from before this version are too old.
    pub(super) compacted: u64,
    /// Group and plural of what changed and was not told yet.
    pub(super) changed: BTreeSet<(String, String)>,
    /// Metadata as it was sent last, and of which version.
    written: HashMap<Place, (Kept, Bytes)>,
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
            changed: BTreeSet::new(),
            written: HashMap::new(),
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

    pub(super) fn reseeded(&self, seed: u64) -> Self {
        Self {
            seed,
            ..self.clone()
        }
    }

    /// Adds the objects that the other has and this one does not.
    pub(super) fn join(&mut self, other: Self) {
        self.at = self.at.max(other.at);
        self.version = self.version.max(other.version);
        self.compacted = self.version;
        for (place, object) in other.objects {
            self.objects.entry(place).or_insert(object);
        }
    }

    /// Writes out what is not to be kept as a tree.
    pub(super) fn write_out(&mut self, but: impl Fn(&Value) -> bool) {
        for kept in self.objects.values_mut() {
            if !but(&kept.tree()) {
                *kept = kept.put_in_writing();
            }
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

    pub(super) fn get(&self, place: &Place) -> Result<Arc<Value>, Failure> {
        self.kept(place).map(Kept::tree)
    }

    fn kept(&self, place: &Place) -> Result<&Kept, Failure> {
        let kept = self.objects.get(place);
        kept.ok_or_else(|| Failure::not_found(&place.plural, &place.name))
    }

    /// Every object, by its place.
    pub(super) fn trees(&self) -> impl Iterator<Item = (&Place, Arc<Value>)> {
        let all = self.objects.iter();
        all.map(|(place, kept)| (place, kept.tree()))
    }

    /// An object's metadata as it is sent, written once for each version: an operator looks at some
    /// thousand times a day.
    pub(super) fn metadata(&mut self, place: &Place) -> Result<Bytes, Failure> {
        let kept = self.kept(place)?;
        if let Some((of, written)) = self.written.get(place)
            && of.is(kept)
        {
            return Ok(written.clone());
        }
        let written = json(&Part::Metadata.of(&kept.tree()));
        let kept = (kept.clone(), written.clone());
        self.written.insert(place.clone(), kept);
        Ok(written)
    }

    /// The objects that a request is about.
    pub(super) fn within<'a>(
        &'a self,
        scope: &'a Scope,
    ) -> impl Iterator<Item = (&'a Place, &'a Kept)> {
        let first = Place {
            group: scope.group.clone(),
            plural: scope.plural.clone(),
            namespace: scope.namespace.clone().unwrap_or_default(),
            name: String::new(),
        };
        self.objects
            .range(first..)
            .take_while(|(place, _)| scope.holds(place))
            .filter(|(_, kept)| scope.selector.is_all() || kept.is_chosen(&scope.selector))
    }

    /// Stores an object, or its absence, as a new version.
    pub(super) fn put(&mut self, place: Place, new: Option<Value>) -> Option<Arc<Value>> {
        self.version += 1;
        let new = new.map(|mut new| {
            new["metadata"]["resourceVersion"] = self.version.to_string().into();
            Arc::new(new)
        });
        let old = match &new {
            Some(new) => {
                let kept = Kept::Tree(Arc::clone(new));
                self.objects.insert(place.clone(), kept)
            }
            None => self.objects.remove(&place),
        };
        let old = old.map(|old| old.tree());
        let told = (place.group.clone(), place.plural.clone());
        self.changed.insert(told);
        self.log.push(Change {
            version: self.version,
            place,
            old,
            new: new.clone(),
        });
        new
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
