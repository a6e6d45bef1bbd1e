use super::*;

fn refused(tls: &serde_json::Value) -> String {
    let platform: EmrPlatform = serde_json::from_value(serde_json::json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrPlatform",
        "metadata": {"name": "default"},
        "spec": {"eks": {"clusterName": "clinics"}, "tls": tls}
    }))
    .unwrap();
    format!("{:?}", platform.validate_cel())
}

#[test]
fn a_bundle_is_certificates_and_nothing_else() {
    let section = |what: &str| format!("-----BEGIN {what}-----\n-----END {what}-----\n");
    let certificate = section("CERTIFICATE");
    let key = certificate.clone() + &section("RSA PRIVATE KEY");
    let says = "spec.tls.rdsCaBundle must be certificates";
    for bad in ["https://example.org/bundle.pem", key.as_str()] {
        let told = refused(&serde_json::json!({"rdsCaBundle": bad}));
        assert!(told.contains(says), "{told}");
    }
    let told = refused(&serde_json::json!({"rdsCaBundle": certificate}));
    assert!(!told.contains(says), "{told}");
}
