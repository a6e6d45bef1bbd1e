//! The SDK adapters against the stand-in for AWS (tests/aws), held to the contract suite.
//!
//! Needs its address in `EMR_AWS_ENDPOINT`; says so and passes when that is not set.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod contract;

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{Arc, LazyLock},
    time::{SystemTime, UNIX_EPOCH},
};

use aws_config::{BehaviorVersion, Region};
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use emr_cloud::{
    Accounts, AssumeRole, Caller, ErrorKind, Metrics, Target,
    limits::{Limiters, Limits},
    sdk::{Clients, Sdk, ports},
};
use emr_resource::ids::{AccountId, SubnetId};
use serde_json::{Value, json};

use self::contract::World;

const REGION: &str = "eu-central-1";

/// Where the stand-in listens, or a loud word that it does not.
fn endpoint() -> Option<String> {
    let endpoint = std::env::var("EMR_AWS_ENDPOINT").ok();
    if endpoint.is_none() {
        eprintln!("SKIPPED: EMR_AWS_ENDPOINT is not set, so NOTHING was tested against AWS");
    }
    endpoint
}

/// One call of the stand-in's control API.
fn control(endpoint: &str, method: &str, path: &str, body: &Value) -> Value {
    let host = endpoint.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(host).unwrap();
    let body = body.to_string();
    let length = body.len();
    write!(
        stream,
        "{method} /_sandbox/{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{reply}");
    let json = &body[body.find(['{', '[']).unwrap()..=body.rfind(['}', ']']).unwrap()];
    serde_json::from_str(json).unwrap()
}

/// An account of its own for each test and run, so that a stand-in serves many.
fn account(test: &str) -> String {
    static RUN: LazyLock<u128> = LazyLock::new(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        100_000_000 + now.as_millis() % 900_000_000
    });
    format!("{}{test}", *RUN)
}

fn world(endpoint: &str, account: &str) -> World {
    let seed = json!({ "region": REGION, "clusterName": "clinics" });
    let seeded = control(endpoint, "POST", &format!("accounts/{account}/seed"), &seed);
    let credentials = Credentials::new(account, "secret", None, None, "test");
    let config = aws_config::SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .build();
    let clients = Clients::new(&config);
    let account = AccountId::new(account);
    let limiters = Arc::new(Limiters::new(Limits::unlimited()));
    let caller = Caller::new(account.clone(), REGION.into(), limiters, Metrics::default());
    let subnets = seeded["databaseSubnetIds"].as_array().unwrap();
    World {
        ports: ports(&clients, &caller),
        account,
        region: REGION.into(),
        cluster: "clinics".into(),
        vpc_id: seeded["vpcId"].as_str().unwrap().into(),
        database_subnets: subnets
            .iter()
            .map(|id| SubnetId::new(id.as_str().unwrap()))
            .collect(),
        node_group: seeded["clusterSecurityGroupId"].as_str().unwrap().into(),
    }
}

macro_rules! contract_tests {
    ($(($name:ident, $account:literal)),+ $(,)?) => {$(
        #[tokio::test]
        async fn $name() {
            let Some(endpoint) = endpoint() else { return };
            contract::$name(&world(&endpoint, &account($account))).await;
        }
    )+};
}

contract_tests! {
    (security_groups, "001"),
    (subnet_groups, "002"),
    (parameter_groups, "003"),
    (keys, "004"),
    (secrets, "005"),
    (log_groups, "006"),
    (databases, "007"),
    (postgresql, "013"),
    (rds, "014"),
    (discovery, "008"),
    (caches, "010"),
    (replication_groups, "014"),
    (files, "011"),
    (quotas, "012"),
    (objects, "014"),
    (pods, "015"),
}

/// With `AWS_ENDPOINT_URL` and credentials in the environment too, as the operator finds them.
#[tokio::test]
async fn the_environment_and_an_assumed_role_lead_to_an_account() {
    if endpoint().is_none() || std::env::var("AWS_ENDPOINT_URL").is_err() {
        eprintln!("SKIPPED: the environment does not lead to the stand-in");
        return;
    }
    let accounts = Accounts::new(Arc::new(Sdk), Limits::default(), Metrics::default());
    let own = Target {
        region: REGION.into(),
        role: None,
    };
    let account = accounts.get(&own).await.unwrap();
    assert!(
        Arc::ptr_eq(&account, &accounts.get(&own).await.unwrap()),
        "opened twice"
    );
    let role = AssumeRole {
        arn: "arn:aws:iam::700000000042:role/emr".into(),
        external_id: Some("clinics".into()),
    };
    let other = accounts
        .get(&Target {
            role: Some(role),
            ..own
        })
        .await
        .unwrap();
    assert_eq!(other.id().as_str(), "700000000042");
    assert_ne!(account.id(), other.id());
}

#[tokio::test]
async fn faults_of_every_kind_are_told_apart() {
    let Some(endpoint) = endpoint() else { return };
    let account = account("009");
    let world = world(&endpoint, &account);
    let port = &world.ports.subnet_group;
    let create = emr_resource::subnet_group::Change::Create(emr_resource::subnet_group::Desired {
        name: "emr-fault".into(),
        description: "x".into(),
        subnet_ids: world.database_subnets.iter().cloned().collect(),
        tags: contract::tags("fault"),
    });
    for (kind, expected) in [
        ("throttle", ErrorKind::Throttled),
        ("error", ErrorKind::Transient),
        ("access-denied", ErrorKind::AccessDenied),
        ("reset", ErrorKind::MaybeApplied),
    ] {
        let fault = json!([{ "account": account, "service": "rds", "kind": kind, "count": 1,
                             "operation": "CreateDBSubnetGroup" }]);
        control(&endpoint, "PUT", "faults", &fault);
        let error = port.perform(&create).await.unwrap_err();
        assert_eq!(error.kind, expected, "{kind}: {error}");
        if expected == ErrorKind::AccessDenied {
            assert!(error.message.contains("rds:CreateDBSubnetGroup"), "{error}");
        }
    }
    control(&endpoint, "PUT", "faults", &json!([]));
    port.perform(&create).await.unwrap();
    let error = port.perform(&create).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::AlreadyExists);
    assert!(
        error.request_id.is_some(),
        "support asks for the request id"
    );
}
