//! The secrets of two database users: which there are, which is given another password, which may be lost.

use emr_api::emr_instance::{
    DatabaseUser, DatabaseUsers, EmrInstanceStatus, RotationPhase, UserRotation,
};
use emr_resource::{Change, ids::SecretVersion, secret};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::*;

fn rotating(phase: Option<RotationPhase>) -> EmrInstance {
    let mut instance = sample();
    instance.metadata.uid = Some("0b1c5a52-6f0e-4c4e-9b0d-1f6f3d0a9c11".into());
    let began = Time(Timestamp::from_second(1_800_000_000).unwrap());
    instance.status = Some(EmrInstanceStatus {
        database_users: Some(DatabaseUsers {
            rotation: phase.map(|phase| UserRotation {
                request: Some("spring".into()),
                phase,
                began,
            }),
            ..DatabaseUsers::default()
        }),
        ..EmrInstanceStatus::default()
    });
    instance
}

/// The stack of an instance without a key of its own.
fn stack(instance: &EmrInstance) -> InstanceStack {
    let (network, tags) = landing();
    let owner = crate::owner_of(instance, "clinics");
    let landing = Landing {
        account: &"111122223333".into(),
        region: &"eu-west-1".into(),
        network: &network,
        named_key: Some("arn:key"),
        tags: &tags,
    };
    let validated = validate(instance, []).unwrap();
    let mut stack = desire(&owner, &validated, false, false, &landing);
    users::rotate(&mut stack, instance);
    stack
}

fn seen(stack: &InstanceStack, but: &str) -> InstanceSeen {
    let there = |desired: &secret::Desired| secret::Observed {
        name: desired.name.clone(),
        arn: "arn:secret".into(),
        version: Some(SecretVersion::new("first")),
        deletion_scheduled: false,
        tags: desired.tags.clone(),
    };
    let secrets = stack.secrets.iter().filter(|(purpose, _)| **purpose != but);
    InstanceSeen {
        secrets: secrets.map(|(purpose, of)| (*purpose, there(of))).collect(),
        ..InstanceSeen::default()
    }
}

/// The operations that come next, by secret; a refusal by its word.
fn next(stack: &InstanceStack, seen: &InstanceSeen) -> Vec<String> {
    match plan(stack, &"arn:key".into(), None, true, seen) {
        Step::Settled => Vec::new(),
        Step::Change(all) => all.iter().map(told).collect(),
        _ => vec!["no".to_owned()],
    }
}

fn told(change: &Change) -> String {
    let target = change.target();
    let name = target.rsplit('/').next().unwrap_or_default();
    format!("{} {name}", change.operation())
}

#[test]
fn the_second_user_comes_with_the_first_request() {
    assert!(!stack(&sample()).secrets.contains_key(users::APP_B));
    let asked = stack(&rotating(Some(RotationPhase::Renewing)));
    let second = &asked.secrets[users::APP_B];
    assert_eq!(second.username, "openemr_b");
    assert!(second.name.as_str().ends_with("/app-b"), "{}", second.name);
    // Made although the application is installed: nobody has it yet.
    let made = next(&asked, &seen(&asked, users::APP_B));
    assert_eq!(made, ["CreateSecret app-b"]);
}

#[test]
fn the_idle_user_alone_gets_another_password_and_only_in_its_phase() {
    let asked = stack(&rotating(Some(RotationPhase::Renewing)));
    let mut found = seen(&asked, "");
    assert_eq!(next(&asked, &found), ["PutSecretValue app-b"]);
    let version = asked.renewed.clone();
    found.secrets.get_mut(users::APP_B).unwrap().version = version;
    assert_eq!(next(&asked, &found), [""; 0]);
    for phase in [None, Some(RotationPhase::Switching)] {
        let later = stack(&rotating(phase));
        assert_eq!(next(&later, &seen(&later, "")), [""; 0], "{phase:?}");
    }
    // After the turn it is the other one's.
    let mut turned = rotating(Some(RotationPhase::Renewing));
    let status = turned.status.as_mut().unwrap();
    status.database_users.as_mut().unwrap().active = DatabaseUser::B;
    let turned = stack(&turned);
    assert_eq!(next(&turned, &seen(&turned, "")), ["PutSecretValue app-a"]);
}

#[test]
fn a_password_that_pods_have_is_never_replaced_when_it_is_lost() {
    let rotating = stack(&rotating(None));
    assert_eq!(next(&rotating, &seen(&rotating, APP)), ["no"]);
    let made = next(&rotating, &seen(&rotating, users::APP_B));
    assert_eq!(made, ["CreateSecret app-b"]);
}
