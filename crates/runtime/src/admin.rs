//! The admin port: is it alive, is it ready, what does it count.
//!
//! A standby is ready: it has no caches to fill until it leads, and a rollout must not wait for a
//! lease that the old pod still holds.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;

use crate::metrics;

/// What the probes ask. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Health {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    caches: BTreeMap<String, bool>,
    shutting_down: bool,
    broken: Option<String>,
}

impl Health {
    fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        act(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Announces a cache that must be filled before we are ready.
    pub fn expect(&self, cache: &str) {
        self.with(|inner| {
            inner.caches.entry(cache.to_owned()).or_insert(false);
        });
    }

    /// A cache is filled.
    pub fn synced(&self, cache: &str) {
        self.with(|inner| inner.caches.insert(cache.to_owned(), true));
    }

    /// From now on we are not ready.
    pub fn shutting_down(&self) {
        self.with(|inner| inner.shutting_down = true);
    }

    /// Only a restart helps.
    pub fn broken(&self, why: &str) {
        self.with(|inner| inner.broken = Some(why.to_owned()));
    }

    /// `Err` says why not.
    pub fn live(&self) -> Result<(), String> {
        self.with(|inner| inner.broken.clone().map_or(Ok(()), Err))
    }

    /// `Err` says why not.
    pub fn ready(&self) -> Result<(), String> {
        self.live()?;
        self.with(|inner| {
            if inner.shutting_down {
                return Err("shutting down".to_owned());
            }
            let waiting: Vec<&str> = inner
                .caches
                .iter()
                .filter(|(_, synced)| !**synced)
                .map(|(cache, _)| cache.as_str())
                .collect();
            if waiting.is_empty() {
                Ok(())
            } else {
                Err(format!("not synced yet: {}", waiting.join(", ")))
            }
        })
    }
}

/// The routes of the admin port.
pub fn router(health: Health, registry: Arc<Registry>) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .with_state(health)
        .route("/metrics", get(page).with_state(registry))
}

/// Serves the admin port until `shutdown` ends, then lets running requests end.
pub async fn serve(
    listener: TcpListener,
    health: Health,
    registry: Arc<Registry>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(health, registry))
        .with_graceful_shutdown(shutdown)
        .await
}

async fn healthz(State(health): State<Health>) -> Response {
    answer(health.live())
}

async fn readyz(State(health): State<Health>) -> Response {
    answer(health.ready())
}

fn answer(verdict: Result<(), String>) -> Response {
    match verdict {
        Ok(()) => (StatusCode::OK, "ok\n").into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

async fn page(State(registry): State<Arc<Registry>>) -> Response {
    const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match metrics::encode(&registry) {
        Ok(page) => ([(header::CONTENT_TYPE, TYPE)], page).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests;
