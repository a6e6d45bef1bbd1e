use super::*;

fn owner(namespace: &str, name: &str) -> Owner {
    Owner {
        cluster: "clinics".into(),
        kind: "ManagedDatabase".into(),
        namespace: namespace.into(),
        name: name.into(),
        uid: "7a1d".into(),
    }
}

#[test]
fn names_that_read_alike_stay_apart() {
    assert_ne!(
        db_cluster(&owner("a-b", "c")),
        db_cluster(&owner("a", "b-c"))
    );
    assert_ne!(
        db_cluster(&owner("a", "b.c")),
        db_cluster(&owner("a", "b-c"))
    );
}

#[test]
fn another_cluster_gives_another_name_and_another_uid_the_same() {
    let mut other = owner("a", "b");
    other.uid = "9".into();
    assert_eq!(db_cluster(&owner("a", "b")), db_cluster(&other));
    assert_ne!(secret(&owner("a", "b"), "master"), secret(&other, "master"));
    assert_ne!(final_snapshot(&owner("a", "b")), final_snapshot(&other));
    other.cluster = "elsewhere".into();
    assert_ne!(db_cluster(&owner("a", "b")), db_cluster(&other));
}

#[test]
fn the_longest_legal_names_fit_every_limit() {
    let longest = owner(&"n".repeat(63), &format!("{}.x", "m".repeat(251)));
    let limits = [
        (db_instance(&db_cluster(&longest), 15).to_string(), 63),
        (final_snapshot(&longest).to_string(), 255),
        (cache(&longest).to_string(), 40),
        (replication_group(&longest).to_string(), 40),
        (cache_final_snapshot(&longest).to_string(), 255),
        (cache_subnet_group(&longest).to_string(), 255),
        (cache_user(&longest).to_string(), 40),
        (cache_user_group(&longest).to_string(), 40),
        (file_system(&longest).to_string(), 64),
        (access_point(&longest, "sites", "/sites").to_string(), 64),
        (backup_vault(&longest).to_string(), 50),
        (backup_role(&longest).to_string(), 64),
        (pod_role(&longest).to_string(), 64),
        (
            bucket(
                &longest,
                &"111122223333".into(),
                &"ap-southeast-1".into(),
                Some("logs"),
            )
            .to_string(),
            63,
        ),
        (security_group(&longest, "files").to_string(), 255),
        (subnet_group(&longest).to_string(), 255),
        (key_alias(&longest).to_string(), 256),
        (secret(&longest, "master").to_string(), 512),
    ];
    for (name, limit) in limits {
        assert!(name.len() <= limit, "{name} has {} of {limit}", name.len());
    }
}

#[test]
fn names_meet_the_rules_of_rds() {
    for (namespace, name) in [
        ("clinics", "riverside"),
        ("a", "0--x"),
        ("a-", "-.-"),
        ("x", "a..b"),
    ] {
        let id = db_cluster(&owner(namespace, name)).to_string();
        assert!(id.starts_with("emr-"), "{id}");
        assert!(!id.contains("--") && !id.ends_with('-'), "{id}");
        assert!(
            id.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{id}"
        );
    }
}

#[test]
fn buckets_are_told_apart_by_account_region_and_owner() {
    let name = |owner: &Owner, account: &str, region: &str| {
        bucket(owner, &account.into(), &region.into(), None).to_string()
    };
    let scans = owner("clinics", "scans");
    let first = name(&scans, "111122223333", "eu-central-1");
    assert!(
        first.starts_with("emr-111122223333-eu-central-1-scans-"),
        "{first}"
    );
    assert_ne!(first, name(&scans, "111122223334", "eu-central-1"));
    assert_ne!(first, name(&scans, "111122223333", "eu-west-1"));
    assert_ne!(
        first,
        name(&owner("other", "scans"), "111122223333", "eu-central-1")
    );
    for odd in ["A.b", "-", "x--", "....................x"] {
        let name = name(&owner("a", odd), "111122223333", "eu-central-1");
        assert!(
            name.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{name}"
        );
    }
}
