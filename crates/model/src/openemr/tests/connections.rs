use super::super::connections::{aurora_mysql_max_connections, limit_replicas};

#[test]
fn the_documented_table_and_the_lower_row_between() {
    let rows = [
        (0.5, 90),
        (1.0, 90),
        (3.5, 90),
        (4.0, 135),
        (7.5, 135),
        (8.0, 1000),
        (16.0, 2000),
        (32.0, 3000),
        (63.5, 3000),
        (64.0, 4000),
        (128.0, 5000),
        (191.5, 5000),
        (192.0, 6000),
        (256.0, 6000),
    ];
    for (acu, connections) in rows {
        assert_eq!(aurora_mysql_max_connections(acu), connections, "{acu} ACU");
    }
}

#[test]
fn replicas_and_their_surge_never_exceed_what_the_database_accepts() {
    for max_connections in 1..7000_u32 {
        let limited = limit_replicas(1, 1000, max_connections, 40);
        let max = u32::try_from(limited.max).unwrap();
        assert!(limited.min <= limited.max);
        if max > 1 {
            let at_once = max + max.div_ceil(4);
            assert!(
                at_once * 40 * 10 <= max_connections * 9,
                "{max} of {max_connections}"
            );
        }
    }
}

#[test]
fn each_profile_gets_what_its_capacity_allows() {
    let limit = |min, max, acu| limit_replicas(min, max, aurora_mysql_max_connections(acu), 40);
    assert_eq!(limit(2, 100, 256.0).max, 100);
    assert_eq!(limit(2, 100, 256.0).limited_by, None);
    assert_eq!(limit(2, 10, 16.0).max, 10);
    let development = limit(1, 3, 4.0);
    assert_eq!((development.min, development.max), (1, 2));
    insta::assert_snapshot!(development.limited_by.unwrap());
}

#[test]
fn the_least_follows_the_most_down_and_one_pod_always_remains() {
    let limited = limit_replicas(5, 9, 200, 40);
    assert_eq!((limited.min, limited.max), (3, 3));
    assert_eq!(limit_replicas(2, 4, 10, 40).max, 1);
}
