use emr_api::{
    emr_platform::{NetworkStatus, SubnetStatus},
    managed_database::{ManagedDatabaseSpec, ManagedDatabaseStatus},
    policy::DeletionPolicy,
    references::Placement,
};
use emr_resource::{
    Change, Mutation, Owner, Refusal, Step, Tags, db_cluster::Recorded, db_snapshot, ownership,
    rds_instance::Observed,
};

use crate::database::{
    Circumstances, DatabaseSeen, DatabaseStack, Landing, RdsSeen, desire, dialect, endpoint,
    parameter_group_name, plan, status, teardown, usable,
};

fn owner() -> Owner {
    Owner {
        cluster: "clinics".into(),
        kind: "ManagedDatabase".into(),
        namespace: "a".into(),
        name: "b".into(),
        uid: "1".into(),
    }
}

fn stack(spec: &str) -> DatabaseStack {
    let spec: ManagedDatabaseSpec = serde_json::from_str(spec).unwrap();
    let subnet = |zone: &str| SubnetStatus {
        id: format!("subnet-{zone}"),
        zone: zone.into(),
        cidr: "10.0.0.0/24".into(),
    };
    let network = NetworkStatus {
        vpc_id: "vpc-1".into(),
        node_security_group_id: "sg-nodes".into(),
        database_subnets: vec![subnet("eu-west-1a"), subnet("eu-west-1b")],
        ..NetworkStatus::default()
    };
    let landing = Landing {
        network: &network,
        subnet_group: "subnets",
        kms_key_arn: "arn:key",
        tags: &Tags::new(),
    };
    desire(&owner(), &spec, &landing).unwrap()
}

fn rds(stack: &DatabaseStack) -> &super::RdsStack {
    match stack {
        DatabaseStack::Rds(stack) => stack,
        DatabaseStack::Aurora(_) => panic!("expected a stack of RDS"),
    }
}

/// What a step comes to: operations and their targets, or a reason.
fn told(step: &Step<Change>) -> Vec<String> {
    match step {
        Step::Settled => Vec::new(),
        Step::Change(changes) => changes
            .iter()
            .map(|change| format!("{} {}", change.operation(), change.target()))
            .collect(),
        Step::Wait(wait) => vec![wait.reason.to_owned()],
        Step::Refuse(refusal) => vec![refusal.reason.to_owned()],
    }
}

/// As AWS has it once it was made as wanted.
fn made(wanted: &emr_resource::rds_instance::Desired) -> Observed {
    let mut settings = wanted.settings.clone();
    settings.security_groups = ["sg-1".into()].into();
    Observed {
        id: wanted.id.clone(),
        arn: format!("arn:{}", wanted.id).as_str().into(),
        resource_id: "db-1".into(),
        status: "available".into(),
        engine: "postgres".into(),
        engine_version: wanted.engine_version.clone(),
        endpoint: Some(format!("{}.rds", wanted.id)),
        port: Some(5432),
        master_username: wanted.master_username.clone(),
        subnet_group: wanted.subnet_group.clone(),
        kms_key_arn: Some(wanted.kms_key_arn.clone()),
        settings,
        pending: Vec::new(),
        parameter_status: "in-sync".into(),
        replica_of: match &wanted.origin {
            emr_resource::rds_instance::Origin::Replica(of) => Some(of.clone()),
            _ => None,
        },
        tags: wanted.tags.clone(),
    }
}

/// Everything as it should be.
fn settled(stack: &DatabaseStack) -> DatabaseSeen {
    let stack = rds(stack);
    let group = &stack.security_group;
    DatabaseSeen {
        security_group: Some(emr_resource::security_group::Observed {
            id: "sg-1".into(),
            name: group.name.clone(),
            vpc_id: group.vpc_id.clone(),
            ingress: group.ingress.clone(),
            tags: group.tags.clone(),
        }),
        master_secret: Some(emr_resource::secret::Observed {
            name: stack.master_secret.name.clone(),
            arn: "arn:secret".into(),
            version: None,
            deletion_scheduled: false,
            tags: stack.master_secret.tags.clone(),
        }),
        log_groups: stack
            .log_groups
            .iter()
            .map(|group| {
                let seen = emr_resource::log_group::Observed {
                    name: group.name.clone(),
                    arn: "arn:log".into(),
                    kms_key_arn: Some(group.kms_key_arn.clone()),
                    retention_days: Some(group.retention_days),
                };
                (group.name.clone(), seen)
            })
            .collect(),
        rds: RdsSeen {
            parameter_group: Some(emr_resource::db_parameter_group::Observed {
                name: stack.parameter_group.name.clone(),
                arn: "arn:group".into(),
                family: stack.parameter_group.family.clone(),
                details: Some(emr_resource::db_parameter_group::Details {
                    parameters: stack.parameter_group.parameters.clone(),
                    tags: stack.parameter_group.tags.clone(),
                }),
            }),
            instance: Some(made(&stack.instance)),
            replicas: stack
                .replicas
                .iter()
                .map(|replica| (replica.id.clone(), made(replica)))
                .collect(),
            ..RdsSeen::default()
        },
        ..DatabaseSeen::default()
    }
}

#[test]
fn what_is_asked_for_is_wanted_and_what_is_not_is_safe() {
    let stack = stack(
        r#"{"rdsPostgres": {"readReplicas": 1, "storage": {"allocatedGb": 500, "iops": 20000},
            "parameters": {"statement_timeout": "60000", "rds.force_ssl": "0"}}}"#,
    );
    assert_eq!(dialect(&stack), "postgresql");
    let stack = rds(&stack);
    let (primary, settings) = (&stack.instance, &stack.instance.settings);
    assert_eq!(primary.engine_version, "16.11");
    assert_eq!(settings.class, "db.r6g.large");
    assert!(settings.multi_az && settings.deletion_protection);
    assert!(!settings.publicly_accessible && !settings.auto_minor_version_upgrade);
    let storage = &settings.storage;
    assert_eq!(
        (storage.allocated_gb, storage.max_allocated_gb, storage.iops),
        (500, 5000, Some(20_000))
    );
    assert!(primary.tags.contains_key(ownership::BACKUP));

    let replica = &stack.replicas[0];
    assert_eq!(replica.id.as_str(), format!("{}-reader-1", primary.id));
    assert!(!replica.settings.multi_az && !replica.settings.deletion_protection);
    assert!(
        !replica.tags.contains_key(ownership::BACKUP),
        "it is a copy"
    );
    let groups: Vec<_> = stack.log_groups.iter().map(|of| of.name.as_str()).collect();
    assert_eq!(groups.len(), 4);
    assert!(groups[0].starts_with("/aws/rds/instance/emr-a-b-"));

    let group = &stack.parameter_group;
    assert_eq!(group.family, "postgres16");
    assert_eq!(group.parameters["rds.force_ssl"], "1");
    assert_eq!(group.parameters["statement_timeout"], "60000");
    assert_eq!(group.parameters["log_statement"], "ddl");
    let ports = stack.security_group.ingress.iter().map(|rule| rule.ports);
    assert_eq!(ports.collect::<Vec<_>>(), [Some((5432, 5432))]);
}

#[test]
fn equal_parameters_share_a_group_and_never_one_of_aurora() {
    let name = |spec: &str| {
        let spec: ManagedDatabaseSpec = serde_json::from_str(spec).unwrap();
        parameter_group_name("clinics", &spec).unwrap()
    };
    let plain = name(r#"{"rdsPostgres": {}}"#);
    assert_eq!(plain, name(r#"{"rdsPostgres": {"multiAz": false}}"#));
    assert_ne!(plain, name(r#"{"rdsPostgres": {"engineVersion": "17.7"}}"#));
    assert_ne!(plain, name(r#"{"auroraPostgresql": {}}"#));
}

#[test]
fn built_in_order_foundation_primary_replica() {
    let stack = stack(r#"{"rdsPostgres": {"readReplicas": 1}, "logExports": ["postgresql"]}"#);
    let mut seen = DatabaseSeen::default();
    let first = told(&plan(&stack, None, &seen));
    let operations: Vec<_> = first
        .iter()
        .map(|of| of.split(' ').next().unwrap())
        .collect();
    assert_eq!(
        operations,
        [
            "CreateSecurityGroup",
            "CreateSecret",
            "CreateDBParameterGroup",
            "CreateLogGroup",
            "CreateLogGroup",
        ]
    );
    let all = settled(&stack);
    seen = DatabaseSeen {
        rds: RdsSeen {
            parameter_group: all.rds.parameter_group.clone(),
            ..RdsSeen::default()
        },
        ..all.clone()
    };
    let id = &rds(&stack).instance.id;
    assert_eq!(
        told(&plan(&stack, None, &seen)),
        [format!("CreateDBInstance {id}")]
    );
    seen.rds.instance.clone_from(&all.rds.instance);
    assert_eq!(
        told(&plan(&stack, None, &seen)),
        [format!("CreateDBInstanceReadReplica {id}-reader-1")]
    );
    assert!(plan(&stack, None, &all).is_settled());
}

#[test]
fn a_lost_primary_stops_everything_around_it() {
    let stack = stack(r#"{"rdsPostgres": {}}"#);
    let recorded = Recorded {
        arn: "arn".into(),
        resource_id: None,
    };
    let lost = plan(&stack, Some(&recorded), &DatabaseSeen::default());
    assert_eq!(told(&lost), [Refusal::DATA_RESOURCE_MISSING]);
}

#[test]
fn replicas_grow_before_the_primary_and_shrink_after_it() {
    for (before, after, first) in [
        ("db.r6g.large", "db.r6g.xlarge", "-reader-1"),
        ("db.r6g.xlarge", "db.r6g.large", ""),
    ] {
        let spec = |class: &str| {
            format!(r#"{{"rdsPostgres": {{"readReplicas": 1, "instanceClass": "{class}"}}}}"#)
        };
        let seen = settled(&stack(&spec(before)));
        let wanted = stack(&spec(after));
        let id = &rds(&wanted).instance.id;
        assert_eq!(
            told(&plan(&wanted, None, &seen)),
            [format!("ModifyDBInstance {id}{first}")]
        );
    }
}

#[test]
fn a_replica_that_is_no_longer_wanted_goes() {
    let seen = settled(&stack(r#"{"rdsPostgres": {"readReplicas": 2}}"#));
    let fewer = stack(r#"{"rdsPostgres": {"readReplicas": 1}}"#);
    let id = &rds(&fewer).instance.id;
    assert_eq!(
        told(&plan(&fewer, None, &seen)),
        [format!("DeleteDBInstance {id}-reader-2")]
    );
}

#[test]
fn a_restored_one_is_used_once_its_password_is_ours() {
    let spec = r#"{"rdsPostgres": {}, "restoreFrom": {
        "snapshotArn": "arn:aws:rds:eu-west-1:123456789012:snapshot:s"}}"#;
    let stack = stack(spec);
    let none = DatabaseSeen::default();
    assert_eq!(told(&plan(&stack, None, &none)), [Refusal::SOURCE_MISSING]);
    let mut seen = settled(&stack);
    assert!(usable(&stack, &seen).is_some());
    let primary = seen.rds.instance.as_mut().unwrap();
    primary.settings.deletion_protection = false;
    assert!(usable(&stack, &seen).is_none());
    let step = plan(&stack, None, &seen);
    let Step::Change(changes) = &step else {
        panic!("{step:?}")
    };
    assert!(changes[0].describe().contains("its own master password"));
}

#[test]
fn its_status_leads_to_it_and_to_a_reader() {
    let stack = stack(r#"{"rdsPostgres": {"readReplicas": 1}}"#);
    let mut seen = settled(&stack);
    seen.rds.instance.as_mut().unwrap().parameter_status = "pending-reboot".into();
    let id = rds(&stack).instance.id.to_string();
    let told = status(
        &ManagedDatabaseStatus::default(),
        &stack,
        &seen,
        &serde_json::from_str::<Placement>(
            r#"{"accountId": "1", "region": "r", "vpcId": "v", "kmsKeyArn": "k"}"#,
        )
        .unwrap(),
        None,
    );
    assert_eq!(told.arn, Some(format!("arn:{id}")));
    assert_eq!(told.resource_id.as_deref(), Some("db-1"));
    assert_eq!(told.endpoint, Some(format!("{id}.rds")));
    assert_eq!(told.reader_endpoint, Some(format!("{id}-reader-1.rds")));
    assert_eq!((told.port, told.max_connections), (Some(5432), Some(1622)));
    assert_eq!(told.pending_reboot, Some(true));
    assert_eq!(told.resources.len(), 9);
    assert_eq!(endpoint(&stack, &seen), Some((format!("{id}.rds"), 5432)));
    // Another's is neither used nor remembered.
    seen.rds.instance.as_mut().unwrap().tags.clear();
    assert_eq!(
        (usable(&stack, &seen), endpoint(&stack, &seen)),
        (None, None)
    );
}

fn circumstances(policy: DeletionPolicy) -> Circumstances {
    Circumstances {
        policy,
        other_half_incomplete: None,
        parameter_group_users: 0,
    }
}

#[test]
fn leaves_snapshot_protection_replicas_primary_surroundings() {
    let stack = stack(r#"{"rdsPostgres": {"readReplicas": 1}}"#);
    let mut seen = settled(&stack);
    let id = rds(&stack).instance.id.to_string();
    let next = |seen: &DatabaseSeen| {
        told(&teardown(
            &stack,
            &circumstances(DeletionPolicy::Snapshot),
            seen,
        ))
    };
    let wanted = &rds(&stack).final_snapshot;
    assert_eq!(next(&seen), [format!("CreateDBSnapshot {}", wanted.id)]);
    let snapshot = |status: &str| db_snapshot::Observed {
        id: wanted.id.clone(),
        arn: "arn:snapshot".into(),
        instance_id: wanted.instance_id.clone(),
        engine: "postgres".into(),
        engine_version: "16.11".into(),
        kms_key_arn: None,
        status: status.into(),
        taken_at: None,
        tags: wanted.tags.clone(),
    };
    seen.rds.final_snapshot = Some(snapshot("creating"));
    assert_eq!(next(&seen), ["TakingSnapshot"]);
    seen.rds.final_snapshot = Some(snapshot("available"));
    assert_eq!(next(&seen), [format!("ModifyDBInstance {id}")]);
    let primary = seen.rds.instance.as_mut().unwrap();
    primary.settings.deletion_protection = false;
    assert_eq!(next(&seen), [format!("DeleteDBInstance {id}-reader-1")]);
    seen.rds.replicas.clear();
    assert_eq!(next(&seen), [format!("DeleteDBInstance {id}")]);
    seen.rds.instance = None;
    let last = next(&seen);
    assert_eq!(last.len(), 2, "{last:?}");
    seen.security_group = None;
    seen.rds.parameter_group = None;
    assert!(next(&seen).is_empty());
}

#[test]
fn each_policy_keeps_what_it_says() {
    let stack = stack(r#"{"rdsPostgres": {}}"#);
    let mut seen = settled(&stack);
    let next = |policy, seen: &DatabaseSeen| told(&teardown(&stack, &circumstances(policy), seen));
    assert!(next(DeletionPolicy::Retain, &seen).is_empty());
    let id = &rds(&stack).instance.id;
    assert_eq!(
        next(DeletionPolicy::Delete, &seen),
        [format!("ModifyDBInstance {id}")],
        "without a copy"
    );
    seen = DatabaseSeen {
        master_secret: seen.master_secret,
        ..DatabaseSeen::default()
    };
    assert!(next(DeletionPolicy::Snapshot, &seen).is_empty());
    assert_eq!(next(DeletionPolicy::Delete, &seen).len(), 1, "the secret");
}
