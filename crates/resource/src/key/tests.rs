use super::*;

fn owner() -> Owner {
    Owner {
        cluster: "clinics".into(),
        kind: "EmrInstance".into(),
        namespace: "a".into(),
        name: "b".into(),
        uid: "1".into(),
    }
}

fn desired() -> Desired {
    Desired {
        alias: "alias/emr".into(),
        description: "x".into(),
        policy: key_policy(&"111122223333".into(), &"eu-west-1".into()),
        tags: owner().tags(&Tags::new()),
    }
}

fn seen(state: &str, has_alias: bool, rotation: bool) -> Observed {
    Observed {
        alias: "alias/emr".into(),
        has_alias,
        id: "k-1".into(),
        details: Some(Details {
            arn: "arn:k-1".into(),
            state: state.into(),
            rotation,
            tags: owner().tags(&Tags::new()),
        }),
    }
}

#[test]
fn the_policy_is_json_without_placeholders() {
    let policy = desired().policy;
    assert!(!policy.contains("${"));
    let parsed: serde_json::Value = serde_json::from_str(&policy).unwrap();
    assert_eq!(parsed["Version"], "2012-10-17");
}

#[test]
fn created_then_named_and_rotated() {
    assert!(matches!(
        plan(&desired(), None, None, &owner()),
        Step::Change(_)
    ));
    let Step::Change(changes) = plan(
        &desired(),
        None,
        Some(&seen("Enabled", false, false)),
        &owner(),
    ) else {
        panic!("expected changes")
    };
    assert_eq!(changes.len(), 2);
    assert!(
        plan(
            &desired(),
            None,
            Some(&seen("Enabled", true, true)),
            &owner()
        )
        .is_settled()
    );
}

#[test]
fn a_key_that_protects_data_is_never_replaced() {
    let arn = Arn::new("arn:k-1");
    for (recorded, observed) in [
        (&arn, None),
        (&arn, Some(seen("PendingDeletion", true, true))),
        (&Arn::new("arn:k-0"), Some(seen("Enabled", true, true))),
    ] {
        let step = plan(&desired(), Some(recorded), observed.as_ref(), &owner());
        assert!(matches!(step, Step::Refuse(r) if r.reason == Refusal::KEY_UNUSABLE));
    }
}
