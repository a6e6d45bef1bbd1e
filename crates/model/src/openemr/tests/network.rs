use std::collections::BTreeSet;

use emr_api::policy::Profile;
use serde_json::Value;

use super::{super::*, fixture};

fn policies(workload: &Workload) -> Vec<Value> {
    objects(workload)
        .iter()
        .filter(|object| object.kind() == "NetworkPolicy")
        .map(|object| serde_json::to_value(object).unwrap())
        .collect()
}

#[test]
fn an_empty_set_of_addresses_lets_nothing_through() {
    let mut workload = fixture::sample(Profile::Production);
    workload.exposure = fixture::exposure();
    workload.network = Network {
        database_cidrs: BTreeSet::new(),
        cache_cidrs: BTreeSet::new(),
        public_cidrs: BTreeSet::new(),
        https: HttpsEgress::Endpoints(BTreeSet::new()),
    };
    for policy in policies(&workload) {
        for (rules, peers) in [("egress", "to"), ("ingress", "from")] {
            for rule in policy["spec"][rules].as_array().into_iter().flatten() {
                assert!(
                    rule[peers]
                        .as_array()
                        .is_some_and(|peers| !peers.is_empty()),
                    "open to all: {policy}"
                );
            }
        }
    }
}

#[test]
fn nobody_comes_in_while_it_is_not_exposed() {
    for policy in policies(&fixture::sample(Profile::Production)) {
        assert_eq!(policy["spec"].get("ingress"), None, "{policy}");
    }
}

#[test]
fn without_endpoints_https_goes_anywhere_but_to_the_metadata_service_and_warns() {
    let mut workload = fixture::sample(Profile::Production);
    assert!(workload.warnings().is_empty());
    workload.network.https = HttpsEgress::Anywhere;
    assert_eq!(workload.warnings(), [Warning::HttpsAnywhere]);
    let text = serde_json::to_string(&policies(&workload)).unwrap();
    assert!(
        text.contains(r#"{"cidr":"0.0.0.0/0","except":["169.254.169.254/32"]}"#),
        "{text}"
    );
}
