use super::*;
use crate::{Mutation, Owner, Refusal, Step};

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
        token: "emr-a-b".into(),
        kms_key_arn: "arn:key".into(),
        throughput: Throughput::Elastic,
        lifecycle: Lifecycle {
            to_ia_days: Some(30),
            ..Lifecycle::default()
        },
        automatic_backups: false,
        mount_targets: [
            ("z-a".into(), "subnet-a".into()),
            ("z-b".into(), "subnet-b".into()),
        ]
        .into(),
        security_group_id: "sg-1".into(),
        tags: owner().tags(&Tags::new()),
    }
}

fn target(zone: &str, state: &str) -> MountTarget {
    MountTarget {
        id: MountTargetId::new(format!("fsmt-{zone}")),
        subnet_id: SubnetId::new(format!("subnet-{zone}")),
        zone: zone.into(),
        state: state.into(),
        ip: None,
        security_group_ids: ["sg-1".into()].into(),
    }
}

fn seen(targets: &[MountTarget]) -> Observed {
    Observed {
        id: "fs-1".into(),
        token: "emr-a-b".into(),
        arn: "arn".into(),
        state: "available".into(),
        kms_key_arn: Some("arn:key".into()),
        throughput: Throughput::Elastic,
        number_of_mount_targets: targets.len(),
        tags: owner().tags(&Tags::new()),
        details: Some(Details {
            mount_targets: targets.to_vec(),
            lifecycle: desired().lifecycle,
            automatic_backups: false,
        }),
    }
}

fn whole() -> Observed {
    seen(&[target("z-a", "available"), target("z-b", "available")])
}

fn with(edit: impl FnOnce(&mut Observed)) -> Observed {
    let mut observed = whole();
    edit(&mut observed);
    observed
}

fn details(observed: &mut Observed) -> &mut Details {
    observed.details.as_mut().unwrap()
}

/// What the step does, in words: the changes, or the reason to wait or to refuse.
fn words(step: Step<Change>) -> String {
    match step {
        Step::Settled => "settled".into(),
        Step::Wait(wait) => wait.reason.into(),
        Step::Refuse(refusal) => refusal.reason.into(),
        Step::Change(changes) => changes
            .iter()
            .map(Change::describe)
            .collect::<Vec<_>>()
            .join("; "),
    }
}

#[test]
fn from_nothing_to_settled() {
    let step = |observed: Option<&Observed>| words(plan(&desired(), None, observed, &owner()));
    assert_eq!(step(None), "create file system emr-a-b");
    assert_eq!(
        step(Some(&with(|s| s.state = "creating".into()))),
        "CreatingFileSystem"
    );
    assert_eq!(step(Some(&with(|s| s.details = None))), "ReadingFileSystem");
    assert_eq!(
        step(Some(&seen(&[]))),
        "create mount target of file system fs-1 in z-a; create mount target of file system fs-1 \
         in z-b"
    );
    assert_eq!(
        step(Some(&seen(&[
            target("z-a", "available"),
            target("z-b", "creating")
        ]))),
        "CreatingMountTargets"
    );
    assert_eq!(step(Some(&whole())), "settled");
}

#[test]
fn drift_is_repaired() {
    type Edit = fn(&mut Observed);
    let cases: [(Edit, &str); 8] = [
        (
            |s| drop(details(s).mount_targets.remove(1)),
            "create mount target of file system fs-1 in z-b",
        ),
        (
            |s| details(s).mount_targets[1].state = "deleting".into(),
            "CreatingMountTargets",
        ),
        (
            |s| details(s).mount_targets[1].state = "error".into(),
            "delete mount target fsmt-z-b in z-b",
        ),
        (
            |s| details(s).mount_targets[1].subnet_id = "subnet-other".into(),
            "settled",
        ),
        (
            |s| details(s).mount_targets[0].security_group_ids = ["sg-open".into()].into(),
            "change mount target fsmt-z-a: security groups {SecurityGroupId(\"sg-open\")} -> \
             {SecurityGroupId(\"sg-1\")}",
        ),
        (
            |s| {
                details(s).lifecycle = Lifecycle::default();
                details(s).automatic_backups = true;
            },
            "set lifecycle of file system fs-1; switch automatic backups of file system fs-1 off",
        ),
        (
            |s| s.throughput = Throughput::Provisioned { mibps: 8 },
            "change file system fs-1: throughput 8 MiB/s provisioned -> elastic",
        ),
        (|s| s.state = "updating".into(), "ModifyingFileSystem"),
    ];
    for (edit, expected) in cases {
        let id = FileSystemId::new("fs-1");
        let step = plan(&desired(), Some(&id), Some(&with(edit)), &owner());
        assert_eq!(words(step), expected);
    }
}

#[test]
fn throughput_waits_until_the_rest_is_done() {
    let observed = with(|s| {
        s.throughput = Throughput::Bursting;
        details(s).mount_targets.clear();
    });
    let Step::Change(changes) = plan(&desired(), None, Some(&observed), &owner()) else {
        panic!("expected changes")
    };
    assert!(
        changes
            .iter()
            .all(|change| matches!(change, Change::CreateMountTarget { .. }))
    );
}

#[test]
fn one_that_was_there_is_never_replaced_by_an_empty_one() {
    let recorded = FileSystemId::new("fs-1");
    let cases = [
        (None, Refusal::DATA_RESOURCE_MISSING),
        (
            Some(with(|s| s.id = "fs-2".into())),
            Refusal::DATA_RESOURCE_MISSING,
        ),
        (
            Some(with(|s| s.state = "deleting".into())),
            Refusal::DATA_RESOURCE_MISSING,
        ),
        (
            Some(with(|s| s.state = "error".into())),
            Refusal::RESOURCE_FAILED,
        ),
        (
            Some(with(|s| s.kms_key_arn = None)),
            Refusal::REPLACEMENT_REFUSED,
        ),
        (
            Some(with(|s| s.kms_key_arn = Some("arn:other".into()))),
            Refusal::REPLACEMENT_REFUSED,
        ),
        (Some(with(|s| s.tags.clear())), Refusal::FOREIGN_RESOURCE),
    ];
    for (observed, reason) in cases {
        let step = plan(&desired(), Some(&recorded), observed.as_ref(), &owner());
        assert_eq!(words(step), reason);
    }
}

#[test]
fn mount_targets_leave_before_the_file_system() {
    let step = |observed: Option<&Observed>| words(remove(observed, &owner()));
    assert_eq!(
        step(Some(&seen(&[
            target("z-a", "available"),
            target("z-b", "deleting")
        ]))),
        "delete mount target fsmt-z-a in z-a"
    );
    assert_eq!(
        step(Some(&seen(&[target("z-b", "deleting")]))),
        "DeletingFileSystem"
    );
    assert_eq!(
        step(Some(&with(|s| s.details = None))),
        "DeletingFileSystem"
    );
    assert_eq!(step(Some(&seen(&[]))), "delete file system fs-1 (emr-a-b)");
    assert_eq!(
        step(Some(&with(|s| s.state = "deleting".into()))),
        "DeletingFileSystem"
    );
    assert_eq!(step(Some(&with(|s| s.tags.clear()))), "settled");
    assert_eq!(step(None), "settled");
}

#[test]
fn details_are_kept_until_the_number_of_mount_targets_hints_at_a_change() {
    let listed = |number| {
        let mut listed = seen(&[]);
        (listed.details, listed.number_of_mount_targets) = (None, number);
        FileSystem::absorb(&mut listed, &whole());
        listed
    };
    assert_eq!(listed(2), whole());
    assert!(FileSystem::lacks_details(&listed(1)));
    assert!(!FileSystem::in_transition(&whole()));
    assert!(FileSystem::in_transition(&seen(&[target(
        "z-a", "creating"
    )])));
}
