//! The HTTP client of all services: one store of root certificates, and pools that shrink again.
//!
//! The SDK's own default keeps every connection that a burst needed for a minute and a half, each with
//! buffers as large as the largest page it read, and a set of root certificates for each service.

use std::time::Duration;

use aws_smithy_http_client::{
    Builder, ConnectorBuilder,
    proxy::ProxyConfig,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::SharedHttpClient, runtime_components::RuntimeComponents,
};

/// Idle connections to one endpoint; a service is asked a dozen times a second at most.
const IDLE: usize = 16;
/// How long they are kept: sweeps come every two seconds while AWS works on something.
const KEPT: Duration = Duration::from_secs(20);

/// A client with nothing open. `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are honoured.
pub(super) fn client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = ConnectorBuilder::default()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .proxy_config(ProxyConfig::from_env())
            .pool_max_idle_per_host(IDLE)
            .pool_idle_timeout(KEPT);
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.build()
    })
}
