//! Why a scenario failed.

/// Why a scenario failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something was not as it should be.
    #[error("{0}")]
    Assertion(String),
    /// The sandbox did not do its part.
    #[error("the sandbox failed: {}", chain(.0))]
    Sandbox(#[from] emr_sandbox::Error),
    /// The API server refused, or was not reached.
    #[error("the API server refused: {0}")]
    Kubernetes(#[from] kube::Error),
    /// A file or a process.
    #[error("input or output failed: {0}")]
    Io(#[from] std::io::Error),
    /// Something was not JSON.
    #[error("not JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// What a scenario ends with.
pub type Outcome<T = ()> = Result<T, Failure>;

/// Fails with a message unless `fact` holds.
pub fn ensure(fact: bool, otherwise: impl FnOnce() -> String) -> Outcome {
    if fact {
        Ok(())
    } else {
        Err(Failure::Assertion(otherwise()))
    }
}

/// Fails with both unless they are equal.
pub fn same<T: PartialEq + std::fmt::Debug>(what: &str, seen: &T, wanted: &T) -> Outcome {
    ensure(seen == wanted, || {
        format!("{what}: {seen:?}, not {wanted:?}")
    })
}

/// An error and what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
