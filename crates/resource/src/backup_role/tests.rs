use super::*;
use crate::names::ROLE_PATH;

fn owner() -> Owner {
    Owner {
        cluster: "clinics".into(),
        kind: "EmrPlatform".into(),
        namespace: String::new(),
        name: "default".into(),
        uid: "1".into(),
    }
}

fn desired() -> Desired {
    Desired {
        name: "emr-default-backup".into(),
        path: ROLE_PATH.into(),
        trust_policy: trust_policy(&"111122223333".into()),
        managed_policies: MANAGED_POLICIES.map(Arn::from).into(),
        permissions_boundary: Some("arn:boundary".into()),
        tags: owner().tags(&Tags::new()),
    }
}

fn seen(policies: &[&str]) -> Observed {
    Observed {
        name: "emr-default-backup".into(),
        arn: "arn".into(),
        managed_policies: policies.iter().copied().map(Arn::from).collect(),
        permissions_boundary: Some("arn:boundary".into()),
        tags: owner().tags(&Tags::new()),
    }
}

#[test]
fn only_aws_backup_for_this_account_may_take_it() {
    let trust: serde_json::Value = serde_json::from_str(&desired().trust_policy).unwrap();
    let statement = &trust["Statement"][0];
    assert_eq!(trust["Statement"].as_array().unwrap().len(), 1);
    assert_eq!(statement["Principal"]["Service"], "backup.amazonaws.com");
    assert_eq!(
        statement["Condition"]["StringEquals"]["aws:SourceAccount"],
        "111122223333"
    );
}

#[test]
fn created_then_given_what_it_lacks() {
    assert!(matches!(plan(&desired(), None, &owner()), Step::Change(_)));
    for (policies, missing) in [(&[][..], 2), (&MANAGED_POLICIES[..1], 1)] {
        let Step::Change(changes) = plan(&desired(), Some(&seen(policies)), &owner()) else {
            panic!("expected {missing} policies")
        };
        assert_eq!(changes.len(), missing);
    }
    let more = [&MANAGED_POLICIES[..], &["arn:theirs"]].concat();
    assert!(plan(&desired(), Some(&seen(&more)), &owner()).is_settled());
}

#[test]
fn nothing_is_attached_to_one_without_its_boundary_or_of_somebody_else() {
    let mut unbounded = seen(&[]);
    unbounded.permissions_boundary = None;
    let mut foreign = seen(&[]);
    foreign.tags.clear();
    for (role, reason) in [
        (unbounded, Refusal::RESOURCE_FAILED),
        (foreign, Refusal::FOREIGN_RESOURCE),
    ] {
        let step = plan(&desired(), Some(&role), &owner());
        assert!(matches!(step, Step::Refuse(r) if r.reason == reason));
    }
}
