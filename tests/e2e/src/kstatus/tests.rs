use serde_json::{Value, json};

use super::{Verdict, judge, verdict};

fn condition(kind: &str, status: &str, at: &str) -> Value {
    json!({
        "type": kind, "status": status, "reason": "Because", "message": "so it is",
        "observedGeneration": 1, "lastTransitionTime": format!("2026-01-01T00:00:{at}Z"),
    })
}

fn object(observed: i64, conditions: &[Value]) -> Value {
    json!({
        "kind": "Thing",
        "metadata": {"name": "one", "generation": 1, "resourceVersion": "1"},
        "status": {"observedGeneration": observed, "conditions": conditions},
    })
}

/// A life as it should be.
fn life() -> Vec<Value> {
    let mut leaving = object(
        1,
        &[
            condition("Ready", "False", "03"),
            condition("Reconciling", "True", "03"),
        ],
    );
    leaving["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:03Z");
    vec![
        object(-1, &[]),
        object(
            1,
            &[
                condition("Ready", "False", "01"),
                condition("Reconciling", "True", "01"),
            ],
        ),
        object(1, &[condition("Ready", "True", "02")]),
        leaving,
    ]
}

#[test]
fn a_good_life_passes_with_all_its_phases() {
    let seen = judge(&life()).unwrap();
    let wanted = [Verdict::InProgress, Verdict::Current, Verdict::Terminating];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), wanted);
}

#[test]
fn verdicts_are_those_of_kstatus() {
    let ready = condition("Ready", "True", "01");
    let unready = condition("Ready", "False", "01");
    let unknown = condition("Ready", "Unknown", "01");
    let stalled = condition("Stalled", "True", "01");
    let busy = condition("Reconciling", "True", "01");
    for (observed, conditions, wanted) in [
        (-1, vec![], Verdict::InProgress),
        (0, vec![ready.clone()], Verdict::InProgress),
        (1, vec![ready.clone()], Verdict::Current),
        (1, vec![ready.clone(), busy], Verdict::InProgress),
        (1, vec![ready, stalled.clone()], Verdict::Failed),
        (1, vec![unready.clone(), stalled], Verdict::Failed),
        (1, vec![unready], Verdict::InProgress),
        (1, vec![unknown], Verdict::InProgress),
        (1, vec![], Verdict::Current),
    ] {
        let object = object(observed, &conditions);
        assert_eq!(verdict(&object), wanted, "{object}");
    }
}

/// Breaks one thing below the status of one version of a good life, and expects to hear of it.
fn caught(version: usize, place: &str, with: impl Into<Value>, wanted: &str) {
    let with = with.into();
    let mut versions = life();
    let at = format!("/status/{place}");
    *versions[version].pointer_mut(&at).unwrap() = with.clone();
    let said = judge(&versions).expect_err(&format!("{place} = {with} passes"));
    assert!(said.contains(wanted), "{place} = {with}: {said}");
}

#[test]
fn a_broken_report_is_caught() {
    let observed = "observedGeneration";
    caught(0, observed, Value::Null, "observedGeneration is missing");
    caught(1, observed, json!(2), "above the generation");
    caught(2, observed, json!(0), "kstatus says InProgress");
    caught(3, observed, json!(0), "went back");
    caught(2, "conditions", json!([]), "Ready is missing");
    caught(1, "conditions/0/type", json!("Up"), "Ready is missing");
    caught(1, "conditions/1/type", json!("Ready"), "there twice");
    caught(1, "conditions/1/status", json!("False"), "without being");
    let calm = json!([
        condition("Ready", "True", "02"),
        condition("Stalled", "False", "02")
    ]);
    caught(2, "conditions", calm, "without being True");
    let stale = "conditions/0/observedGeneration";
    caught(2, stale, json!(0), "kstatus says Current");
    let moved = condition("Ready", "True", "03");
    caught(3, "conditions/0", moved, "moved without its status");
}

#[test]
fn a_condition_that_is_no_metav1_condition_is_caught() {
    let observed = "conditions/0/observedGeneration";
    caught(2, observed, json!(2), "one from the future");
    caught(2, observed, Value::Null, "no observedGeneration");
    caught(1, "conditions/1/type", json!(""), "has no type");
    caught(2, "conditions/0/status", json!("Yes"), "has status");
    for reason in ["", "It is", "Ends:", "1st", "dash-ed"] {
        caught(2, "conditions/0/reason", json!(reason), "has reason");
    }
    caught(2, "conditions/0/message", json!(""), "has no message");
    let since = "conditions/0/lastTransitionTime";
    caught(2, since, json!("today"), "has lastTransitionTime");
}
