//! What can happen.

use emr_cloud::{ErrorKind, memory::Fault};
use emr_runtime::memory as kubernetes;
use proptest::{
    collection::vec,
    prelude::{Just, Strategy, any, prop_oneof},
    sample::select,
};

use crate::points::{Kind, Trouble};

/// What the user can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Edit {
    MaxAcu(u8),
    Readers(u8),
    Retention(u8),
    Parameter(u8),
    MinReplicas(u8),
    /// How many networks are let in.
    Networks(u8),
    CacheGb(u8),
}

/// What somebody else can do behind the operator's back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drift {
    Retention,
    Protection,
    MountTarget,
    SecurityGroup,
    Deployment,
    Secret,
    BackupTag,
}

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Edit(Edit),
    Pause(bool),
    Observe(bool),
    Drift(Drift),
    /// The how-manieth next request of a kind goes wrong.
    Trouble(Kind, usize, Trouble),
    Crash,
    BreakWatches,
    ForgetHistory,
    LoseCluster,
    /// A set is asked for, exact or not.
    BackUp(bool),
    /// The instance is put back to a set.
    PutBack,
    /// A drill is held.
    Drill,
    Delete,
    Wait(u16),
}

fn edits() -> impl Strategy<Value = Edit> {
    prop_oneof![
        select(vec![32, 64]).prop_map(Edit::MaxAcu),
        (0..3_u8).prop_map(Edit::Readers),
        select(vec![14, 30]).prop_map(Edit::Retention),
        (0..3_u8).prop_map(Edit::Parameter),
        (3..5_u8).prop_map(Edit::MinReplicas),
        (0..3_u8).prop_map(Edit::Networks),
        select(vec![10, 20]).prop_map(Edit::CacheGb),
    ]
}

fn troubles() -> impl Strategy<Value = Deed> {
    let calls = vec![
        Fault::Refuse(ErrorKind::Throttled),
        Fault::Refuse(ErrorKind::Transient),
        Fault::Refuse(ErrorKind::AccessDenied),
        Fault::Refuse(ErrorKind::Credentials),
        Fault::LostBefore,
        Fault::LostAfter,
        Fault::TimedOutBefore,
        Fault::TimedOutAfter,
        Fault::CrashBefore,
        Fault::CrashAfter,
    ];
    let reads = vec![
        Fault::Refuse(ErrorKind::Throttled),
        Fault::Refuse(ErrorKind::AccessDenied),
        Fault::LostBefore,
        Fault::Stale,
    ];
    let writes = vec![
        kubernetes::Fault::Refuse(500),
        kubernetes::Fault::Refuse(409),
        kubernetes::Fault::LostBefore,
        kubernetes::Fault::LostAfter,
        kubernetes::Fault::DoneButAnswered(504),
        kubernetes::Fault::CrashBefore,
        kubernetes::Fault::CrashAfter,
    ];
    let nth = 1..6_usize;
    prop_oneof![
        (nth.clone(), select(calls)).prop_map(|(nth, fault)| Deed::Trouble(
            Kind::Call,
            nth,
            Trouble::Aws(fault)
        )),
        (1..40_usize, select(reads)).prop_map(|(nth, fault)| Deed::Trouble(
            Kind::Read,
            nth,
            Trouble::Aws(fault)
        )),
        (nth, select(writes)).prop_map(|(nth, fault)| Deed::Trouble(
            Kind::Write,
            nth,
            Trouble::Kubernetes(fault)
        )),
    ]
}

/// Histories, from one deed to a dozen.
pub(super) fn histories() -> impl Strategy<Value = Vec<Deed>> {
    let drift = select(vec![
        Drift::Retention,
        Drift::Protection,
        Drift::MountTarget,
        Drift::SecurityGroup,
        Drift::Deployment,
        Drift::Secret,
        Drift::BackupTag,
    ]);
    let deed = prop_oneof![
        6 => edits().prop_map(Deed::Edit),
        1 => any::<bool>().prop_map(Deed::Pause),
        1 => any::<bool>().prop_map(Deed::Observe),
        4 => drift.prop_map(Deed::Drift),
        6 => troubles(),
        2 => Just(Deed::Crash),
        1 => Just(Deed::BreakWatches),
        1 => Just(Deed::ForgetHistory),
        1 => Just(Deed::LoseCluster),
        2 => any::<bool>().prop_map(Deed::BackUp),
        1 => Just(Deed::PutBack),
        1 => Just(Deed::Drill),
        1 => Just(Deed::Delete),
        6 => (1..900_u16).prop_map(Deed::Wait),
    ];
    vec(deed, 1..12)
}
