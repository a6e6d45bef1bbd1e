//! Backup vaults, the role of AWS Backup, its jobs and plans, and what they protect.

use emr_cloud::ErrorKind;
use emr_resource::{
    Mutation, ResourceType, Step, backup_job, backup_plan, backup_role, backup_vault,
    ids::{Arn, VaultName},
    names, recovery_point, restore_job,
};

use super::{World, kind, listed, made, owner, tags, until};

/// Backs a file system up, as `files` has made it.
pub(crate) async fn backups(world: &World, resource_arn: &Arn, kms_key_arn: &Arn) {
    let vault = names::backup_vault(&owner("files"));
    let create = backup_vault::Change::Create(backup_vault::Desired {
        name: vault.clone(),
        kms_key_arn: kms_key_arn.clone(),
        lock: None,
        tags: tags("files"),
    });
    let port = &world.ports.backup_vault;
    let seen = made(port, create.clone()).await;
    assert_eq!(seen.kms_key_arn.as_ref(), Some(kms_key_arn));
    assert_eq!(seen.tags, Some(tags("files")));
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);
    for final_after_days in [None, Some(3)] {
        let lock = backup_vault::Lock {
            min_retention_days: Some(7),
            max_retention_days: None,
            final_after_days,
        };
        let name = vault.clone();
        let change = backup_vault::Change::Lock { name, lock };
        port.perform(&change).await.unwrap();
        let seen = port.read(&vault).await.unwrap().unwrap().lock.unwrap();
        assert_eq!(seen.final_after_days, final_after_days.map(|_| 0));
        assert_eq!(seen.min_retention_days, Some(7));
    }
    let role_arn = role(world).await;

    let port = &world.ports.backup_job;
    let jobs = async || port.read(resource_arn).await.unwrap().unwrap().jobs;
    assert_eq!(jobs().await, []);
    let start = backup_job::Change::Start(Box::new(backup_job::Desired {
        resource_arn: resource_arn.clone(),
        vault: vault.clone(),
        role_arn: role_arn.clone(),
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
    let protected = world.ports.protected_resource.read(resource_arn).await;
    let protected = protected.unwrap().unwrap();
    assert!(protected.last_backup >= Some(job.created_at));
    assert_eq!(protected.recovery_point_arn, job.recovery_point_arn);
    let shown = listed(&world.ports.protected_resource, resource_arn).await;
    assert_eq!(shown, Some(protected));
    restored(world, &start, kms_key_arn, job).await;
    point(world, &vault, job).await;
    plans(world, &vault, &role_arn).await;
}

/// A restore into the same file system: started once, however often it is sent.
async fn restored(
    world: &World,
    backup: &backup_job::Change,
    kms_key_arn: &Arn,
    job: &backup_job::Job,
) {
    let port = &world.ports.restore_job;
    let backup_job::Change::Start(backup) = backup;
    let files = backup.resource_arn.as_str();
    let (_, file_system) = files.rsplit_once('/').unwrap();
    let desired = restore_job::Desired {
        token: names::restore(&owner("files")),
        recovery_point_arn: job.recovery_point_arn.clone().unwrap(),
        file_system_id: file_system.into(),
        kms_key_arn: kms_key_arn.clone(),
        role_arn: backup.role_arn.clone(),
    };
    assert_eq!(port.read(&desired.token).await.unwrap(), None);
    let unknown = restore_job::Desired {
        recovery_point_arn: "arn:aws:backup:us-east-1:1:recovery-point:none".into(),
        ..desired.clone()
    };
    let start = |of: &restore_job::Desired| restore_job::Change::Start(Box::new(of.clone()));
    assert_eq!(
        kind(port.perform(&start(&unknown)).await),
        ErrorKind::NotFound
    );
    port.perform(&start(&desired)).await.unwrap();
    let first = port.read(&desired.token).await.unwrap().unwrap();
    assert!(restore_job::RestoreJob::in_transition(&first));
    port.perform(&start(&desired)).await.unwrap();
    let seen = until(port, &desired.token, |seen| {
        seen.is_some_and(|seen| !restore_job::RestoreJob::in_transition(seen))
    })
    .await
    .unwrap();
    assert_eq!(
        (seen.state.as_str(), seen.job_id),
        ("COMPLETED", first.job_id)
    );
}

/// What a job left: it carries the tags that the job was given, and goes when it is told to.
async fn point(world: &World, vault: &VaultName, job: &backup_job::Job) {
    let port = &world.ports.recovery_point;
    let id = recovery_point::Id {
        vault: vault.clone(),
        arn: job.recovery_point_arn.clone().unwrap(),
    };
    let seen = port.read(&id).await.unwrap().unwrap();
    assert_eq!(
        (seen.status.as_str(), seen.bytes),
        ("COMPLETED", Some(6144))
    );
    assert_eq!(seen.created_at, job.created_at);
    assert!(seen.completed_at >= Some(seen.created_at));
    for (key, value) in tags("files") {
        assert_eq!(seen.tags.get(&key), Some(&value), "{key}");
    }
    let delete = recovery_point::Change::Delete(id.clone());
    port.perform(&delete).await.unwrap();
    assert!(port.perform(&delete).await.is_err(), "it is being deleted");
    until(port, &id, |seen| seen.is_none()).await;
    assert_eq!(kind(port.perform(&delete).await), ErrorKind::NotFound);
}

/// Follows what our own plan says until nothing is left to do, each call twice: a repeated request
/// changes nothing.
async fn plans(world: &World, vault: &VaultName, role_arn: &Arn) {
    let port = &world.ports.backup_plan;
    let owner = owner("files");
    let rule = |name: &str, cold_after_days| backup_plan::Rule {
        name: name.into(),
        schedule: "cron(0 2 * * ? *)".into(),
        vault: vault.clone(),
        cold_after_days,
        delete_after_days: Some(120),
    };
    let mut desired = backup_plan::Desired {
        name: names::backup_plan(&owner, "files"),
        rules: vec![rule("daily", None), rule("monthly", Some(30))],
        selection: backup_plan::Selection {
            role_arn: role_arn.clone(),
            tags: vec![("emrstack.dev/backup".into(), "nothing".into())],
            resources: Vec::new(),
        },
        tags: tags("files"),
    };
    let mut done = Vec::new();
    for turn in 0..8 {
        let seen = port.read(&desired.name).await.unwrap();
        match backup_plan::plan(&desired, seen.as_ref(), &owner) {
            Step::Settled if turn < 4 => {
                desired.rules.pop();
                desired.selection.tags[0].1 = "files".into();
            }
            Step::Settled => break,
            Step::Change(changes) => {
                for change in changes {
                    let told = port.perform(&change).await.unwrap();
                    if told.is_some() {
                        assert_eq!(told, port.read(&desired.name).await.unwrap(), "{change:?}");
                    }
                    if !matches!(change, backup_plan::Change::Unselect { .. }) {
                        port.perform(&change).await.unwrap();
                    }
                    done.push(change.operation());
                }
            }
            other => panic!("{other:?}"),
        }
    }
    let first = ["CreateBackupPlan", "CreateBackupSelection"];
    let then = [
        "CreateBackupSelection",
        "UpdateBackupPlan",
        "DeleteBackupSelection",
    ];
    assert_eq!(done, [&first[..], &then[..]].concat());
    let seen = port.read(&desired.name).await.unwrap().unwrap();
    let bare = backup_plan::Observed {
        details: None,
        ..seen.clone()
    };
    let shown = listed(port, &desired.name).await;
    assert_eq!(shown, Some(bare), "a list tells no details");

    let mut early = backup_plan::Change::Update {
        name: seen.name.clone(),
        id: seen.id.clone(),
        rules: vec![rule("monthly", Some(31))],
    };
    assert_eq!(kind(port.perform(&early).await), ErrorKind::Invalid);
    early = backup_plan::Change::Delete {
        name: seen.name,
        id: seen.id,
    };
    assert!(port.perform(&early).await.is_err(), "it has a selection");
    while let Step::Change(changes) =
        backup_plan::remove(port.read(&desired.name).await.unwrap().as_ref(), &owner)
    {
        for change in changes {
            port.perform(&change).await.unwrap();
        }
    }
    assert_eq!(port.read(&desired.name).await.unwrap(), None);
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
