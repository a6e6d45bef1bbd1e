use super::*;
use emr_api::policy::DeletionPolicy;
use emr_resource::Step;

fn stack() -> CacheStack {
    let owner = Owner {
        cluster: "clinics".into(),
        kind: "CacheCluster".into(),
        namespace: "a".into(),
        name: "b".into(),
        uid: "1".into(),
    };
    let spec = serde_json::from_str(r#"{"serverless": {}}"#).unwrap();
    let network = NetworkStatus {
        vpc_id: "vpc-1".into(),
        node_security_group_id: "sg-nodes".into(),
        ..NetworkStatus::default()
    };
    desire(&owner, &spec, &network, "arn:key", &UserTags::new()).unwrap()
}

#[test]
fn group_and_secret_come_first_and_together() {
    let Step::Change(changes) = plan(&stack(), &CacheSeen::default()) else {
        panic!("expected changes")
    };
    let described: Vec<_> = changes
        .iter()
        .map(emr_resource::Mutation::describe)
        .collect();
    assert_eq!(changes.len(), 2, "{described:?}");
}

#[test]
fn only_the_nodes_are_admitted_on_the_two_ports() {
    let rules: Vec<_> = stack()
        .security_group
        .ingress
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(rules, ["tcp/6379 from sg-nodes", "tcp/6380 from sg-nodes"]);
}

#[test]
fn nothing_is_removed_under_retain() {
    assert!(teardown(&stack(), DeletionPolicy::Retain, &CacheSeen::default()).is_settled());
}
