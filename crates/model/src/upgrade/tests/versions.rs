use super::super::{
    Version,
    catalogue::{Catalogue, entry, lines},
};

#[test]
fn tags_are_read_and_written_alike() {
    for text in [
        "4.2.6",
        "8.2.0",
        "8.2.0-2026-05-01",
        "7.0.3.4",
        "0.0.0",
        "5.1.0-rc.1",
    ] {
        assert_eq!(text.parse::<Version>().unwrap().to_string(), text);
    }
}

#[test]
fn what_is_no_version_is_refused_with_an_example() {
    for text in [
        "",
        "latest",
        "4",
        "4.2",
        "4.2.",
        "v4.2.6",
        "4.2.x",
        "04.2.6",
        "4.2.6-",
        "4.2.6 ",
        "4.2.6+a",
        "4.2.6_a",
        "99999999999.0.0",
        "-1.0.0",
    ] {
        let error = text.parse::<Version>().unwrap_err().to_string();
        assert!(error.contains("for example 4.2.6"), "{text}: {error}");
    }
}

#[test]
fn numbers_are_compared_as_numbers() {
    let sorted = [
        "3.9.0",
        "3.10.0",
        "4.0.0",
        "8.2.0",
        "8.2.0-2026-05-01",
        "8.2.0-2026-06-01",
    ];
    let versions: Vec<Version> = sorted.iter().map(|text| text.parse().unwrap()).collect();
    assert!(versions.is_sorted());
}

#[test]
fn every_line_of_a_catalogue_is_read_and_they_are_in_order() {
    for (text, catalogue) in [
        (include_str!("../medplum.releases"), Catalogue::medplum()),
        (include_str!("../openemr.releases"), Catalogue::openemr()),
    ] {
        let unread: Vec<_> = lines(text).filter(|line| entry(line).is_none()).collect();
        assert!(unread.is_empty(), "{unread:?}");
        assert_eq!(lines(text).count(), catalogue.releases.len());
        let releases = catalogue.releases.iter();
        assert!(
            releases.clone().is_sorted_by(|a, b| a.release < b.release),
            "oldest first, each once"
        );
        let levels: Vec<_> = releases.filter_map(|entry| entry.level).collect();
        assert!(levels.is_sorted_by(|a, b| a < b), "{levels:?}");
    }
    assert_eq!(entry("4.2.6 skipable"), None);
    assert_eq!(entry("4.2"), None);
    let level = |text: &str| Catalogue::openemr().level(&text.parse().unwrap());
    assert_eq!(level("8.2.0-2026-05-01"), Some(12));
    assert_eq!(level("8.2.1"), None);
}
