use emr_api::{EmrInstance, conditions, policy::DeletionPolicy};
use emr_resource::{Mutation, Owner, Step, Tags};
use k8s_openapi::jiff::Timestamp;

mod restore;
mod rotation;

use super::*;
use crate::progress::{Notice, Progress};

fn instance(name: &str, uid: &str, created: &str, spec: &str) -> EmrInstance {
    let mut instance: EmrInstance = serde_json::from_str(&format!(
        r#"{{"apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrInstance",
            "metadata": {{"name": "{name}", "namespace": "clinics", "uid": "{uid}",
                          "creationTimestamp": "{created}", "generation": 1}},
            "spec": {{"hostname": "a.example.org", "openemr": {{"version": "8.2.0"}}{spec}}}}}"#
    ))
    .unwrap();
    instance.metadata.generation = Some(1);
    instance
}

fn sample() -> EmrInstance {
    instance("riverside", "1", "2026-01-01T00:00:00Z", "")
}

#[test]
fn the_older_instance_keeps_a_hostname() {
    let older = instance("older", "2", "2025-01-01T00:00:00Z", "");
    assert_eq!(
        validate(&sample(), [&older]).unwrap_err().reason(),
        "HostnameTaken"
    );
    assert!(validate(&older, [&sample()]).is_ok());
    assert!(
        validate(&sample(), [&sample()]).is_ok(),
        "an instance is not its own neighbour"
    );
}

#[test]
fn overrides_lie_over_the_profile() {
    let small = instance(
        "a",
        "1",
        "2026-01-01T00:00:00Z",
        r#", "profile": "Development", "database": {"managed": {"readers": 2}}"#,
    );
    let validated = validate(&small, []).unwrap();
    let Application::OpenEmr(plan) = &validated.application else {
        panic!("OpenEMR")
    };
    assert_eq!(plan.mysql.readers, 2);
    assert!((plan.mysql.capacity.max_acu - 4.0).abs() < f64::EPSILON);
    assert_eq!(validated.replicas, (1, 3));
}

#[test]
fn children_that_hold_data_have_no_owner_reference() {
    let validated = validate(&sample(), []).unwrap();
    let children = children(&sample(), &validated, "arn:key");
    assert!(children.database.metadata.owner_references.is_none());
    assert!(children.files.unwrap().metadata.owner_references.is_none());
    assert_eq!(
        children.database.spec.kms_key_arn.as_deref(),
        Some("arn:key")
    );
    assert_eq!(
        children.database.spec.deletion_policy,
        DeletionPolicy::Snapshot
    );
}

fn landing() -> (emr_api::emr_platform::NetworkStatus, Tags) {
    (
        emr_api::emr_platform::NetworkStatus {
            vpc_id: "vpc-1".into(),
            ..Default::default()
        },
        Tags::new(),
    )
}

#[test]
fn production_has_a_key_of_its_own_and_it_comes_first() {
    let (network, tags) = landing();
    let owner = crate::owner_of(&sample(), "clinics");
    let validated = validate(&sample(), []).unwrap();
    let landing = Landing {
        account: &"111122223333".into(),
        region: &"eu-west-1".into(),
        network: &network,
        named_key: None,
        tags: &tags,
    };
    let stack = desire(&owner, &validated, false, true, &landing);
    assert!(
        stack.frontend.ingress.is_empty(),
        "nobody is allowed, so nothing is open"
    );
    let step = plan(
        &stack,
        &"arn:shared".into(),
        None,
        false,
        &InstanceSeen::default(),
    );
    let Step::Change(changes) = step else {
        panic!("expected a key")
    };
    assert_eq!(
        changes.iter().map(Mutation::operation).collect::<Vec<_>>(),
        ["CreateKey"]
    );
    let _: &Owner = &stack.owner;
}

fn parts(installed: bool, serving: bool) -> Parts {
    let part = |fact| {
        if fact {
            Part::yes("Yes", "yes")
        } else {
            Part::no("No", "not yet")
        }
    };
    Parts {
        database: part(true),
        cache: part(true),
        files: part(true),
        installed: part(installed),
        serving: part(serving),
        exposed: Part::no("NobodyAllowed", "nobody is let in"),
        current: None,
    }
}

#[test]
fn ready_is_the_sum_of_its_parts_and_needs_no_exposure() {
    let verdict = |parts: &Parts| {
        let status = report(
            &sample(),
            &Progress::Settled,
            parts,
            Findings::default(),
            Timestamp::UNIX_EPOCH,
        );
        (
            conditions::is_true(&status.conditions, conditions::READY),
            status.phase.unwrap(),
        )
    };
    assert_eq!(verdict(&parts(false, false)), (false, "Installing".into()));
    assert_eq!(verdict(&parts(true, false)), (false, "Starting".into()));
    assert_eq!(verdict(&parts(true, true)), (true, "Ready".into()));
}

#[test]
fn a_stalled_part_stalls_the_instance() {
    let mut parts = parts(false, false);
    parts.installed = Part::stalled("InstallIncomplete", "look here");
    let status = report(
        &sample(),
        &Progress::Settled,
        &parts,
        Findings::default(),
        Timestamp::UNIX_EPOCH,
    );
    let stalled = conditions::find(&status.conditions, conditions::STALLED).unwrap();
    assert_eq!(stalled.reason, "InstallIncomplete");
    assert!(conditions::find(&status.conditions, conditions::RECONCILING).is_none());
    let _ = Notice::new("", "");
}

#[test]
fn a_change_over_takes_the_sets_version_and_ends_what_was_under_way() {
    use emr_api::emr_instance::{EmrInstanceStatus, RestoredSet, UpgradePhase, UpgradeStatus};
    let since = k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(Timestamp::UNIX_EPOCH);
    let upgrade = UpgradeStatus {
        from: "8.2.0".into(),
        to: "8.4.0".into(),
        step: "8.4.0".into(),
        irreversible: true,
        began: since.clone(),
        phase: UpgradePhase::Failed,
        since,
        attempt: 1,
        set: None,
        failed_in: Some(UpgradePhase::Migrating),
        failed_at_request: None,
        paused: false,
        message: String::new(),
    };
    let mut instance = sample();
    instance.status = Some(EmrInstanceStatus {
        version: Some("8.4.0".into()),
        upgrade: Some(upgrade.clone()),
        ..EmrInstanceStatus::default()
    });
    let told = |findings| {
        let (own, parts) = (Progress::Settled, parts(true, true));
        let status = report(&instance, &own, &parts, findings, Timestamp::UNIX_EPOCH);
        (status.version.unwrap(), status.upgrade)
    };
    let kept = told(Findings::default());
    assert_eq!(kept, ("8.4.0".into(), Some(upgrade)));
    let set = RestoredSet {
        version: Some("8.2.0".into()),
        ..RestoredSet::default()
    };
    let switched = told(Findings {
        switched: Some(("other".into(), set)),
        ..Findings::default()
    });
    assert_eq!(switched, ("8.2.0".into(), None));
    let walked = told(Findings {
        walked: Some(Walked {
            version: "8.5.0".into(),
            upgrade: None,
        }),
        ..Findings::default()
    });
    assert_eq!(walked, ("8.5.0".into(), None));
}

#[test]
fn an_upgrade_is_told_before_the_pods_that_it_replaces() {
    let verdict = |current: Part, serving| {
        let parts = Parts {
            current: Some(current),
            ..parts(true, serving)
        };
        let own = Progress::Settled;
        let findings = Findings::default();
        let status = report(&sample(), &own, &parts, findings, Timestamp::UNIX_EPOCH);
        let has = |kind| conditions::find(&status.conditions, kind).map(|of| of.reason.clone());
        let (working, stalled) = (has(conditions::RECONCILING), has(conditions::STALLED));
        (status.phase.unwrap(), working, stalled)
    };
    let upgrading = Some("Upgrading".to_owned());
    let part = || Part::no("Upgrading", "step 1");
    assert_eq!(
        verdict(part(), false),
        ("Upgrading".into(), upgrading.clone(), None)
    );
    assert_eq!(verdict(part(), true), ("Upgrading".into(), upgrading, None));
    let refused = Part::stalled("DowngradeRefused", "no");
    let told = Some("DowngradeRefused".to_owned());
    assert_eq!(verdict(refused, true), ("Stalled".into(), None, told));
    assert_eq!(
        verdict(Part::yes("UpToDate", ""), true),
        ("Ready".into(), None, None)
    );
}
