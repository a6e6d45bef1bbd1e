mod coverage;

use std::collections::BTreeSet;

use emr_resource::{
    Owner, Tags,
    ownership::{CLUSTER, MANAGED_BY},
};
use serde_json::Value;

use super::*;

fn scope() -> Scope {
    Scope {
        partition: "aws".into(),
        account: "111122223333".into(),
        region: "eu-central-1".into(),
        cluster: "clinics".into(),
        boundary: None,
    }
}

fn ours() -> Tags {
    let owner = Owner {
        cluster: "clinics".into(),
        kind: "ManagedDatabase".into(),
        namespace: "a".into(),
        name: "b".into(),
        uid: "1".into(),
    };
    owner.tags(&Tags::new())
}

fn actions(policy: &Value) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().unwrap();
    let actions = statements
        .iter()
        .flat_map(|one| one["Action"].as_array().unwrap());
    actions
        .map(|action| action.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn keys_are_never_disabled_and_nothing_is_allowed_by_wildcard() {
    for action in actions(&policy(&scope())) {
        assert!(!action.contains('*'), "{action}");
        for never in [
            "kms:Disable",
            "kms:ScheduleKeyDeletion",
            "kms:PutKeyPolicy",
            "kms:DeleteAlias",
            "kms:UpdateAlias",
            "iam:PutUser",
            "iam:PutGroup",
            "iam:PutRolePermissionsBoundary",
            "iam:Update",
            "iam:CreatePolicy",
            "s3:DeleteBucketPolicy",
            "s3:DeleteObject",
            "s3:GetObject",
            "s3:PutObject",
            "logs:Delete",
        ] {
            assert!(!action.starts_with(never), "{action}");
        }
    }
}

#[test]
fn what_is_ours_can_be_changed_and_what_is_not_can_not() {
    let policy = policy(&scope());
    let at =
        |service: &str, rest: &str| format!("arn:aws:{service}:eu-central-1:111122223333:{rest}");
    let no_tags = Tags::new();
    let mut others = ours();
    others.insert(CLUSTER.into(), "another".into());
    let mut by_hand = ours();
    by_hand.remove(MANAGED_BY);
    for (action, resource) in [
        ("rds:DeleteDBCluster", at("rds", "cluster:emr-a-b-hash")),
        ("rds:ModifyDBCluster", at("rds", "cluster:emr-a-b-hash")),
        ("rds:DeleteDBInstance", at("rds", "db:emr-a-b-hash-0")),
        (
            "ec2:AuthorizeSecurityGroupIngress",
            at("ec2", "security-group/sg-1"),
        ),
        ("ec2:DeleteSecurityGroup", at("ec2", "security-group/sg-1")),
        ("kms:EnableKeyRotation", at("kms", "key/1")),
        (
            "secretsmanager:GetSecretValue",
            at("secretsmanager", "secret:emrstack/clinics/a/b"),
        ),
        (
            "secretsmanager:DeleteSecret",
            at("secretsmanager", "secret:emrstack/clinics/a/b"),
        ),
        (
            "elasticfilesystem:DeleteFileSystem",
            at("elasticfilesystem", "file-system/fs-1"),
        ),
        (
            "elasticache:DeleteServerlessCache",
            at("elasticache", "serverlesscache:emr-a"),
        ),
        (
            "elasticache:DeleteReplicationGroup",
            at("elasticache", "replicationgroup:emr-a"),
        ),
        (
            "elasticache:ModifyReplicationGroup",
            at("elasticache", "replicationgroup:emr-a"),
        ),
    ] {
        let request = |tags: &Tags| Request {
            resource_tags: tags.clone(),
            ..Request::new(action, resource.clone())
        };
        assert!(allows(&policy, &request(&ours())), "{action} on ours");
        for foreign in [&no_tags, &others, &by_hand] {
            assert!(
                !allows(&policy, &request(foreign)),
                "{action} on {foreign:?}"
            );
        }
    }
}

#[test]
fn a_foreign_name_is_refused_even_with_our_tags() {
    let request = Request {
        resource_tags: ours(),
        ..Request::new(
            "rds:DeleteDBCluster",
            "arn:aws:rds:eu-central-1:111122223333:cluster:billing",
        )
    };
    assert!(!allows(&policy(&scope()), &request));
}

#[test]
fn nothing_is_made_without_our_tags() {
    let policy = policy(&scope());
    for (action, resource) in [
        (
            "rds:CreateDBCluster",
            "arn:aws:rds:eu-central-1:111122223333:cluster:emr-a",
        ),
        (
            "ec2:CreateSecurityGroup",
            "arn:aws:ec2:eu-central-1:111122223333:security-group/*",
        ),
        ("kms:CreateKey", "*"),
        ("elasticfilesystem:CreateFileSystem", "*"),
        (
            "iam:CreateRole",
            "arn:aws:iam::111122223333:role/emrstack/x",
        ),
    ] {
        let mut request = Request::new(action, resource);
        assert!(!allows(&policy, &request), "{action} without tags");
        request.request_tags = ours();
        assert!(allows(&policy, &request), "{action} with tags");
    }
}

#[test]
fn roles_are_passed_to_backup_only_and_grants_made_through_services_only() {
    let policy = policy(&scope());
    let mut pass = Request::new("iam:PassRole", "arn:aws:iam::111122223333:role/emrstack/x");
    pass.context
        .insert("iam:PassedToService".into(), "ec2.amazonaws.com".into());
    assert!(!allows(&policy, &pass));
    pass.context
        .insert("iam:PassedToService".into(), "backup.amazonaws.com".into());
    assert!(allows(&policy, &pass));
    pass.resource = "arn:aws:iam::111122223333:role/admin".into();
    assert!(!allows(&policy, &pass));

    let mut grant = Request::new(
        "kms:CreateGrant",
        "arn:aws:kms:eu-central-1:111122223333:key/1",
    );
    grant.context.insert(
        "kms:ViaService".into(),
        "rds.eu-central-1.amazonaws.com".into(),
    );
    assert!(!allows(&policy, &grant));
    grant
        .context
        .insert("kms:GrantIsForAWSResource".into(), "true".into());
    assert!(allows(&policy, &grant));
    grant.context.insert(
        "kms:ViaService".into(),
        "ec2.eu-central-1.amazonaws.com".into(),
    );
    assert!(!allows(&policy, &grant));
}

#[test]
fn only_roles_of_pods_are_written_into_and_passed_to_pods() {
    let policy = policy(&Scope {
        boundary: Some("arn:boundary".into()),
        ..scope()
    });
    let role = |path: &str| format!("arn:aws:iam::111122223333:role/emrstack/{path}");
    let mut write = Request {
        resource_tags: ours(),
        ..Request::new("iam:PutRolePolicy", role("pods/emr-a-b-pods"))
    };
    assert!(!allows(&policy, &write), "without a boundary");
    let boundary = "iam:PermissionsBoundary".to_owned();
    write.context.insert(boundary, "arn:boundary".into());
    assert!(allows(&policy, &write));
    write.resource = role("emr-default-backup");
    assert!(!allows(&policy, &write), "the role of AWS Backup");
    write.resource = role("pods/emr-a-b-pods");
    write.resource_tags = Tags::new();
    assert!(!allows(&policy, &write), "without our tags");

    let mut pass = Request::new("iam:PassRole", role("pods/emr-a-b-pods"));
    let to = "iam:PassedToService".to_owned();
    pass.context
        .insert(to.clone(), "pods.eks.amazonaws.com".into());
    assert!(allows(&policy, &pass));
    pass.resource = role("emr-default-backup");
    assert!(!allows(&policy, &pass), "the role of AWS Backup to pods");
}

#[test]
fn buckets_are_bounded_by_the_account_and_region_in_their_names() {
    let policy = policy(&scope());
    let on = |bucket: &str| {
        let bucket = format!("arn:aws:s3:::{bucket}");
        allows(&policy, &Request::new("s3:DeleteBucket", bucket))
    };
    assert!(on("emr-111122223333-eu-central-1-scans-hash"));
    for foreign in [
        "scans",
        "emr-111122223333-us-east-1-scans-hash",
        "emr-999999999999-eu-central-1-scans-hash",
    ] {
        assert!(!on(foreign), "{foreign}");
    }
    let tag = |tags: Tags| Request {
        request_tags: tags,
        ..Request::new(
            "s3:TagResource",
            "arn:aws:s3:::emr-111122223333-eu-central-1-x",
        )
    };
    assert!(allows(&policy, &tag(ours())));
    assert!(!allows(&policy, &tag(Tags::new())), "made without our tags");
}

#[test]
fn a_role_without_the_boundary_is_not_made() {
    let boundary = "arn:aws:iam::111122223333:policy/emrstack-boundary";
    let policy = policy(&Scope {
        boundary: Some(boundary.into()),
        ..scope()
    });
    let mut create = Request {
        request_tags: ours(),
        ..Request::new(
            "iam:CreateRole",
            "arn:aws:iam::111122223333:role/emrstack/x",
        )
    };
    assert!(!allows(&policy, &create));
    create
        .context
        .insert("iam:PermissionsBoundary".into(), boundary.into());
    assert!(allows(&policy, &create));
}

#[test]
fn the_policy_is_stable_and_fits_into_managed_policies() {
    assert_eq!(policy(&scope()), policy(&scope()));
    let documents = policies(&scope());
    assert!(
        documents
            .iter()
            .all(|document| document.to_string().len() <= 6144)
    );
    // Ten managed policies can be attached to a role.
    assert!(documents.len() <= 5, "{} documents", documents.len());
    let all: BTreeSet<_> = documents.iter().flat_map(actions).collect();
    assert_eq!(all, actions(&policy(&scope())));
}
