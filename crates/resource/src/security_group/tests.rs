use super::*;
use crate::{Owner, Refusal, Step};

fn owner() -> Owner {
    Owner {
        cluster: "clinics".into(),
        kind: "ManagedDatabase".into(),
        namespace: "a".into(),
        name: "b".into(),
        uid: "1".into(),
    }
}

fn rule(port: u16) -> IngressRule {
    IngressRule::tcp(port, &SecurityGroupId::new("sg-nodes"))
}

fn desired() -> Desired {
    Desired {
        name: "emr-a-b-db".into(),
        vpc_id: "vpc-1".into(),
        description: "x".into(),
        ingress: [rule(3306)].into(),
        tags: owner().tags(&Tags::new()),
    }
}

fn seen(ingress: &[IngressRule]) -> Observed {
    Observed {
        id: "sg-1".into(),
        name: "emr-a-b-db".into(),
        vpc_id: "vpc-1".into(),
        ingress: ingress.iter().cloned().collect(),
        tags: owner().tags(&Tags::new()),
    }
}

#[test]
fn created_empty_then_opened_to_the_nodes_alone() {
    assert_eq!(
        plan(&desired(), None, &owner()),
        Step::change(Change::Create(desired()))
    );
    let Step::Change(changes) = plan(&desired(), Some(&seen(&[])), &owner()) else {
        panic!("expected a change")
    };
    assert_eq!(
        changes[0].describe(),
        "admit tcp/3306 from sg-nodes to security group emr-a-b-db"
    );
    assert!(plan(&desired(), Some(&seen(&[rule(3306)])), &owner()).is_settled());
}

#[test]
fn a_rule_added_by_hand_is_taken_out() {
    let world = IngressRule {
        protocol: "tcp".into(),
        ports: Some((3306, 3306)),
        source: Source::Ipv4("0.0.0.0/0".into()),
    };
    let step = plan(
        &desired(),
        Some(&seen(&[rule(3306), world.clone()])),
        &owner(),
    );
    let Step::Change(changes) = step else {
        panic!("expected a change")
    };
    assert!(matches!(&changes[..], [Change::Revoke { rules, .. }] if rules.contains(&world)));
}

#[test]
fn a_foreign_group_of_the_same_name_is_left_alone() {
    let mut foreign = seen(&[]);
    foreign.tags.clear();
    let Step::Refuse(refusal) = plan(&desired(), Some(&foreign), &owner()) else {
        panic!("expected a refusal")
    };
    assert_eq!(refusal.reason, Refusal::FOREIGN_RESOURCE);
    assert!(remove(Some(&foreign), &owner()).is_settled());
}
