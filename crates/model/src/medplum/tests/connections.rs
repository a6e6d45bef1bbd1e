use emr_api::policy::Profile;

use super::super::{connections_per_pod, limit_replicas, rds_postgresql_max_connections};
use crate::workload::connections::at_once;

#[test]
fn a_class_accepts_what_its_memory_allows_and_five_thousand_at_most() {
    // db.t4g.medium, db.t4g.large, db.r6g.large, db.r6g.2xlarge, db.r6g.16xlarge.
    for (gib, connections) in [
        (4, 360),
        (8, 720),
        (16, 1441),
        (64, 5000),
        (512, 5000),
        (0, 0),
    ] {
        assert_eq!(
            rds_postgresql_max_connections(gib),
            connections,
            "{gib} GiB"
        );
    }
}

#[test]
fn both_pools_and_their_surge_never_exceed_what_the_database_accepts() {
    for max_connections in (1..6000_u32).step_by(7) {
        for workers in [None, Some((1, 3)), Some((2, 400))] {
            let limits = limit_replicas((1, 300), workers, max_connections, 20);
            let most = |max: i32| u32::try_from(max).unwrap();
            let api = most(limits.api.max);
            let of_workers = limits.workers.as_ref().map_or(0, |of| most(of.max));
            assert!(limits.api.min <= limits.api.max && api >= 1);
            assert_eq!(limits.workers.is_some(), workers.is_some());
            if api > 1 && of_workers != 1 {
                let pods = at_once(api) + at_once(of_workers);
                assert!(
                    pods * 20 * 10 <= max_connections * 9,
                    "{api} and {of_workers} of {max_connections}"
                );
            }
        }
    }
}

#[test]
fn each_profile_gets_its_pods() {
    let limits = |profile, api, workers, gib| {
        let accepted = rds_postgresql_max_connections(gib);
        limit_replicas(api, workers, accepted, connections_per_pod(profile))
    };
    let production = limits(Profile::Production, (2, 10), Some((2, 10)), 64);
    assert_eq!(
        (production.api.max, production.workers.unwrap().max),
        (10, 10)
    );
    assert_eq!(production.api.limited_by, None);
    let staging = limits(Profile::Staging, (2, 10), None, 8);
    assert_eq!(staging.api.max, 10);
    let development = limits(Profile::Development, (1, 3), None, 2);
    assert_eq!(development.api.max, 3);
    let small = limits(Profile::Production, (2, 10), Some((2, 10)), 8);
    insta::assert_snapshot!(small.api.limited_by.unwrap());
}
