use super::*;
use crate::{Refusal, Step};

const QUIET: &str = "2026-01-02T03:00:00Z";
const BEFORE: &str = "2026-01-02T02:59:59.999Z";
const AFTER: &str = "2026-01-02T03:00:01Z";
const LATER: &str = "2026-01-02T04:00:00Z";

fn desired() -> Desired {
    Desired {
        resource_arn: "arn:fs".into(),
        vault: "emr-default".into(),
        role_arn: "arn:role".into(),
        idempotency_token: "final-1".into(),
        recovery_point_tags: Tags::new(),
        delete_after_days: Some(35),
    }
}

fn job(state: &str, created_at: &str) -> Job {
    Job {
        id: format!("{state}-{created_at}"),
        state: state.into(),
        created_at: created_at.parse().unwrap(),
        recovery_point_arn: Some(Arn::new(format!("arn:rp-{created_at}"))),
        vault: "emr-default".into(),
        message: Some("access denied".into()),
    }
}

fn step(jobs: Vec<Job>) -> &'static str {
    let observed = Observed {
        resource_arn: "arn:fs".into(),
        jobs,
    };
    match plan_final(&desired(), QUIET.parse().unwrap(), Some(&observed)) {
        Step::Settled => "settled",
        Step::Wait(_) => "wait",
        Step::Change(_) => "start",
        Step::Refuse(refusal) => {
            assert!(
                refusal.message.contains("access denied"),
                "{}",
                refusal.message
            );
            refusal.reason
        }
    }
}

#[test]
fn settled_only_by_a_job_begun_after_everything_went_quiet() {
    let elsewhere = Job {
        vault: "aws/efs/automatic-backup-vault".into(),
        ..job("COMPLETED", AFTER)
    };
    for (jobs, expected) in [
        (vec![], "start"),
        (vec![job("COMPLETED", BEFORE)], "start"),
        (vec![job("RUNNING", BEFORE)], "wait"),
        (vec![job("FAILED", BEFORE)], "start"),
        (vec![elsewhere], "start"),
        (vec![job("CREATED", QUIET)], "wait"),
        (vec![job("PENDING", AFTER)], "wait"),
        (
            vec![job("RUNNING", AFTER), job("COMPLETED", BEFORE)],
            "wait",
        ),
        (vec![job("COMPLETED", QUIET)], "settled"),
    ] {
        let states = format!("{jobs:?}");
        assert_eq!(step(jobs), expected, "{states}");
    }
}

#[test]
fn a_retry_carries_the_same_token_and_another_job_another() {
    let token = |jobs: &[Job]| {
        let observed = Observed {
            resource_arn: "arn:fs".into(),
            jobs: jobs.to_vec(),
        };
        match plan_final(&desired(), QUIET.parse().unwrap(), Some(&observed)) {
            Step::Change(changes) => {
                let [Change::Start(desired)] = &changes[..] else {
                    panic!("expected one start")
                };
                desired.idempotency_token.clone()
            }
            other => panic!("expected a start, not {other:?}"),
        }
    };
    assert_eq!(token(&[]), token(&[]));
    assert_ne!(token(&[]), token(&[job("COMPLETED", BEFORE)]));
    let unread = plan_final(&desired(), QUIET.parse().unwrap(), None);
    assert!(matches!(unread, Step::Change(_)));
}

#[test]
fn a_failed_job_stops_deletion_until_a_later_one_completes() {
    for state in ["FAILED", "ABORTED", "EXPIRED", "PARTIAL"] {
        assert_eq!(step(vec![job(state, AFTER)]), Refusal::RESOURCE_FAILED);
        assert_eq!(step(vec![job("RUNNING", LATER), job(state, AFTER)]), "wait");
        assert_eq!(
            step(vec![job("COMPLETED", LATER), job(state, AFTER)]),
            "settled"
        );
    }
}

#[test]
fn the_recovery_point_is_the_newest_complete_one() {
    let observed = Observed {
        resource_arn: "arn:fs".into(),
        jobs: vec![
            job("RUNNING", LATER),
            job("COMPLETED", AFTER),
            job("COMPLETED", QUIET),
        ],
    };
    let found = |at: &str| {
        completed_since(&observed, &"emr-default".into(), at.parse().unwrap()).map(Arn::as_str)
    };
    assert_eq!(found(QUIET), Some("arn:rp-2026-01-02T03:00:01Z"));
    assert_eq!(found(LATER), None);
    assert!(BackupJobs::in_transition(&observed));
}
