use emr_api::{
    emr_platform::{NetworkStatus, SubnetStatus},
    managed_database::ManagedDatabaseSpec,
    policy::DeletionPolicy,
};
use emr_resource::{
    Change, Mutation, Owner, Refusal, ResourceType, Step, Tags, cluster_snapshot,
    db_cluster::{DbCluster, Recorded},
    secret::Secret,
};

use super::{desire::desire, plan::plan, teardown::teardown, *};

fn owner() -> Owner {
    Owner {
        cluster: "clinics".into(),
        kind: "ManagedDatabase".into(),
        namespace: "a".into(),
        name: "b".into(),
        uid: "1".into(),
    }
}

fn stack(spec: &str) -> AuroraStack {
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

fn operations(step: &Step<Change>) -> Vec<&'static str> {
    match step {
        Step::Change(changes) => changes.iter().map(Mutation::operation).collect(),
        other => panic!("expected changes, got {other:?}"),
    }
}

#[test]
fn what_the_cluster_leans_on_comes_first_and_together() {
    let stack = stack(r#"{"auroraMysql": {}}"#);
    let step = plan(&stack, None, &DatabaseSeen::default());
    assert_eq!(
        operations(&step),
        [
            "CreateSecurityGroup",
            "CreateSecret",
            "CreateDBClusterParameterGroup",
            "CreateLogGroup",
            "CreateLogGroup",
            "CreateLogGroup"
        ]
    );
}

#[test]
fn a_lost_cluster_stops_everything_around_it() {
    let recorded = Recorded {
        arn: "arn".into(),
        resource_id: None,
    };
    let step = plan(
        &stack(r#"{"auroraMysql": {}}"#),
        Some(&recorded),
        &DatabaseSeen::default(),
    );
    assert!(matches!(step, Step::Refuse(r) if r.reason == Refusal::DATA_RESOURCE_MISSING));
}

#[test]
fn writer_and_reader_start_in_different_zones() {
    let stack = stack(r#"{"auroraMysql": {"readers": 1}}"#);
    let zones: Vec<_> = stack
        .instances
        .iter()
        .map(|i| i.zone.clone().unwrap())
        .collect();
    assert_ne!(zones[0], zones[1]);
    assert_eq!(
        stack
            .instances
            .iter()
            .map(|i| i.promotion_tier)
            .collect::<Vec<_>>(),
        [0, 1]
    );
}

#[test]
fn equal_parameters_share_a_group_and_tls_can_not_be_switched_off() {
    let plain = stack(r#"{"auroraMysql": {}}"#);
    let forced = stack(r#"{"auroraMysql": {"parameters": {"require_secure_transport": "OFF"}}}"#);
    assert_eq!(plain.parameter_group.name, forced.parameter_group.name);
    assert_eq!(
        forced.parameter_group.parameters["require_secure_transport"],
        "ON"
    );
    let other = stack(r#"{"auroraMysql": {"parameters": {"wait_timeout": "60"}}}"#);
    assert_ne!(plain.parameter_group.name, other.parameter_group.name);
    assert_eq!(other.parameter_group.parameters["wait_timeout"], "60");
}

#[test]
fn postgresql_has_its_own_port_family_logs_and_parameters() {
    let stack = stack(
        r#"{"auroraPostgresql": {"readers": 1, "parameters": {
            "statement_timeout": "60000", "log_min_error_statement": "error", "rds.force_ssl": "0"
        }}}"#,
    );
    let cluster = &stack.cluster;
    assert_eq!(
        (
            cluster.engine.as_str(),
            &*cluster.engine_version,
            cluster.port
        ),
        ("aurora-postgresql", "16.6", 5432)
    );
    assert!(stack.instances.iter().all(|of| of.engine == cluster.engine));
    let group = &stack.parameter_group;
    assert_eq!(group.family, "aurora-postgresql16");
    assert_eq!(group.parameters["statement_timeout"], "60000");
    assert_eq!(group.parameters["rds.force_ssl"], "1");
    assert_eq!(group.parameters["log_min_error_statement"], "panic");
    assert!(!group.parameters.contains_key("general_log"));
    let logs: Vec<_> = cluster.settings.log_exports.iter().collect();
    assert_eq!(logs, ["postgresql"]);
    let ports = stack.security_group.ingress.iter().map(|rule| rule.ports);
    assert_eq!(ports.collect::<Vec<_>>(), [Some((5432, 5432))]);
    assert!(stack.security_group.description.contains("PostgreSQL"));
}

fn cluster(stack: &AuroraStack) -> emr_resource::db_cluster::Observed {
    emr_resource::db_cluster::Observed {
        id: stack.cluster.id.clone(),
        arn: "arn".into(),
        resource_id: "cluster-1".into(),
        status: "available".into(),
        engine: stack.cluster.engine.to_string(),
        engine_version: stack.cluster.engine_version.clone(),
        endpoint: None,
        reader_endpoint: None,
        port: Some(3306),
        master_username: MASTER_USER.into(),
        subnet_group: stack.cluster.subnet_group.clone(),
        kms_key_arn: Some(stack.cluster.kms_key_arn.clone()),
        settings: stack.cluster.settings.clone(),
        members: Vec::new(),
        tags: stack.cluster.tags.clone(),
    }
}

fn circumstances(policy: DeletionPolicy, other_half: Option<&str>) -> Circumstances {
    Circumstances {
        policy,
        other_half_incomplete: other_half.map(str::to_owned),
        parameter_group_users: 0,
    }
}

#[test]
fn a_snapshot_is_complete_before_protection_goes() {
    let stack = stack(r#"{"auroraMysql": {}}"#);
    let mut seen = DatabaseSeen {
        cluster: Some(cluster(&stack)),
        ..DatabaseSeen::default()
    };
    let alone = circumstances(DeletionPolicy::Snapshot, None);
    assert_eq!(
        operations(&teardown(&stack, &alone, &seen)),
        ["CreateDBClusterSnapshot"]
    );
    let snapshot = |status: &str| {
        Some(cluster_snapshot::Observed {
            id: stack.final_snapshot.id.clone(),
            arn: "arn".into(),
            cluster_id: stack.cluster.id.clone(),
            status: status.into(),
            taken_at: None,
            tags: stack.cluster.tags.clone(),
        })
    };
    seen.final_snapshot = snapshot("creating");
    assert!(matches!(teardown(&stack, &alone, &seen), Step::Wait(_)));
    seen.final_snapshot = snapshot("available");
    let waiting = circumstances(DeletionPolicy::Snapshot, Some("the files are being copied"));
    assert!(
        matches!(teardown(&stack, &waiting, &seen), Step::Wait(w) if w.reason == "WaitingForSet")
    );
    assert_eq!(
        operations(&teardown(&stack, &alone, &seen)),
        ["ModifyDBCluster"]
    );
}

#[test]
fn retain_changes_nothing() {
    let stack = stack(r#"{"auroraMysql": {}}"#);
    let seen = DatabaseSeen {
        cluster: Some(cluster(&stack)),
        ..DatabaseSeen::default()
    };
    assert!(teardown(&stack, &circumstances(DeletionPolicy::Retain, None), &seen).is_settled());
}

#[test]
fn only_delete_gives_up_the_secret() {
    let stack = stack(r#"{"auroraMysql": {}}"#);
    let seen = DatabaseSeen {
        master_secret: Some(emr_resource::secret::Observed {
            name: stack.master_secret.name.clone(),
            arn: "arn".into(),
            version: None,
            deletion_scheduled: false,
            tags: stack.cluster.tags.clone(),
        }),
        ..DatabaseSeen::default()
    };
    let kept = teardown(
        &stack,
        &circumstances(DeletionPolicy::Snapshot, None),
        &seen,
    );
    assert!(kept.is_settled());
    let gone = teardown(&stack, &circumstances(DeletionPolicy::Delete, None), &seen);
    assert_eq!(operations(&gone), ["DeleteSecret"]);
    assert_ne!(Secret::NAME, DbCluster::NAME);
}

#[test]
fn a_cluster_that_does_not_name_its_members_yet_is_looked_at_again() {
    let stack = stack(r#"{"auroraMysql": {"readers": 1}}"#);
    let seen = |status: &str| {
        let instances = stack.instances.iter().map(|wanted| {
            let observed = emr_resource::db_instance::Observed {
                id: wanted.id.clone(),
                arn: "arn".into(),
                cluster_id: Some(stack.cluster.id.clone()),
                status: status.into(),
                zone: None,
                promotion_tier: 0,
                performance_insights: true,
                tags: Tags::default(),
            };
            (wanted.id.clone(), observed)
        });
        instances.collect::<BTreeMap<_, _>>()
    };
    let naming = |count: usize| {
        let members = stack.instances.iter().take(count).enumerate();
        emr_resource::db_cluster::Observed {
            members: members
                .map(|(index, wanted)| emr_resource::db_cluster::Member {
                    id: wanted.id.clone(),
                    is_writer: index == 0,
                    parameter_group_status: "in-sync".into(),
                })
                .collect(),
            ..cluster(&stack)
        }
    };
    for (named, status, behind) in [
        (0, "available", true),
        (1, "available", true),
        (2, "available", false),
        // Nothing to connect to yet: the sweeps that follow its creation will tell.
        (0, "creating", false),
    ] {
        let found = names_too_few(&stack, &naming(named), &seen(status));
        assert_eq!(found, behind, "{named} named, {status}");
    }
    assert!(!names_too_few(&stack, &naming(0), &BTreeMap::new()));
}
