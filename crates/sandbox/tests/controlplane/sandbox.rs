//! A whole sandbox: AWS stand-in, operator, load balancer stand-in.

use std::time::Duration;

use emr_sandbox::{OperatorOptions, Sandbox, SandboxOptions, apply_file, wait_for};
use k8s_openapi::api::networking::v1::Ingress;
use kube::Api;
use serde_json::json;

use crate::{MINUTE, fixture};

/// Both sides together: what the operator is given, and what surrounds it.
#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_gives_the_operator_its_world() {
    let mut options = SandboxOptions::default();
    options.control_plane.nodes = None;
    options.control_plane.metrics = false;
    let sandbox = Sandbox::start(&options, &|line| println!("{line}"))
        .await
        .unwrap();
    let client = sandbox.control_plane.client();
    apply_file(&client, None, &fixture("operator.yaml"))
        .await
        .unwrap();

    let account = "123456789012";
    let cluster = json!({"clusterName": "clinics"});
    let seeded = sandbox.aws.seed_account(account, &cluster).await.unwrap();
    assert_eq!(seeded["account"], account);
    let calls = sandbox.aws.calls(account, 0).await.unwrap();
    assert!(
        calls.calls.iter().all(|call| !call.mutating),
        "seeding counts as no call"
    );

    // A shell stands for the operator: it says who it is and waits.
    let mut operator = OperatorOptions::new("/bin/sh", account);
    let kubectl = sandbox.control_plane.binaries().program("kubectl");
    let script = format!("{} auth whoami; env; exec sleep 1000", kubectl.display());
    operator.arguments = vec!["-c".to_owned(), script];
    operator
        .environment
        .insert("RUST_LOG".to_owned(), "debug".to_owned());
    let mut operator = sandbox.operator(&operator).await.unwrap();
    let endpoint = format!("AWS_ENDPOINT_URL={}\n", sandbox.aws.endpoint());
    let mut log = String::new();
    for _ in 0..200 {
        log = std::fs::read_to_string(operator.log()).unwrap_or_default();
        if log.contains(&endpoint) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for line in [
        "system:serviceaccount:emr-system:emr-operator",
        "AWS_ACCESS_KEY_ID=123456789012\n",
        "AWS_REGION=us-east-1\n",
        "RUST_LOG=debug\n",
        &endpoint,
    ] {
        assert!(log.contains(line), "no {line} in:\n{log}");
    }
    assert!(!log.contains("AWS_CA_BUNDLE"));

    let first = operator.pid();
    assert!(operator.terminate(Duration::from_secs(5)).await);
    operator.restart().unwrap();
    assert!(operator.runs() && operator.pid() != first);
    operator.kill();
    assert!(!operator.runs());

    let ingresses: Api<Ingress> = Api::namespaced(client, "emr-system");
    wait_for(&ingresses, "web", "addressed", MINUTE, |ingress| {
        ingress
            .and_then(|ingress| {
                let balancer = ingress.status.as_ref()?.load_balancer.as_ref()?;
                balancer.ingress.as_ref()?.first()?.hostname.as_ref()
            })
            .is_some()
    })
    .await
    .unwrap();
}
