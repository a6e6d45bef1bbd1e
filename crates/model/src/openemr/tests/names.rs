use emr_api::policy::Profile;

use super::{super::*, fixture};

fn named(namespace: &str, name: &str) -> Workload {
    let mut workload = Workload {
        exposure: fixture::exposure(),
        ..fixture::sample(Profile::Production)
    };
    workload.instance.namespace = namespace.into();
    workload.instance.name = name.into();
    workload
}

fn is_dns_label(name: &str) -> bool {
    name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[test]
fn the_longest_legal_names_fit() {
    let long = "a".repeat(253);
    let dotted = format!("{}.{}", "9".repeat(63), "b-".repeat(94) + "b");
    for name in [
        "a",
        "riverside",
        "7th-street",
        "a.b.c",
        long.as_str(),
        dotted.as_str(),
    ] {
        let workload = named(&"n".repeat(63), name);
        for object in objects(&workload).iter() {
            let (kind, made) = (object.kind(), object.name());
            if kind == "PersistentVolume" {
                assert!(made.len() <= 253 && !made.contains(".."), "{made}");
            } else {
                assert!(is_dns_label(made), "{kind} {made}");
            }
            let labels = object.meta().labels.clone().unwrap();
            for value in labels.values() {
                assert!(value.len() <= 63, "{kind} {value}");
                assert!(
                    value.ends_with(|c: char| c.is_ascii_alphanumeric()),
                    "{kind} {value}"
                );
            }
        }
    }
}

#[test]
fn names_that_are_cut_stay_distinct() {
    let of = |name: &str| {
        objects(&named("n", name))
            .iter()
            .map(|object| format!("{}/{}", object.kind(), object.name()))
            .collect::<Vec<_>>()
    };
    let long = "a".repeat(252);
    for (a, b) in [
        (format!("{long}a"), format!("{long}b")),
        ("a.b".into(), "a-b".into()),
    ] {
        assert!(of(&a).iter().all(|name| !of(&b).contains(name)), "{a} {b}");
    }
}

#[test]
fn within_an_instance_no_two_objects_of_a_kind_share_a_name() {
    let all = objects(&named("n", "a"));
    let mut seen = std::collections::BTreeSet::new();
    for object in all.iter() {
        assert!(
            seen.insert((object.kind(), object.name().to_owned())),
            "{}",
            object.name()
        );
    }
}

#[test]
fn another_access_point_or_namespace_is_another_volume() {
    let volumes = |workload: &Workload| {
        objects(workload)
            .storage
            .iter()
            .map(|o| o.name().to_owned())
            .collect::<Vec<_>>()
    };
    let first = named("n", "a");
    let mut restored = first.clone();
    restored.files.sites = "fsap-0restored".into();
    assert_ne!(volumes(&first)[0], volumes(&restored)[0]);
    assert_eq!(volumes(&first)[1], volumes(&restored)[1]);
    assert_ne!(
        volumes(&first)[2],
        volumes(&restored)[2],
        "the claim moves with its volume"
    );
    // Joined, the parts read the same.
    assert_ne!(
        volumes(&named("a-b", "c"))[0],
        volumes(&named("a", "b-c"))[0]
    );
}
