//! The demo talks to loopback alone: a shell that points elsewhere is refused before anything starts.

use std::{collections::BTreeMap, net::IpAddr};

/// Names of the SDKs' endpoints: this one, and with a service's name behind it.
const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// Fails if an endpoint that is set in `environment` is not loopback. Otherwise gives the variables
/// that the operator must be given, so that every service is looked for at `endpoint`.
pub(super) fn endpoints(
    environment: impl Iterator<Item = (String, String)>,
    endpoint: &str,
) -> Result<BTreeMap<String, String>, String> {
    let mut wanted = BTreeMap::from([
        (ENDPOINT.to_owned(), endpoint.to_owned()),
        (
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS".to_owned(),
            "false".to_owned(),
        ),
    ]);
    for (name, value) in environment {
        let endpoint_of_service = name.strip_prefix(ENDPOINT);
        if !endpoint_of_service.is_some_and(|rest| rest.is_empty() || rest.starts_with('_')) {
            continue;
        }
        refuse_foreign(&name, &value)?;
        wanted.insert(name, endpoint.to_owned());
    }
    refuse_foreign("the stand-in's endpoint", endpoint)?;
    Ok(wanted)
}

fn refuse_foreign(name: &str, value: &str) -> Result<(), String> {
    if value.is_empty() || is_loopback(value) {
        return Ok(());
    }
    Err(format!(
        "{name} is {value}, which is not loopback: the demo never talks to a real AWS; unset it"
    ))
}

/// Whether a URL's host is an address of this machine.
fn is_loopback(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    // What stands before an @ is a user, whatever it looks like.
    if authority.contains('@') {
        return false;
    }
    let host = match authority.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "http://127.0.0.1:4566";

    fn with(name: &str, value: &str) -> Result<BTreeMap<String, String>, String> {
        endpoints(std::iter::once((name.to_owned(), value.to_owned())), HERE)
    }

    #[test]
    fn only_loopback_passes() {
        for url in [
            "http://127.0.0.1:1",
            "http://localhost:4566/",
            "http://[::1]:9",
            "http://127.8.9.1",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "https://rds.us-east-1.amazonaws.com",
            "http://localhost.example.org",
            "http://127.0.0.1@example.org",
            "http://127.0.0.1.example.org:80",
            "http://169.254.169.254",
            "http://10.0.0.1",
            "127.0.0.1:4566",
            "http://0.0.0.0:4566",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }

    #[test]
    fn a_foreign_endpoint_of_any_service_is_refused() {
        for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_RDS"] {
            let refused = with(name, "https://rds.us-east-1.amazonaws.com").unwrap_err();
            assert!(
                refused.starts_with(&format!("{name} is https://rds")),
                "{refused}"
            );
        }
        assert!(endpoints(std::iter::empty(), "http://10.1.1.1:80").is_err());
    }

    #[test]
    fn an_endpoint_of_another_sandbox_is_replaced() {
        let wanted = with("AWS_ENDPOINT_URL_EFS", "http://127.0.0.1:9").unwrap();
        assert_eq!(wanted["AWS_ENDPOINT_URL_EFS"], HERE);
        assert_eq!(wanted["AWS_ENDPOINT_URL"], HERE);
        assert!(
            !with("AWS_ENDPOINTS", "x")
                .unwrap()
                .contains_key("AWS_ENDPOINTS")
        );
    }
}
