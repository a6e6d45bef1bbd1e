use super::*;
use crate::names;

fn owner() -> Owner {
    Owner {
        cluster: "clinics".into(),
        kind: "ObjectStore".into(),
        namespace: "a".into(),
        name: "scans".into(),
        uid: "1".into(),
    }
}

fn desired() -> Desired {
    let region = "eu-central-1".into();
    Desired {
        name: names::pod_role(&owner()),
        path: names::POD_ROLE_PATH.into(),
        description: "x".into(),
        trust_policy: trust_policy(&"111122223333".into(), &region, "clinics", "a", "viewer"),
        policy: object_access(&"b".into(), &region, &"arn:key".into()),
        permissions_boundary: Some("arn:boundary".into()),
        tags: owner().tags(&Tags::new()),
    }
}

fn seen() -> Observed {
    Observed {
        name: desired().name,
        arn: "arn".into(),
        trust_policy: canonical(&desired().trust_policy),
        policy: Some(canonical(&desired().policy)),
        permissions_boundary: Some("arn:boundary".into()),
        tags: owner().tags(&Tags::new()),
    }
}

fn operations(step: &Step<Change>) -> Vec<&'static str> {
    match step {
        Step::Change(changes) => changes.iter().map(Change::operation).collect(),
        Step::Refuse(refusal) => vec![refusal.reason],
        Step::Settled => Vec::new(),
        Step::Wait(wait) => vec![wait.reason],
    }
}

#[test]
fn pods_of_one_service_account_in_one_cluster_may_take_it() {
    let trust: serde_json::Value = serde_json::from_str(&desired().trust_policy).unwrap();
    let [statement] = &trust["Statement"].as_array().unwrap()[..] else {
        panic!("expected one statement: {trust}")
    };
    assert_eq!(statement["Principal"]["Service"], "pods.eks.amazonaws.com");
    let equals = &statement["Condition"]["StringEquals"];
    assert_eq!(equals["aws:SourceAccount"], "111122223333");
    assert_eq!(
        equals["aws:SourceArn"],
        "arn:aws:eks:eu-central-1:111122223333:cluster/clinics"
    );
    assert_eq!(equals["aws:RequestTag/kubernetes-namespace"], "a");
    assert_eq!(
        equals["aws:RequestTag/kubernetes-service-account"],
        "viewer"
    );
}

#[test]
fn it_may_use_one_bucket_and_one_key_and_delete_no_version() {
    let text = desired().policy;
    let policy: serde_json::Value = serde_json::from_str(&text).unwrap();
    for statement in policy["Statement"].as_array().unwrap() {
        let resource = statement["Resource"].as_str().unwrap();
        assert!(
            ["arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:key"].contains(&resource),
            "{resource}"
        );
    }
    for never in [
        "Version\":\"s3",
        "DeleteObjectVersion",
        "s3:*",
        "kms:*",
        "s3:PutBucket",
    ] {
        assert!(!text.contains(never), "{never}");
    }
}

#[test]
fn made_then_told_what_it_may_do_then_taken_away() {
    let step = |seen: Option<&Observed>| operations(&plan(&desired(), seen, &owner()));
    assert_eq!(step(None), ["CreateRole"]);
    let mut bare = seen();
    bare.policy = None;
    assert_eq!(step(Some(&bare)), ["PutRolePolicy"]);
    let mut wider = seen();
    wider.policy = Some("{}".into());
    assert_eq!(step(Some(&wider)), ["PutRolePolicy"]);
    assert_eq!(step(Some(&seen())), [""; 0]);
    let gone = |seen: Option<&Observed>| operations(&remove(seen, &owner()));
    assert_eq!(gone(Some(&seen())), ["DeleteRolePolicy"]);
    assert_eq!(gone(Some(&bare)), ["DeleteRole"]);
    assert_eq!(gone(None), [""; 0]);
}

/// One thing, changed.
type Edit = fn(&mut Observed);

#[test]
fn nothing_is_given_to_one_unbounded_or_opened_or_of_somebody_else() {
    let edits: [(Edit, &str); 3] = [
        (|s| s.permissions_boundary = None, Refusal::RESOURCE_FAILED),
        (
            |s| s.trust_policy = s.trust_policy.replace("viewer", "*"),
            Refusal::RESOURCE_FAILED,
        ),
        (|s| s.tags.clear(), Refusal::FOREIGN_RESOURCE),
    ];
    for (edit, reason) in edits {
        let mut seen = seen();
        seen.policy = None;
        edit(&mut seen);
        assert_eq!(
            operations(&plan(&desired(), Some(&seen), &owner())),
            [reason]
        );
    }
    let mut foreign = seen();
    foreign.tags.clear();
    assert!(remove(Some(&foreign), &owner()).is_settled());
}
