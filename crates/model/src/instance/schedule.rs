//! What an instance has made for it by time: sets and drills, named by the time that they are for.

use std::{collections::BTreeMap, time::Duration};

use emr_api::{
    EmrBackup, EmrDrill, EmrInstance,
    emr_backup::{EmrBackupSpec, InstanceRef, SetDeletionPolicy},
    emr_drill::EmrDrillSpec,
    emr_instance::Scheduled,
    labels,
};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::ResourceExt;

use super::Validated;
use crate::{
    openemr::names::label_value,
    owner::{goes_with, object_name},
    schedule::{Schedule, slot},
};

/// How many that are over stay as the record, of each kind.
const KEPT: usize = 5;

/// What is due, and when to look again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Due {
    /// A set.
    pub set: Option<EmrBackup>,
    /// A drill.
    pub drill: Option<EmrDrill>,
    /// What status remembers once both are made.
    pub scheduled: Option<Scheduled>,
    /// Until the next time of either schedule.
    pub next: Option<Duration>,
}

/// What is due of an instance. Nothing is before it is installed: there is nothing to copy.
pub fn due(instance: &EmrInstance, validated: &Validated, now: Timestamp) -> Due {
    let status = instance.status.as_ref();
    if status.is_none_or(|status| status.version.is_none()) {
        return Due::default();
    }
    let before = status.and_then(|status| status.scheduled.clone());
    let mut scheduled = before.clone().unwrap_or_default();
    let set = time(
        validated.sets.as_ref(),
        &mut scheduled.last_set,
        instance,
        now,
    );
    let drill = time(
        validated.drills.as_ref(),
        &mut scheduled.last_drill,
        instance,
        now,
    );
    let both = validated.sets.iter().chain(&validated.drills);
    let next = both.filter_map(|schedule| schedule.next_after(now)).min();
    let next = next.and_then(|next| Duration::try_from(next.duration_since(now)).ok());
    Due {
        set: set.and_then(|at| a_set(instance, at)),
        drill: drill.map(|at| a_drill(instance, at)),
        scheduled: (before.as_ref() != Some(&scheduled)).then_some(scheduled),
        next,
    }
}

/// The time that is due of a schedule, remembered. What was missed before the schedule was first seen
/// is not made up for.
fn time(
    schedule: Option<&Schedule>,
    last: &mut Option<String>,
    instance: &EmrInstance,
    now: Timestamp,
) -> Option<Timestamp> {
    let schedule = schedule?;
    let remembered = last.as_ref().and_then(|at| at.parse().ok());
    let Some(since) = remembered else {
        let created = instance.metadata.creation_timestamp.as_ref();
        let first = created.map_or(now, |at| at.0).max(now);
        *last = Some(first.to_string());
        return None;
    };
    let due = schedule.due(since, now)?;
    *last = Some(due.to_string());
    Some(due)
}

fn a_set(instance: &EmrInstance, at: Timestamp) -> Option<EmrBackup> {
    let wanted = instance.spec.backup.sets.as_ref()?;
    let mut backup = EmrBackup::new(
        &object_name(&instance.name_any(), &format!("set-{}", slot(at))),
        EmrBackupSpec {
            instance_ref: reference(instance),
            consistency: wanted.consistency,
            quiet_limit: wanted.quiet_limit.clone(),
            keep_days: wanted.keep_days,
            deletion_policy: SetDeletionPolicy::Retain,
        },
    );
    // No owner: a set outlives its instance.
    backup.metadata = ObjectMeta {
        namespace: instance.namespace(),
        labels: Some(scheduled_labels(instance)),
        ..backup.metadata
    };
    Some(backup)
}

fn a_drill(instance: &EmrInstance, at: Timestamp) -> EmrDrill {
    let mut drill = EmrDrill::new(
        &object_name(&instance.name_any(), &format!("drill-{}", slot(at))),
        EmrDrillSpec {
            instance_ref: reference(instance),
            backup_ref: None,
            time_limit: None,
        },
    );
    drill.metadata = ObjectMeta {
        namespace: instance.namespace(),
        labels: Some(scheduled_labels(instance)),
        owner_references: Some(vec![goes_with(instance)]),
        ..drill.metadata
    };
    drill
}

fn reference(instance: &EmrInstance) -> InstanceRef {
    InstanceRef {
        name: instance.name_any(),
    }
}

fn scheduled_labels(instance: &EmrInstance) -> BTreeMap<String, String> {
    BTreeMap::from([
        (labels::MANAGED_BY.to_owned(), labels::OPERATOR.to_owned()),
        (
            labels::SCHEDULED_BY.to_owned(),
            label_value(&instance.name_any()),
        ),
    ])
}

/// Those of a kind that were made for the instance by time, are over, and are more than the record needs:
/// the oldest, by the time that their names tell.
pub fn surplus<K: ResourceExt>(
    instance: &EmrInstance,
    all: Vec<K>,
    is_over: impl Fn(&K) -> bool,
) -> Vec<String> {
    let label = label_value(&instance.name_any());
    let mut over: Vec<_> = all
        .into_iter()
        .filter(|one| one.labels().get(labels::SCHEDULED_BY) == Some(&label) && is_over(one))
        .map(|one| one.name_any())
        .collect();
    over.sort_unstable();
    over.truncate(over.len().saturating_sub(KEPT));
    over
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::instance::validate;

    fn riverside(scheduled: Option<&Scheduled>, installed: bool) -> EmrInstance {
        serde_json::from_value(json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrInstance",
            "metadata": {"name": "riverside", "namespace": "clinics", "uid": "i",
                         "creationTimestamp": "2026-11-20T12:00:00Z"},
            "spec": {
                "hostname": "a.example.org", "openemr": {"version": "8.2.0"},
                "backup": {
                    "sets": {"schedule": "30 2 * * *"},
                    "drills": {"schedule": "0 4 1 * *"},
                },
            },
            "status": {"version": installed.then_some("8.2.0"), "scheduled": scheduled},
        }))
        .unwrap()
    }

    fn look(instance: &EmrInstance, now: &str) -> Due {
        let validated = validate(instance, []).unwrap();
        due(instance, &validated, now.parse().unwrap())
    }

    #[test]
    fn what_is_due_is_made_once_and_named_by_its_time() {
        let first = look(&riverside(None, true), "2026-11-21T12:00:00Z");
        assert_eq!((first.set, first.drill), (None, None), "nothing was missed");
        let remembered = first.scheduled.unwrap();
        let night = look(&riverside(Some(&remembered), true), "2026-11-22T02:30:01Z");
        let set = night.set.unwrap();
        assert_eq!(set.name_any(), "riverside-set-20261122-0230");
        assert_eq!(set.spec.keep_days, 35);
        assert!(
            set.owner_references().is_empty(),
            "it outlives its instance"
        );
        assert_eq!(night.drill, None);
        assert_eq!(night.next, Some(Duration::from_secs(24 * 3600 - 1)));
        let again = look(
            &riverside(night.scheduled.as_ref(), true),
            "2026-11-22T02:31:00Z",
        );
        assert_eq!((again.set, again.scheduled), (None, None));
    }

    #[test]
    fn nothing_is_due_before_there_is_something_to_copy() {
        let none = look(&riverside(None, false), "2026-11-22T02:30:01Z");
        assert_eq!(none, Due::default());
    }

    #[test]
    fn the_oldest_of_those_that_are_over_go() {
        let instance = riverside(None, true);
        let drills = |count| -> Vec<EmrDrill> {
            let at: Timestamp = "2026-11-22T02:30:00Z".parse().unwrap();
            let hours = (0..count).map(jiff::SignedDuration::from_hours);
            hours.map(|hours| a_drill(&instance, at + hours)).collect()
        };
        assert!(surplus(&instance, drills(5), |_| true).is_empty());
        assert_eq!(
            surplus(&instance, drills(6), |_| true),
            ["riverside-drill-20261122-0230"]
        );
        assert!(surplus(&instance, drills(6), |_| false).is_empty());
    }
}
