use super::*;

fn owner() -> Owner {
    Owner {
        cluster: "clinics".into(),
        kind: "CacheCluster".into(),
        namespace: "a".into(),
        name: "b".into(),
        uid: "1".into(),
    }
}

fn desired() -> Desired {
    Desired {
        id: "emr-a-b".into(),
        engine: "valkey".into(),
        user_ids: ["emr-a-b".into()].into(),
        tags: owner().tags(&Tags::new()),
    }
}

fn seen(status: &str, users: &[&str], caches: &[&str]) -> Observed {
    Observed {
        id: "emr-a-b".into(),
        arn: "arn".into(),
        status: status.into(),
        engine: "valkey".into(),
        user_ids: users.iter().copied().map(CacheUserId::from).collect(),
        caches: caches.iter().copied().map(CacheName::from).collect(),
        tags: Some(owner().tags(&Tags::new())),
    }
}

#[test]
fn members_are_exactly_the_wanted_ones() {
    assert_eq!(
        plan(&desired(), None, &owner()),
        Step::change(Change::Create(desired()))
    );
    let right = seen("active", &["emr-a-b"], &[]);
    assert_eq!(plan(&desired(), Some(&right), &owner()), Step::Settled);

    let wrong = seen("active", &["default"], &[]);
    let Step::Change(changes) = plan(&desired(), Some(&wrong), &owner()) else {
        panic!("expected a change")
    };
    assert_eq!(
        changes[0].describe(),
        "change cache user group emr-a-b: add emr-a-b, remove default"
    );
    let busy = seen("modifying", &["default"], &[]);
    assert!(matches!(
        plan(&desired(), Some(&busy), &owner()),
        Step::Wait(_)
    ));
}

#[test]
fn another_engine_is_refused() {
    let mut redis = seen("active", &["emr-a-b"], &[]);
    redis.engine = "redis".into();
    let step = plan(&desired(), Some(&redis), &owner());
    assert!(matches!(step, Step::Refuse(r) if r.reason == Refusal::REPLACEMENT_REFUSED));
}

#[test]
fn one_that_is_not_ours_or_not_known_is_left_alone() {
    let mut other = seen("active", &["default"], &[]);
    other.tags = Some(Tags::new());
    let step = plan(&desired(), Some(&other), &owner());
    assert!(matches!(step, Step::Refuse(r) if r.reason == Refusal::FOREIGN_RESOURCE));
    assert_eq!(remove(Some(&other), &owner()), Step::Settled);
    other.tags = None;
    assert!(matches!(
        plan(&desired(), Some(&other), &owner()),
        Step::Wait(_)
    ));
    assert!(matches!(remove(Some(&other), &owner()), Step::Wait(_)));
}

#[test]
fn removed_once_no_cache_uses_it() {
    for (group, waits) in [
        (seen("active", &[], &["emr-a-b"]), true),
        (seen("deleting", &[], &[]), true),
        (seen("active", &["emr-a-b"], &[]), false),
    ] {
        assert_eq!(
            matches!(remove(Some(&group), &owner()), Step::Wait(_)),
            waits
        );
    }
    assert_eq!(remove(None, &owner()), Step::Settled);
}
