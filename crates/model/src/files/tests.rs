use emr_resource::{Mutation, Refusal, Step};
use k8s_openapi::jiff::Timestamp;

use super::*;
use emr_api::policy::DeletionPolicy;

fn stack() -> FilesStack {
    let owner = Owner {
        cluster: "clinics".into(),
        kind: "SharedFileSystem".into(),
        namespace: "a".into(),
        name: "b".into(),
        uid: "1".into(),
    };
    let spec =
        serde_json::from_str(r#"{"accessPoints": [{"name": "sites", "path": "/sites"}]}"#).unwrap();
    let network = NetworkStatus {
        vpc_id: "vpc-1".into(),
        node_security_group_id: "sg-nodes".into(),
        ..NetworkStatus::default()
    };
    let landing = Landing {
        network: &network,
        kms_key_arn: "arn:key",
        vault: "vault",
        backup_role_arn: "arn:role",
        tags: &UserTags::new(),
    };
    desire(&owner, &spec, &landing)
}

fn seen(stack: &FilesStack) -> FilesSeen {
    FilesSeen {
        file_system: Some(file_system::Observed {
            id: "fs-1".into(),
            token: stack.file_system.token.clone(),
            arn: "arn:fs-1".into(),
            state: "available".into(),
            kms_key_arn: Some("arn:key".into()),
            throughput: file_system::Throughput::Elastic,
            number_of_mount_targets: 0,
            tags: stack.file_system.tags.clone(),
            details: Some(file_system::Details {
                mount_targets: Vec::new(),
                lifecycle: stack.file_system.lifecycle.clone(),
                automatic_backups: true,
            }),
        }),
        ..FilesSeen::default()
    }
}

fn circumstances(policy: DeletionPolicy) -> Circumstances {
    Circumstances {
        policy,
        quiesced_at: Timestamp::UNIX_EPOCH,
        other_half_incomplete: Some("the database is being copied".into()),
    }
}

#[test]
fn a_lost_file_system_is_refused_before_anything_is_made() {
    let step = plan(&stack(), Some(&"fs-1".into()), &FilesSeen::default());
    assert!(matches!(step, Step::Refuse(r) if r.reason == Refusal::DATA_RESOURCE_MISSING));
}

#[test]
fn nothing_is_deleted_before_both_halves_are_complete() {
    let stack = stack();
    let mut seen = seen(&stack);
    let snapshot = circumstances(DeletionPolicy::Snapshot);
    let Step::Change(changes) = teardown(&stack, &snapshot, &seen) else {
        panic!("expected a backup")
    };
    assert_eq!(changes[0].operation(), "StartBackupJob");
    seen.backup_jobs = Some(backup_job::Observed {
        resource_arn: "arn:fs-1".into(),
        jobs: vec![backup_job::Job {
            id: "j".into(),
            state: "COMPLETED".into(),
            created_at: Timestamp::UNIX_EPOCH,
            recovery_point_arn: Some("arn:rp".into()),
            vault: "vault".into(),
            message: None,
        }],
    });
    assert!(
        matches!(teardown(&stack, &snapshot, &seen), Step::Wait(w) if w.reason == "WaitingForSet")
    );
    let both = Circumstances {
        other_half_incomplete: None,
        ..snapshot
    };
    let Step::Change(changes) = teardown(&stack, &both, &seen) else {
        panic!("expected deletion")
    };
    assert_eq!(changes[0].operation(), "DeleteFileSystem");
}

#[test]
fn retain_touches_nothing_and_delete_takes_no_copy() {
    let stack = stack();
    let seen = seen(&stack);
    assert!(teardown(&stack, &circumstances(DeletionPolicy::Retain), &seen).is_settled());
    let Step::Change(changes) = teardown(&stack, &circumstances(DeletionPolicy::Delete), &seen)
    else {
        panic!("expected deletion")
    };
    assert_eq!(changes[0].operation(), "DeleteFileSystem");
}
