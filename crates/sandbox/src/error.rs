//! What can go wrong while a sandbox starts or is used: one variant a step.

use std::{io, path::PathBuf, time::Duration};

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A step of the sandbox that failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("cannot use {path}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A tool that builds something (`go`, `python3`, `pip`) could not be started.
    #[error("cannot run {tool}: is it installed and on PATH?")]
    Tool {
        /// The tool.
        tool: &'static str,
        /// Why.
        source: io::Error,
    },
    /// A build ended with an error.
    #[error("building {what} failed:\n{output}")]
    Build {
        /// What was built.
        what: String,
        /// The end of its output.
        output: String,
    },
    /// The folder of prebuilt binaries lacks one.
    #[error("{variable} names a folder without {missing}")]
    Prebuilt {
        /// The environment variable that named the folder.
        variable: &'static str,
        /// The file that is not there.
        missing: PathBuf,
    },
    /// Keys and certificates could not be made.
    #[error("cannot write certificates: {output}")]
    Certificates {
        /// What the warden said.
        output: String,
    },
    /// No free port was found.
    #[error("no free port on 127.0.0.1")]
    NoPort,
    /// A process could not be started.
    #[error("cannot start {name}")]
    Start {
        /// The process.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// A process ended while it was waited for.
    #[error("{name} ended while it was waited for; the end of {log}:\n{tail}")]
    Ended {
        /// The process.
        name: String,
        /// Its log.
        log: PathBuf,
        /// The end of its log.
        tail: String,
    },
    /// A process did not become ready.
    #[error("{name} was not ready after {after:?}; the end of {log}:\n{tail}")]
    NotReady {
        /// The process.
        name: String,
        /// How long it was waited for.
        after: Duration,
        /// Its log.
        log: PathBuf,
        /// The end of its log.
        tail: String,
    },
    /// A request to the Kubernetes API failed.
    #[error("cannot {step}")]
    Kubernetes {
        /// What was tried.
        step: String,
        /// Why.
        source: Box<kube::Error>,
    },
    /// A kubeconfig could not be used.
    #[error("cannot use the kubeconfig {path}")]
    Kubeconfig {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<kube::config::KubeconfigError>,
    },
    /// A document is not what it should be.
    #[error("cannot read {what}: {reason}")]
    Document {
        /// Which document.
        what: String,
        /// Why.
        reason: String,
    },
    /// The API server does not serve a kind.
    #[error("the api server does not serve {kind} of {api_version}")]
    UnknownKind {
        /// The kind.
        kind: String,
        /// Its group and version.
        api_version: String,
    },
    /// A condition did not come true in time.
    #[error("{what} not so after {after:?}; last seen:\n{last}")]
    Timeout {
        /// The object and the condition.
        what: String,
        /// How long it was waited for.
        after: Duration,
        /// The object as it was seen last.
        last: String,
    },
    /// An HTTP exchange on loopback failed.
    #[error("{request} failed")]
    Http {
        /// Method and path.
        request: String,
        /// Why.
        source: io::Error,
    },
    /// The AWS stand-in refused a control request.
    #[error("{request} answered {status}: {body}")]
    Refused {
        /// Method and path.
        request: String,
        /// The HTTP status.
        status: u16,
        /// What it said.
        body: String,
    },
}

impl Error {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    pub(crate) fn kubernetes(step: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        let step = step.into();
        move |source| Self::Kubernetes {
            step,
            source: Box::new(source),
        }
    }

    pub(crate) fn document(what: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::Document {
            what: what.into(),
            reason: reason.to_string(),
        }
    }
}
