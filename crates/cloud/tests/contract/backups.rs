//! Backup vaults, the role of AWS Backup, and its jobs.

use emr_cloud::ErrorKind;
use emr_resource::{ResourceType, backup_job, backup_role, backup_vault, ids::Arn, names};

use super::{World, kind, made, owner, tags, until};

/// Backs a file system up, as `files` has made it.
pub(crate) async fn backups(world: &World, resource_arn: &Arn, kms_key_arn: &Arn) {
    let vault = names::backup_vault(&owner("files"));
    let create = backup_vault::Change::Create(backup_vault::Desired {
        name: vault.clone(),
        kms_key_arn: kms_key_arn.clone(),
        tags: tags("files"),
    });
    let port = &world.ports.backup_vault;
    let seen = made(port, create.clone()).await;
    assert_eq!(seen.kms_key_arn.as_ref(), Some(kms_key_arn));
    assert_eq!(seen.tags, Some(tags("files")));
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);
    let role_arn = role(world).await;

    let port = &world.ports.backup_job;
    let jobs = async || port.read(resource_arn).await.unwrap().unwrap().jobs;
    assert_eq!(jobs().await, []);
    let start = backup_job::Change::Start(Box::new(backup_job::Desired {
        resource_arn: resource_arn.clone(),
        vault: vault.clone(),
        role_arn,
        idempotency_token: "final-1".into(),
        recovery_point_tags: tags("files"),
        delete_after_days: Some(35),
    }));
    port.perform(&start).await.unwrap();
    port.perform(&start).await.unwrap();
    assert_eq!(
        jobs().await.len(),
        1,
        "the token starts one job, however often it is sent"
    );
    assert!(jobs().await[0].is_running());
    let seen = until(port, resource_arn, |seen| {
        seen.is_some_and(|seen| !backup_job::BackupJobs::in_transition(seen))
    })
    .await
    .unwrap();
    let [job] = &seen.jobs[..] else {
        panic!("expected one job")
    };
    assert_eq!(job.state, "COMPLETED");
    assert!(backup_job::completed_since(&seen, &vault, job.created_at).is_some());
}

async fn role(world: &World) -> Arn {
    use backup_role::{Change, Desired, MANAGED_POLICIES, trust_policy};
    let port = &world.ports.backup_role;
    let name = names::backup_role(&owner("files"));
    assert_eq!(port.read(&name).await.unwrap(), None);
    let create = Change::Create(Box::new(Desired {
        name: name.clone(),
        path: names::ROLE_PATH.into(),
        trust_policy: trust_policy(&world.account),
        managed_policies: MANAGED_POLICIES.map(Arn::from).into(),
        permissions_boundary: None,
        tags: tags("files"),
    }));
    let reply = port.perform(&create).await.unwrap().unwrap();
    assert_eq!(port.read(&name).await.unwrap().unwrap(), reply);
    assert_eq!(reply.tags, tags("files"));
    assert!(
        reply
            .arn
            .as_str()
            .ends_with(&format!(":role{}{name}", names::ROLE_PATH))
    );
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);
    for policy in MANAGED_POLICIES {
        let attach = Change::Attach {
            name: name.clone(),
            policy: policy.into(),
        };
        port.perform(&attach).await.unwrap();
    }
    let seen = port.read(&name).await.unwrap().unwrap();
    assert_eq!(
        seen.managed_policies,
        MANAGED_POLICIES.map(Arn::from).into()
    );
    seen.arn
}
