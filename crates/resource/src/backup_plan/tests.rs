use super::*;
use crate::{Owner, Refusal, Step, ids::BackupSelectionId};

fn owner() -> Owner {
    Owner {
        cluster: "clinics".into(),
        kind: "EmrPlatform".into(),
        namespace: String::new(),
        name: "default".into(),
        uid: "platform".into(),
    }
}

fn rule(name: &str, days: i64) -> Rule {
    Rule {
        name: name.into(),
        schedule: "cron(0 2 * * ? *)".into(),
        vault: "emr-default".into(),
        cold_after_days: None,
        delete_after_days: Some(days),
    }
}

fn selection(value: &str) -> Selection {
    Selection {
        role_arn: "arn:role".into(),
        tags: vec![("emrstack.dev/backup".into(), value.into())],
        resources: Vec::new(),
    }
}

fn desired() -> Desired {
    Desired {
        name: "emr-default-files".into(),
        rules: vec![rule("daily", 35), rule("weekly", 90)],
        selection: selection("files"),
        tags: owner().tags(&Tags::new()),
    }
}

fn seen(rules: &[Rule], selections: &[(&str, Selection)]) -> Observed {
    let selections = selections.iter().cloned();
    Observed {
        name: "emr-default-files".into(),
        id: "plan".into(),
        arn: "arn:plan".into(),
        version: "1".into(),
        details: Some(Details {
            rules: rules.to_vec(),
            selections: selections
                .map(|(id, selection)| (BackupSelectionId::from(id), selection))
                .collect(),
            tags: desired().tags,
        }),
    }
}

fn operations(step: Step<Change>) -> Vec<&'static str> {
    match step {
        Step::Settled => Vec::new(),
        Step::Change(changes) => changes.iter().map(Mutation::operation).collect(),
        Step::Wait(wait) => vec![wait.reason],
        Step::Refuse(refusal) => vec![refusal.reason],
    }
}

fn next(observed: &Observed) -> Vec<&'static str> {
    operations(plan(&desired(), Some(observed), &owner()))
}

#[test]
fn made_then_told_what_to_cover_then_rid_of_the_rest() {
    let rules = &desired().rules[..];
    let swapped = [rules[1].clone(), rules[0].clone()];
    assert_eq!(
        operations(plan(&desired(), None, &owner())),
        ["CreateBackupPlan"]
    );
    for (observed, expected) in [
        (seen(rules, &[]), &["CreateBackupSelection"][..]),
        (seen(rules, &[("1", selection("files"))]), &[]),
        (seen(&swapped, &[("1", selection("files"))]), &[]),
        (
            seen(&rules[..1], &[("1", selection("other"))]),
            &["CreateBackupSelection"],
        ),
        (
            seen(&rules[..1], &[("1", selection("files"))]),
            &["UpdateBackupPlan"],
        ),
        (
            seen(
                rules,
                &[("1", selection("files")), ("2", selection("other"))],
            ),
            &["DeleteBackupSelection"],
        ),
        (
            seen(
                rules,
                &[("1", selection("files")), ("2", selection("files"))],
            ),
            &["DeleteBackupSelection"],
        ),
    ] {
        assert_eq!(next(&observed), expected, "{observed:?}");
    }
}

#[test]
fn a_retry_of_a_selection_carries_the_same_token_and_another_one_another() {
    let token = |selections: &[(&str, Selection)]| {
        let step = plan(
            &desired(),
            Some(&seen(&desired().rules, selections)),
            &owner(),
        );
        match step {
            Step::Change(changes) => match &changes[..] {
                [Change::Select { token, .. }] => token.clone(),
                other => panic!("expected one selection, not {other:?}"),
            },
            other => panic!("expected a change, not {other:?}"),
        }
    };
    assert_eq!(token(&[]), token(&[]));
    assert_ne!(token(&[]), token(&[("1", selection("other"))]));
}

#[test]
fn only_ours_is_changed_or_removed() {
    let mut foreign = seen(&[], &[]);
    if let Some(details) = &mut foreign.details {
        details.tags.clear();
    }
    assert_eq!(next(&foreign), [Refusal::FOREIGN_RESOURCE]);
    assert_eq!(operations(remove(Some(&foreign), &owner())), [""; 0]);
    let listed = Observed {
        details: None,
        ..seen(&[], &[])
    };
    assert_eq!(next(&listed), ["ReadingBackupPlan"]);
}

#[test]
fn removed_after_what_it_covers() {
    let removed = |observed: &Observed| operations(remove(Some(observed), &owner()));
    let covering = seen(&[], &[("1", selection("files"))]);
    assert_eq!(removed(&covering), ["DeleteBackupSelection"]);
    assert_eq!(removed(&seen(&[], &[])), ["DeleteBackupPlan"]);
    assert_eq!(operations(remove(None, &owner())), [""; 0]);
}

#[test]
fn another_version_is_read_again() {
    let known = seen(&desired().rules, &[]);
    let listed = |version: &str| {
        let mut listed = Observed {
            version: version.into(),
            details: None,
            ..known.clone()
        };
        BackupPlan::absorb(&mut listed, &known);
        BackupPlan::lacks_details(&listed)
    };
    assert!(!listed("1"));
    assert!(listed("2"));
}
