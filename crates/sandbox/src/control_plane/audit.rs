//! The API server's own record of changes, for tests that count them.

use std::{fs, path::Path};

use serde::Deserialize;

use crate::{Error, Result};

pub(super) const FILE: &str = "audit.log";

/// One request that changed something, or tried to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutation {
    /// Who asked: `system:serviceaccount:emr-system:emr-operator`, `admin`, ...
    pub user: String,
    /// `create`, `update`, `patch`, `delete` or `deletecollection`.
    pub verb: String,
    /// The plural of the kind, with `/status` and the like.
    pub resource: String,
    /// Empty for cluster-scoped objects.
    pub namespace: String,
    /// Empty where the server chose it.
    pub name: String,
    /// The HTTP status of the answer.
    pub code: u16,
    /// When the request arrived, RFC 3339.
    pub at: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    verb: String,
    user: User,
    #[serde(default)]
    object_ref: Reference,
    #[serde(default)]
    response_status: Status,
    request_received_timestamp: String,
}

#[derive(Deserialize)]
struct User {
    #[serde(default)]
    username: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Reference {
    resource: String,
    subresource: String,
    namespace: String,
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Status {
    code: u16,
}

/// Everything from byte `since` of the log on, and where the next reading starts.
pub(super) fn read(state: &Path, since: u64) -> Result<(Vec<Mutation>, u64)> {
    let file = state.join(FILE);
    let bytes = fs::read(&file).map_err(Error::file(&file))?;
    let start = usize::try_from(since)
        .unwrap_or(usize::MAX)
        .min(bytes.len());
    // A line that is still being written is left for the next reading.
    let end = bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(start, |last| last + 1)
        .max(start);
    let mutations = bytes[start..end]
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).map(mutation))
        .collect::<std::result::Result<_, _>>()
        .map_err(|error| Error::document("the audit log", error))?;
    Ok((mutations, end as u64))
}

fn mutation(event: Event) -> Mutation {
    let Reference {
        mut resource,
        subresource,
        namespace,
        name,
    } = event.object_ref;
    if !subresource.is_empty() {
        resource = format!("{resource}/{subresource}");
    }
    Mutation {
        user: event.user.username,
        verb: event.verb,
        resource,
        namespace,
        name,
        code: event.response_status.code,
        at: event.request_received_timestamp,
    }
}
