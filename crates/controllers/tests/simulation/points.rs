//! The points at which something goes wrong: the how-manieth call, read or request of its kind.
//! Named like this, a point is found again although the order of calls may differ.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use emr_cloud::memory::{self as aws, Memory};
use emr_runtime::memory::{self as kubernetes, MemoryServer, Mutation};

use crate::{judge::Judge, operator};

/// What the operator asks of either side.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Request {
    /// A mutating call of AWS.
    Call(&'static str),
    /// A read of AWS: operation and resource type.
    Read(&'static str, &'static str),
    /// A mutating request to Kubernetes.
    Write(String),
}

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Call,
    Read,
    Write,
}

impl Request {
    const fn kind(&self) -> Kind {
        match self {
            Self::Call(_) => Kind::Call,
            Self::Read(..) => Kind::Read,
            Self::Write(_) => Kind::Write,
        }
    }
}

/// One request of a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Point {
    pub(crate) request: Request,
    /// The how-manieth of its kind, from 1.
    pub(crate) nth: usize,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.request {
            Request::Call(operation) => write!(f, "{operation} {}", self.nth),
            Request::Read(operation, of) => write!(f, "{operation} {of} {}", self.nth),
            Request::Write(what) => write!(f, "{what} {}", self.nth),
        }
    }
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    Aws(aws::Fault),
    Kubernetes(kubernetes::Fault),
    /// The process that asks loses its way to Kubernetes; AWS answers it as ever.
    Cut,
}

/// A point of a life, and how the process ends there.
pub(crate) struct Crash(pub(crate) Point, pub(crate) Trouble);

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {}", self.1, self.0)
    }
}

impl Crash {
    /// Before and after each call and each write of a life.
    pub(crate) fn at_each(points: impl IntoIterator<Item = Point>) -> Vec<Self> {
        let troubles = |point: &Point| match &point.request {
            Request::Call(_) => vec![
                Trouble::Aws(aws::Fault::CrashBefore),
                Trouble::Aws(aws::Fault::CrashAfter),
            ],
            // How often an event is counted up, and under which name, is of no life but that one.
            Request::Write(what) if what.starts_with("PATCH events") => Vec::new(),
            Request::Write(_) => vec![
                Trouble::Kubernetes(kubernetes::Fault::CrashBefore),
                Trouble::Kubernetes(kubernetes::Fault::CrashAfter),
            ],
            Request::Read(..) => Vec::new(),
        };
        let all = points.into_iter().flat_map(|point| {
            let troubles = troubles(&point);
            troubles.into_iter().map(move |of| Self(point.clone(), of))
        });
        all.collect()
    }
}

/// Which requests are counted.
enum Aim {
    At(Request),
    Any(Kind),
}

impl Aim {
    fn meets(&self, request: &Request) -> bool {
        match self {
            Self::At(one) => one == request,
            Self::Any(kind) => request.kind() == *kind,
        }
    }
}

struct Armed {
    aim: Aim,
    trouble: Trouble,
    /// How many requests pass before.
    before: usize,
    /// How many it still meets, one after the other.
    left: usize,
}

#[derive(Default)]
struct State {
    armed: Vec<Armed>,
    log: Vec<Request>,
}

/// What came, and what is to go wrong.
#[derive(Clone, Default)]
pub(crate) struct Troubles(Arc<Mutex<State>>);

impl Troubles {
    /// Sees every request of the operator's, and lets the judge see those that change something.
    pub(crate) fn watch(&self, aws: &Memory, kube: &MemoryServer, judge: &Judge) {
        let (troubles, judge, server) = (self.clone(), judge.clone(), kube.clone());
        aws.fail_with(move |call, room| {
            judge.sees_call(call, room);
            match troubles.strike(&Request::Call(call.operation))? {
                Trouble::Aws(fault) => Some(fault),
                Trouble::Kubernetes(_) => None,
                Trouble::Cut => {
                    server.process(&call.process).cut();
                    None
                }
            }
        });
        let troubles = self.clone();
        aws.fail_reads_with(move |read| {
            match troubles.strike(&Request::Read(read.operation, read.resource_type))? {
                Trouble::Aws(fault) => Some(fault),
                Trouble::Kubernetes(_) | Trouble::Cut => None,
            }
        });
        let troubles = self.clone();
        kube.fail_with(move |mutation| {
            if &*mutation.process != operator::NAME {
                return None;
            }
            match troubles.strike(&Request::Write(describe(mutation)))? {
                Trouble::Kubernetes(fault) => Some(fault),
                Trouble::Aws(_) | Trouble::Cut => None,
            }
        });
    }

    fn strike(&self, request: &Request) -> Option<Trouble> {
        let mut state = self.0.lock().unwrap();
        state.log.push(request.clone());
        let armed = state
            .armed
            .iter_mut()
            .find(|armed| armed.left > 0 && armed.aim.meets(request))?;
        if armed.before > 0 {
            armed.before -= 1;
            return None;
        }
        armed.left -= 1;
        Some(armed.trouble)
    }

    /// Arms trouble at a point, counted from now, once.
    pub(crate) fn arm(&self, point: &Point, trouble: Trouble) {
        self.arm_for(point, trouble, 1);
    }

    /// Arms trouble at a point and at the requests of its kind that follow, so many in all.
    pub(crate) fn arm_for(&self, point: &Point, trouble: Trouble, times: usize) {
        self.aim(Aim::At(point.request.clone()), point.nth, trouble, times);
    }

    /// Arms trouble at the how-manieth next request of a kind.
    pub(crate) fn arm_next(&self, kind: Kind, nth: usize, trouble: Trouble) {
        self.aim(Aim::Any(kind), nth, trouble, 1);
    }

    fn aim(&self, aim: Aim, nth: usize, trouble: Trouble, times: usize) {
        self.0.lock().unwrap().armed.push(Armed {
            aim,
            trouble,
            before: nth - 1,
            left: times,
        });
    }

    /// Nothing goes wrong any more.
    pub(crate) fn disarm(&self) {
        self.0.lock().unwrap().armed.clear();
    }

    /// True when all that was armed has happened.
    pub(crate) fn all_fired(&self) -> bool {
        self.0
            .lock()
            .unwrap()
            .armed
            .iter()
            .all(|armed| armed.left == 0)
    }

    /// Forgets what came so far.
    pub(crate) fn forget(&self) {
        self.0.lock().unwrap().log.clear();
    }

    /// How often each request came.
    pub(crate) fn counts(&self) -> BTreeMap<Request, u32> {
        let mut counts = BTreeMap::new();
        for request in &self.0.lock().unwrap().log {
            *counts.entry(request.clone()).or_insert(0) += 1;
        }
        counts
    }

    /// Every request so far.
    pub(crate) fn points(&self) -> Vec<Point> {
        let mut counts = BTreeMap::new();
        let log = self.0.lock().unwrap().log.clone();
        let points = log.into_iter().map(|request| {
            let nth = counts.entry(request.clone()).or_insert(0);
            *nth += 1;
            Point { nth: *nth, request }
        });
        points.collect()
    }
}

fn describe(mutation: &Mutation) -> String {
    let Mutation {
        method,
        plural,
        name,
        subresource,
        ..
    } = mutation;
    let part = subresource.as_deref().map(|part| format!("/{part}"));
    let name = name.as_deref().unwrap_or("new");
    format!("{method} {plural}{} {name}", part.unwrap_or_default())
}
