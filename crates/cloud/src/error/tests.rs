use std::collections::BTreeSet;

use super::{codes::TABLE, *};

#[test]
fn no_code_has_two_rows() {
    let codes: BTreeSet<_> = TABLE.iter().map(|(code, _)| code).collect();
    assert_eq!(codes.len(), TABLE.len());
}

#[test]
fn codes_that_decide_about_data_have_the_right_kind() {
    for (code, kind) in [
        ("Throttling", ErrorKind::Throttled),
        ("RequestLimitExceeded", ErrorKind::Throttled),
        ("DBClusterNotFoundFault", ErrorKind::NotFound),
        ("DBClusterNotFound", ErrorKind::NotFound),
        ("DBClusterAlreadyExistsFault", ErrorKind::AlreadyExists),
        ("InvalidDBClusterStateFault", ErrorKind::WrongState),
        ("DependencyViolation", ErrorKind::WrongState),
        ("FileSystemInUse", ErrorKind::WrongState),
        ("DBClusterQuotaExceededFault", ErrorKind::QuotaExceeded),
        ("InvalidParameterCombination", ErrorKind::Invalid),
        ("ExpiredToken", ErrorKind::Credentials),
        ("UnauthorizedOperation", ErrorKind::AccessDenied),
        ("NeverHeardOf", ErrorKind::Invalid),
    ] {
        let error = CloudError::answered(Service::Rds, "DeleteDBCluster", code, "m");
        assert_eq!(error.kind, kind, "{code}");
    }
}

#[test]
fn an_unknown_code_is_judged_by_its_status() {
    for (status, kind) in [
        (500, ErrorKind::Transient),
        (503, ErrorKind::Transient),
        (429, ErrorKind::Throttled),
        (403, ErrorKind::AccessDenied),
        (404, ErrorKind::NotFound),
        (400, ErrorKind::Invalid),
    ] {
        assert_eq!(codes::kind_of_status(status), kind, "{status}");
    }
}

#[test]
fn a_refusal_names_the_action_and_drops_the_blob() {
    let error = CloudError::answered(
        Service::Ec2,
        "CreateSecurityGroup",
        "UnauthorizedOperation",
        "You are not authorized. Encoded authorization failure message: 5dPx…",
    );
    assert_eq!(
        error.message,
        "not allowed to perform ec2:CreateSecurityGroup: You are not authorized."
    );
    let told = "User: x is not authorized to perform: kms:CreateGrant on resource: y";
    let error = CloudError::answered(Service::Rds, "CreateDBCluster", "AccessDenied", told);
    assert_eq!(error.message, told);
}

#[test]
fn every_kind_has_a_reason_and_advice_and_is_retried_or_told() {
    for kind in ErrorKind::ALL {
        assert!(
            kind.reason().chars().all(|c| c.is_ascii_alphanumeric()),
            "{kind:?}"
        );
        assert!(kind.advice().ends_with('.'), "{kind:?}");
        assert!(
            !(kind.is_retryable_soon() && kind.needs_person()),
            "{kind:?}"
        );
    }
}

#[test]
fn the_text_is_the_same_on_every_attempt_and_bounded() {
    let mut error = CloudError::answered(
        Service::Rds,
        "CreateDBCluster",
        "InvalidParameterValue",
        "ä".repeat(900),
    );
    let text = error.to_string();
    error.request_id = Some("abc".into());
    assert_eq!(error.to_string(), text);
    assert!(text.len() < 800);
}

#[test]
fn a_time_out_leaves_open_whether_it_was_done() {
    type E = aws_sdk_rds::operation::delete_db_cluster::DeleteDBClusterError;
    let error: SdkError<E, HttpResponse> = SdkError::timeout_error("operation attempt timeout");
    let error = CloudError::from_sdk(Service::Rds, "DeleteDBCluster", &error);
    assert_eq!(error.kind, ErrorKind::MaybeApplied);
    assert!(error.kind.leaves_doubt());
}

/// What a call to `endpoint` ends in, with or without credentials.
async fn failure(endpoint: &str, credentials: bool) -> CloudError {
    use aws_sdk_rds::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
    let config = aws_sdk_rds::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(endpoint);
    let config = if credentials {
        config.credentials_provider(Credentials::new("1", "2", None, None, "test"))
    } else {
        config
    };
    let client = aws_sdk_rds::Client::from_conf(config.build());
    let error = client.describe_db_clusters().send().await.unwrap_err();
    CloudError::from_sdk(Service::Rds, "DescribeDBClusters", &error)
}

#[tokio::test]
async fn without_credentials_nothing_was_sent_and_a_person_is_needed() {
    let error = failure("http://127.0.0.1:1", false).await;
    assert_eq!(error.kind, ErrorKind::Credentials, "{error}");
}

#[tokio::test]
async fn a_refused_connection_and_an_unknown_host_changed_nothing() {
    for endpoint in ["http://127.0.0.1:1", "http://nowhere.invalid"] {
        let error = failure(endpoint, true).await;
        assert_eq!(error.kind, ErrorKind::Transient, "{error}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_open_whether_it_was_done() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || drop(listener.accept().unwrap()));
    let error = failure(&endpoint, true).await;
    assert_eq!(error.kind, ErrorKind::MaybeApplied, "{error}");
    server.join().unwrap();
}

/// An STS that gives each caller the same answer, or closes the connection, or keeps silent.
async fn failure_behind(sts: Sts) -> CloudError {
    use aws_sdk_rds::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for caller in listener.incoming() {
            let mut caller = caller.unwrap();
            let _ = caller.read(&mut [0; 8192]);
            match sts {
                Sts::Answers(status, code) => {
                    let body = format!(
                        "<ErrorResponse><Error><Code>{code}</Code><Message>m</Message></Error>\
                         <RequestId>never the same</RequestId></ErrorResponse>"
                    );
                    let length = body.len();
                    let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\n\r\n");
                    let _ = write!(caller, "{answer}{body}");
                }
                Sts::Closes => {}
                Sts::KeepsSilent => held.push(caller),
            }
        }
    });
    let identity_cache = aws_config::identity::IdentityCache::lazy()
        .load_timeout(std::time::Duration::from_millis(300))
        .build();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(endpoint)
        .identity_cache(identity_cache)
        .credentials_provider(Credentials::new("1", "2", None, None, "test"))
        .load()
        .await;
    let role = aws_config::sts::AssumeRoleProvider::builder("arn:aws:iam::1:role/r")
        .session_name("test")
        .configure(&config)
        .build()
        .await;
    let config = config
        .into_builder()
        .credentials_provider(aws_sdk_sts::config::SharedCredentialsProvider::new(role))
        .build();
    let client = aws_sdk_rds::Client::new(&config);
    let error = client.describe_db_clusters().send().await.unwrap_err();
    CloudError::from_sdk(Service::Rds, "DescribeDBClusters", &error)
}

#[derive(Clone, Copy, Debug)]
enum Sts {
    Answers(u16, &'static str),
    Closes,
    KeepsSilent,
}

#[tokio::test]
async fn a_role_that_could_not_be_assumed_just_now_calls_nobody_and_one_that_is_refused_does() {
    for (sts, kind, told) in [
        (
            Sts::Answers(400, "Throttling"),
            ErrorKind::Transient,
            "Throttling: m",
        ),
        (
            Sts::Answers(503, "ServiceUnavailable"),
            ErrorKind::Transient,
            "ServiceUnavailable: m",
        ),
        (Sts::Closes, ErrorKind::Transient, "AssumeRole failed"),
        (Sts::KeepsSilent, ErrorKind::Transient, "timed out"),
        (
            Sts::Answers(403, "AccessDenied"),
            ErrorKind::Credentials,
            "AccessDenied: not allowed",
        ),
        (
            Sts::Answers(403, "InvalidClientTokenId"),
            ErrorKind::Credentials,
            "InvalidClientTokenId",
        ),
    ] {
        let error = failure_behind(sts).await;
        assert_eq!(error.kind, kind, "{sts:?}: {error}");
        let text = error.to_string();
        assert!(text.contains(told), "{sts:?}: {text}");
        assert!(!text.contains("never the same"), "{sts:?}: {text}");
    }
}
