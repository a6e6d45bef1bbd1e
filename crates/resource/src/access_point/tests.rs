use super::*;

fn owner() -> Owner {
    Owner {
        cluster: "clinics".into(),
        kind: "SharedFileSystem".into(),
        namespace: "a".into(),
        name: "b".into(),
        uid: "1".into(),
    }
}

fn desired() -> Desired {
    Desired {
        token: "emr-a-b-sites".into(),
        file_system_id: "fs-1".into(),
        name: "sites".into(),
        path: "/sites".into(),
        creation_info: CreationInfo {
            uid: 1000,
            gid: 101,
            permissions: "0755".into(),
        },
        posix_user: None,
        tags: owner().tags(&Tags::new()),
    }
}

fn seen(edit: impl FnOnce(&mut Observed)) -> Observed {
    let mut observed = Observed {
        id: "fsap-1".into(),
        arn: "arn".into(),
        token: "emr-a-b-sites".into(),
        file_system_id: "fs-1".into(),
        name: Some("sites".into()),
        path: "/sites".into(),
        creation_info: Some(CreationInfo {
            uid: 1000,
            gid: 101,
            permissions: "755".into(),
        }),
        posix_user: None,
        state: "available".into(),
        tags: owner().tags(&Tags::new()),
    };
    edit(&mut observed);
    observed
}

#[test]
fn created_then_settled() {
    let create = Step::change(Change::Create(Box::new(desired())));
    assert_eq!(plan(&desired(), None, &owner()), create);
    let deleted = seen(|s| s.state = "deleted".into());
    assert_eq!(plan(&desired(), Some(&deleted), &owner()), create);
    let creating = seen(|s| s.state = "creating".into());
    assert!(matches!(
        plan(&desired(), Some(&creating), &owner()),
        Step::Wait(_)
    ));
    assert_eq!(
        plan(&desired(), Some(&seen(|_| ())), &owner()),
        Step::Settled
    );
}

#[test]
fn what_differs_is_refused_and_named() {
    type Edit = fn(&mut Observed);
    let cases: [(Edit, &str, &str); 7] = [
        (
            |s| s.file_system_id = "fs-2".into(),
            Refusal::REPLACEMENT_REFUSED,
            "file system",
        ),
        (
            |s| s.path = "/".into(),
            Refusal::REPLACEMENT_REFUSED,
            "the path",
        ),
        (
            |s| s.creation_info = None,
            Refusal::REPLACEMENT_REFUSED,
            "creationInfo",
        ),
        (
            |s| s.creation_info.as_mut().unwrap().permissions = "0700".into(),
            Refusal::REPLACEMENT_REFUSED,
            "creationInfo",
        ),
        (
            |s| s.posix_user = Some(PosixUser { uid: 1, gid: 1 }),
            Refusal::REPLACEMENT_REFUSED,
            "posixUser",
        ),
        (
            |s| s.state = "error".into(),
            Refusal::RESOURCE_FAILED,
            "state error",
        ),
        (|s| s.tags.clear(), Refusal::FOREIGN_RESOURCE, "fsap-1"),
    ];
    for (edit, reason, named) in cases {
        let Step::Refuse(refusal) = plan(&desired(), Some(&seen(edit)), &owner()) else {
            panic!("expected a refusal that names {named}")
        };
        assert_eq!(refusal.reason, reason);
        assert!(refusal.message.contains(named), "{}", refusal.message);
    }
}

#[test]
fn removed_if_ours() {
    let delete = Step::change(Change::Delete {
        token: "emr-a-b-sites".into(),
        id: "fsap-1".into(),
    });
    let deleting = seen(|s| s.state = "deleting".into());
    assert_eq!(remove(Some(&seen(|_| ())), &owner()), delete);
    assert!(matches!(remove(Some(&deleting), &owner()), Step::Wait(_)));
    assert_eq!(
        remove(Some(&seen(|s| s.tags.clear())), &owner()),
        Step::Settled
    );
    assert_eq!(remove(None, &owner()), Step::Settled);
}
