//! The invariants as a judge sees them from outside: it knows the truth on both sides, believes
//! nothing that the operator believes, and never looks at its code.
//!
//! | invariant | what it checks |
//! |---|---|
//! | 1 data | nothing that holds data is deleted but as asked and copied, nor made anew over a loss; both halves of a set go, or neither |
//! | 1 fence | nobody reaches a restored copy, and it reaches nobody, before a person lets it out |
//! | 3 hands off | a change touches what carries our tags |
//! | 4 spec | nobody but the user changes a spec |
//! | 7 secrets | no version of any object but a Secret holds a password |
//! | 8 least privilege | every call is a row of the table |
//! | 9 status | what every version of every status says is true and well formed |
//! | 10 bounded | no status and no message grows beyond its bound |
//! | 11 one writer | nobody writes after another has begun to |
//!
//! The others (exactly once, quiet, recoverable) compare whole runs and stand with them.

mod data;
mod fence;
mod ownership;
mod rights;
mod secrets;
mod sets;
mod spec;
pub(crate) mod status;
mod writer;

use std::sync::{Arc, Mutex};

use emr_cloud::memory::{Call, Room};
use emr_runtime::memory::MemoryServer;
use serde_json::Value;

pub(crate) use rights::{Table, judge as beyond};

use crate::world::World;

#[derive(Default)]
struct Seen {
    violations: Vec<String>,
    edits: usize,
}

/// Sees everything, says nothing until asked.
#[derive(Clone)]
pub(crate) struct Judge {
    kube: MemoryServer,
    /// What there was when the run began, which is no part of the server's history.
    began: Arc<[Arc<Value>]>,
    seen: Arc<Mutex<Seen>>,
}

impl Judge {
    pub(crate) fn new(kube: &MemoryServer) -> Self {
        Self {
            kube: kube.clone(),
            began: kube.snapshot().into(),
            seen: Arc::default(),
        }
    }

    /// A user changed a spec.
    pub(crate) fn edited(&self) {
        self.seen.lock().unwrap().edits += 1;
    }

    /// A mutating call arrives at AWS, and this is how things stand before it.
    pub(crate) fn sees_call(&self, call: &Call, room: &Room) {
        let found = [
            data::judge(call, room, self),
            sets::judge(call, room, self),
            ownership::judge(call, room),
        ];
        let mut seen = self.seen.lock().unwrap();
        seen.violations.extend(found.into_iter().flatten());
    }

    /// Every version of every object, from those that were there.
    fn history(&self) -> Vec<Arc<Value>> {
        let mut all = self.began.to_vec();
        all.extend(self.kube.history());
        all
    }

    /// Everything that broke a rule so far.
    pub(crate) fn violations(&self, world: &World) -> Vec<String> {
        let (mut all, edits) = {
            let seen = self.seen.lock().unwrap();
            (seen.violations.clone(), seen.edits)
        };
        let history = self.history();
        let passwords = world.look(|room| room.passwords());
        all.extend(secrets::judge(&history, &passwords));
        all.extend(status::judge(&history));
        all.extend(fence::judge(&history));
        all.extend(spec::judge(&history, edits));
        all.extend(rights::judge(&world.aws.mutations(), &Table::shipped()));
        all.extend(writer::judge(
            &world.aws.mutations(),
            &world.kube.mutations(),
        ));
        all
    }

    /// Fails a run that broke a rule.
    pub(crate) fn verdict(&self, world: &World) -> Result<(), String> {
        let violations = self.violations(world);
        if violations.is_empty() {
            Ok(())
        } else {
            Err(format!("it broke a rule:\n{}", violations.join("\n")))
        }
    }
}
