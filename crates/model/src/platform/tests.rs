use emr_resource::network::{EksCluster, Subnet};

use super::*;

fn subnet(id: &str, zone: &str, tags: &[(&str, &str)]) -> Subnet {
    Subnet {
        id: id.into(),
        vpc_id: "vpc-1".into(),
        zone: zone.into(),
        cidr: "10.0.0.0/24".into(),
        tags: tags
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect(),
    }
}

fn eks(subnets: &[&str]) -> EksCluster {
    EksCluster {
        name: "clinics".into(),
        status: "ACTIVE".into(),
        version: "1.35".into(),
        vpc_id: "vpc-1".into(),
        subnet_ids: subnets.iter().map(|id| (*id).into()).collect(),
        security_group_id: "sg-nodes".into(),
    }
}

const PRIVATE: (&str, &str) = ("kubernetes.io/role/internal-elb", "1");
const PUBLIC: (&str, &str) = ("kubernetes.io/role/elb", "1");
const DATABASE: (&str, &str) = ("emrstack.dev/tier", "database");

#[test]
fn subnets_are_told_apart_by_their_tags() {
    let subnets = [
        subnet("p-b", "b", &[PRIVATE]),
        subnet("p-a2", "a", &[PRIVATE]),
        subnet("p-a1", "a", &[PRIVATE]),
        subnet("u-a", "a", &[PUBLIC]),
        subnet("d-a", "a", &[DATABASE, PRIVATE]),
        subnet("d-b", "b", &[DATABASE]),
    ];
    let network = find(&eks(&[]), &subnets).unwrap();
    let ids = |rows: &[emr_api::emr_platform::SubnetStatus]| {
        rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&network.private_subnets), ["p-a1", "p-b"]);
    assert_eq!(ids(&network.public_subnets), ["u-a"]);
    assert_eq!(ids(&network.database_subnets), ["d-a", "d-b"]);
}

#[test]
fn without_tags_the_clusters_own_subnets_serve() {
    let subnets = [
        subnet("a", "a", &[]),
        subnet("b", "b", &[]),
        subnet("c", "c", &[]),
    ];
    let network = find(&eks(&["a", "b"]), &subnets).unwrap();
    assert_eq!(network.private_subnets.len(), 2);
    assert_eq!(network.database_subnets, network.private_subnets);
}

#[test]
fn one_zone_is_refused_with_the_remedy() {
    let error = find(&eks(&["a"]), &[subnet("a", "a", &[])]).unwrap_err();
    assert_eq!(error.reason(), "TooFewZones");
    assert!(
        error.to_string().contains("add a subnet in another zone"),
        "{error}"
    );
}

#[test]
fn a_platform_never_gives_up_what_protects_backups() {
    let spec = serde_json::from_str(r#"{"eks": {"clusterName": "clinics"}}"#).unwrap();
    let owner = emr_resource::Owner {
        cluster: "clinics".into(),
        kind: "EmrPlatform".into(),
        namespace: String::new(),
        name: "default".into(),
        uid: "1".into(),
    };
    let network = find(
        &eks(&["a", "b"]),
        &[subnet("a", "a", &[]), subnet("b", "b", &[])],
    )
    .unwrap();
    let parts = PlatformParts {
        account: &"111122223333".into(),
        region: &"eu-west-1".into(),
        network: &network,
    };
    let stack = desire(&owner, &spec, &parts);
    assert!(stack.key.is_some());
    assert!(teardown(&stack, &PlatformSeen::default()).is_settled());
}

#[test]
fn the_list_of_resources_is_stable_and_says_what_is_missing() {
    let network = find(
        &eks(&["a", "b"]),
        &[subnet("a", "a", &[]), subnet("b", "b", &[])],
    )
    .unwrap();
    let parts = PlatformParts {
        account: &"111122223333".into(),
        region: &"eu-west-1".into(),
        network: &network,
    };
    let owner = emr_resource::Owner {
        cluster: "clinics".into(),
        kind: "EmrPlatform".into(),
        namespace: String::new(),
        name: "default".into(),
        uid: "1".into(),
    };
    let listed = |spec: &str, seen: &PlatformSeen| {
        let spec = serde_json::from_str(spec).unwrap();
        let stack = desire(&owner, &spec, &parts);
        let old = emr_api::emr_platform::EmrPlatformStatus::default();
        let status = status(&old, &parts, None, None, &stack, seen);
        let line = |line: &emr_api::references::ResourceStatus| {
            let arn = line.arn.as_deref().unwrap_or("-");
            format!("{} {} {arn}", line.kind, line.state)
        };
        status.resources.iter().map(line).collect::<Vec<_>>()
    };
    let ours = r#"{"eks": {"clusterName": "clinics"}}"#;
    let named = r#"{"eks": {"clusterName": "clinics"}, "encryption":
        {"kmsKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/1"}}"#;
    assert_eq!(
        listed(ours, &PlatformSeen::default()),
        [
            "kms-key missing -",
            "db-subnet-group missing -",
            "backup-role missing -",
            "backup-vault missing -",
            "backup-plan missing -",
            "backup-plan missing -",
            "backup-plan missing -"
        ]
    );
    let seen = PlatformSeen {
        vault: Some(emr_resource::backup_vault::Observed {
            name: "v".into(),
            arn: "arn:vault".into(),
            kms_key_arn: None,
            lock: None,
            tags: None,
        }),
        ..PlatformSeen::default()
    };
    assert_eq!(
        listed(named, &seen),
        [
            "db-subnet-group missing -",
            "backup-role missing -",
            "backup-vault available arn:vault",
            "backup-plan missing -",
            "backup-plan missing -",
            "backup-plan missing -"
        ]
    );
}
