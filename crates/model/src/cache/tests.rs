use emr_api::{cache_cluster::CacheClusterStatus, policy::DeletionPolicy, references::Placement};
use emr_resource::{
    Mutation, Step,
    ids::Arn,
    ownership,
    replication_group::{Details, Endpoint, Observed},
};

use super::*;

mod rotation;

fn stack_of(spec: &str) -> CacheStack {
    let owner = Owner {
        cluster: "clinics".into(),
        kind: "CacheCluster".into(),
        namespace: "a".into(),
        name: "b".into(),
        uid: "1".into(),
    };
    let network = NetworkStatus {
        vpc_id: "vpc-1".into(),
        node_security_group_id: "sg-nodes".into(),
        ..NetworkStatus::default()
    };
    let landing = Landing {
        network: &network,
        kms_key_arn: "arn:key",
        tags: &UserTags::new(),
        authority: Some("roots"),
    };
    desire(&owner, &serde_json::from_str(spec).unwrap(), &landing).unwrap()
}

fn serverless() -> CacheStack {
    stack_of(r#"{"serverless": {}}"#)
}

fn queue() -> CacheStack {
    stack_of(r#"{"replicationGroup": {"parameters": {"timeout": "60"}}}"#)
}

fn replication(stack: &CacheStack) -> &Replication {
    match &stack.form {
        Form::Replication(of) => of,
        Form::Serverless(_) => panic!("serverless"),
    }
}

fn said(step: &Step<emr_resource::Change>) -> Vec<String> {
    match step {
        Step::Settled => Vec::new(),
        Step::Wait(wait) => vec![format!("{}: {}", wait.reason, wait.message)],
        Step::Refuse(refusal) => vec![refusal.reason.to_owned()],
        Step::Change(changes) => changes.iter().map(Mutation::describe).collect(),
    }
}

fn gone(stack: &CacheStack, policy: DeletionPolicy, seen: &CacheSeen) -> Vec<String> {
    let circumstances = Circumstances {
        policy,
        parameter_group_users: 0,
    };
    said(&teardown(stack, &circumstances, seen))
}

/// The queue, Ready, made with version `v1` of its secret, which holds `version` now.
fn ready(stack: &CacheStack, version: &str, modified_at: i64) -> CacheSeen {
    let of = replication(stack);
    let group = &of.group;
    let endpoint = |host: &str| Endpoint {
        address: host.into(),
        port: 6379,
    };
    let made = replication_group::Desired {
        token: replication_group::Token {
            secret: stack.secret.name.clone(),
            version: "v1".into(),
        },
        ..group.clone()
    };
    CacheSeen {
        security_group: Some(security_group::Observed {
            id: "sg-1".into(),
            name: stack.security_group.name.clone(),
            vpc_id: "vpc-1".into(),
            ingress: stack.security_group.ingress.clone(),
            tags: stack.security_group.tags.clone(),
        }),
        secret: Some(secret::Observed {
            name: stack.secret.name.clone(),
            arn: "arn:secret".into(),
            version: Some(version.into()),
            deletion_scheduled: false,
            tags: stack.secret.tags.clone(),
        }),
        subnet_group: Some(cache_subnet_group::Observed {
            name: of.subnet_group.name.clone(),
            arn: "arn:subnets".into(),
            subnet_ids: of.subnet_group.subnet_ids.clone(),
            tags: Some(of.subnet_group.tags.clone()),
        }),
        parameter_group: Some(cache_parameter_group::Observed {
            name: of.parameter_group.name.clone(),
            arn: "arn:parameters".into(),
            family: of.parameter_group.family.clone(),
            details: Some(cache_parameter_group::Details {
                parameters: of.parameter_group.parameters.clone(),
                tags: of.parameter_group.tags.clone(),
            }),
        }),
        group: Some(Observed {
            id: group.id.clone(),
            arn: "arn:group".into(),
            created_at: None,
            status: "available".into(),
            description: group.description.clone(),
            engine: group.engine.clone(),
            node_type: group.node_type.clone(),
            cluster_mode: false,
            shards: 1,
            replicas: 1,
            multi_az: true,
            automatic_failover: true,
            kms_key_arn: Some(group.kms_key_arn.clone()),
            encrypted: true,
            token_required: true,
            token_modified_at: Some(jiff::Timestamp::from_second(modified_at).unwrap()),
            endpoint: Some(endpoint("master.x")),
            reader_endpoint: Some(endpoint("replica.x")),
            snapshot_window: group.snapshot_window.clone(),
            snapshot_retention_days: 0,
            details: Some(Details {
                engine_version: "8.0.1".into(),
                parameter_group: group.parameter_group.clone(),
                subnet_group: group.subnet_group.clone(),
                security_group_ids: ["sg-1".into()].into(),
                maintenance_window: group.maintenance_window.clone(),
                auto_minor_version_upgrade: true,
            }),
            tags: Some(made.first_tags()),
        }),
        ..CacheSeen::default()
    }
}

#[test]
fn what_a_cache_leans_on_comes_first_and_together() {
    let none = CacheSeen::default();
    let first = |stack: &CacheStack| said(&plan(stack, &Remembered::default(), &none)).len();
    assert_eq!(first(&serverless()), 2);
    assert_eq!(first(&queue()), 4);
}

#[test]
fn only_the_nodes_are_admitted_and_only_on_its_ports() {
    let rules = |stack: CacheStack| -> Vec<String> {
        let rules = stack.security_group.ingress.iter();
        rules.map(ToString::to_string).collect()
    };
    assert_eq!(
        rules(serverless()),
        ["tcp/6379 from sg-nodes", "tcp/6380 from sg-nodes"]
    );
    assert_eq!(rules(queue()), ["tcp/6379 from sg-nodes"]);
}

#[test]
fn no_job_is_evicted_unless_the_user_says_so() {
    let parameters = |spec: &str| {
        replication(&stack_of(spec))
            .parameter_group
            .parameters
            .clone()
    };
    let of = parameters(r#"{"replicationGroup": {"parameters": {"timeout": "60"}}}"#);
    assert_eq!(of["maxmemory-policy"], "noeviction");
    assert_eq!((of["timeout"].as_str(), of.len()), ("60", 2));
    let policy = r#"{"replicationGroup": {"shards": 3, "parameters": {"maxmemory-policy": "x"}}}"#;
    let of = parameters(policy);
    assert_eq!(of["maxmemory-policy"], "x");
    assert_eq!(of["cluster-enabled"], "yes");
}

#[test]
fn nothing_is_removed_under_retain_and_a_queue_leaves_a_snapshot() {
    let stack = queue();
    let seen = ready(&stack, "v1", 1);
    assert_eq!(gone(&stack, DeletionPolicy::Retain, &seen), [""; 0]);
    assert!(gone(&stack, DeletionPolicy::Snapshot, &seen)[0].contains("after snapshot"));
    assert!(gone(&stack, DeletionPolicy::Delete, &seen)[0].ends_with("without a snapshot"));
    let after = CacheSeen {
        group: None,
        ..seen
    };
    // The snapshot can be opened with the token alone.
    assert_eq!(gone(&stack, DeletionPolicy::Snapshot, &after).len(), 3);
    assert_eq!(gone(&stack, DeletionPolicy::Delete, &after).len(), 4);
    assert_eq!(
        gone(&serverless(), DeletionPolicy::Retain, &CacheSeen::default()),
        [""; 0]
    );
}

#[test]
fn a_lost_queue_is_told_and_nothing_is_made_in_its_place() {
    let stack = queue();
    let remembered = Remembered {
        arn: Some(Arn::new("arn:group")),
        ..Remembered::default()
    };
    let lost = plan(&stack, &remembered, &CacheSeen::default());
    assert_eq!(said(&lost), ["DataResourceMissing"]);
}

#[test]
fn only_one_that_was_ready_is_remembered() {
    let stack = queue();
    let told = |seen: &CacheSeen| {
        let old = CacheClusterStatus::default();
        let placement = Placement {
            account_id: "1".into(),
            region: "r".into(),
            vpc_id: "vpc-1".into(),
            kms_key_arn: "arn:key".into(),
        };
        status(&old, &stack, &Remembered::default(), seen, &placement, None)
    };
    let mut seen = ready(&stack, "v1", 1);
    let ready = told(&seen);
    assert_eq!(ready.arn.as_deref(), Some("arn:group"));
    assert_eq!(ready.reader_endpoint.as_deref(), Some("replica.x"));
    assert_eq!(ready.engine_version.as_deref(), Some("8.0.1"));
    assert!(usable(&stack, &seen).is_some());
    let group = seen.group.as_mut().unwrap();
    (group.status, group.endpoint) = ("creating".into(), None);
    assert_eq!(told(&seen).arn, None);
    // Another's is neither used nor remembered.
    let mut seen = ready_of_another(&stack);
    assert_eq!((told(&seen).arn, usable(&stack, &seen)), (None, None));
    seen.group = None;
    assert_eq!(told(&seen).auth_token, None);
}

fn ready_of_another(stack: &CacheStack) -> CacheSeen {
    let mut seen = ready(stack, "v1", 1);
    let tags = seen.group.as_mut().and_then(|group| group.tags.as_mut());
    tags.unwrap().insert(ownership::NAME.into(), "other".into());
    seen
}
