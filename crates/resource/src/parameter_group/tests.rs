use super::*;
use crate::Owner;

fn tags() -> Tags {
    Owner {
        cluster: "clinics".into(),
        kind: "ManagedDatabase".into(),
        namespace: "a".into(),
        name: "b".into(),
        uid: "1".into(),
    }
    .shared_tags(&Tags::new())
}

fn desired(count: usize) -> Desired {
    Desired {
        name: "emr-x".into(),
        family: "aurora-mysql8.0".into(),
        description: "x".into(),
        parameters: (0..count)
            .map(|n| (format!("p{n:02}"), "1".to_owned()))
            .collect(),
        tags: tags(),
    }
}

fn seen(parameters: BTreeMap<String, String>) -> Observed {
    Observed {
        name: "emr-x".into(),
        arn: "arn".into(),
        family: "aurora-mysql8.0".into(),
        details: Some(Details {
            parameters,
            tags: tags(),
        }),
    }
}

#[test]
fn parameters_are_set_twenty_at_a_time() {
    let Step::Change(first) = plan(&desired(25), Some(&seen(BTreeMap::new())), "clinics") else {
        panic!("expected a change")
    };
    let Change::Set { parameters, .. } = &first[0] else {
        panic!("expected parameters")
    };
    assert_eq!(parameters.len(), 20);
    let Step::Change(rest) = plan(&desired(25), Some(&seen(parameters.clone())), "clinics") else {
        panic!("expected the rest")
    };
    assert!(matches!(&rest[0], Change::Set { parameters, .. } if parameters.len() == 5));
    assert!(plan(&desired(25), Some(&seen(desired(25).parameters)), "clinics").is_settled());
}

#[test]
fn a_group_in_use_or_of_another_cluster_stays() {
    let group = seen(BTreeMap::new());
    assert!(remove_unused(Some(&group), "clinics", 1).is_settled());
    assert!(remove_unused(Some(&group), "elsewhere", 0).is_settled());
    assert!(matches!(
        remove_unused(Some(&group), "clinics", 0),
        Step::Change(_)
    ));
}
