use super::*;
use crate::{Owner, Step};

fn owner() -> Owner {
    Owner {
        cluster: "clinics".into(),
        kind: "ManagedDatabase".into(),
        namespace: "a".into(),
        name: "b".into(),
        uid: "1".into(),
    }
}

fn desired() -> Desired {
    Desired {
        id: "m-0".into(),
        cluster_id: "m".into(),
        engine: crate::db_cluster::Engine::AuroraMysql,
        class: "db.serverless".into(),
        zone: Some("eu-west-1a".into()),
        promotion_tier: 0,
        performance_insights_key: Some("arn:key".into()),
        tags: owner().tags(&Tags::new()),
    }
}

fn seen(status: &str) -> Observed {
    Observed {
        id: "m-0".into(),
        arn: "arn".into(),
        cluster_id: Some("m".into()),
        status: status.into(),
        zone: Some("eu-west-1b".into()),
        promotion_tier: 0,
        performance_insights: true,
        tags: owner().tags(&Tags::new()),
    }
}

#[test]
fn a_member_in_another_zone_is_kept() {
    assert!(plan(&desired(), Some(&seen("available")), &owner()).is_settled());
}

#[test]
fn a_lost_member_is_made_again() {
    assert!(matches!(plan(&desired(), None, &owner()), Step::Change(_)));
}

#[test]
fn promotion_tier_is_brought_back() {
    let mut drifted = seen("available");
    drifted.promotion_tier = 15;
    let Step::Change(changes) = plan(&desired(), Some(&drifted), &owner()) else {
        panic!("expected a change")
    };
    assert_eq!(
        changes[0].describe(),
        "change DB instance m-0: promotion tier 15 -> 0"
    );
}
