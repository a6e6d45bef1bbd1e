//! What a request is answered with. Objects are written out from where they are kept: a copy of each
//! for each answer is what a large simulation would spend most of its time on.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::{failure::Failure, kept::Kept, kinds::KindInfo};

/// The body of an answer.
#[derive(Debug)]
pub(super) enum Reply {
    /// Made for this answer.
    Value(Value),
    /// Written before.
    Written(Bytes),
    /// One object.
    Object(Arc<Value>),
    /// Objects of a kind, as of a version.
    List {
        kind: String,
        api_version: String,
        version: u64,
        items: Vec<Kept>,
        part: Part,
    },
}

/// How much of an object is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    Metadata,
}

/// An object, or its metadata, as it is sent.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Shown<'a> {
    Whole(&'a Value),
    #[serde(rename_all = "camelCase")]
    Metadata {
        api_version: &'static str,
        kind: &'static str,
        metadata: &'a Value,
    },
}

impl Part {
    /// This part of an object, as it is sent.
    fn written(self, kept: &Kept) -> Bytes {
        match self {
            Self::Whole => kept.written(),
            Self::Metadata => json(&self.of(&kept.tree())),
        }
    }

    pub(super) fn of(self, object: &Value) -> Shown<'_> {
        match self {
            Self::Whole => Shown::Whole(object),
            Self::Metadata => Shown::Metadata {
                api_version: "meta.k8s.io/v1",
                kind: "PartialObjectMetadata",
                metadata: &object["metadata"],
            },
        }
    }
}

impl Reply {
    pub(super) fn list(kind: &KindInfo, version: u64, items: Vec<Kept>, part: Part) -> Self {
        let (api_version, kind) = match part {
            Part::Whole => (kind.api_version(), format!("{}List", kind.kind)),
            Part::Metadata => (
                "meta.k8s.io/v1".to_owned(),
                "PartialObjectMetadataList".to_owned(),
            ),
        };
        Self::List {
            kind,
            api_version,
            version,
            items,
            part,
        }
    }

    /// As it is sent.
    pub(super) fn bytes(&self) -> Bytes {
        match self {
            Self::Value(value) => json(value),
            Self::Written(bytes) => bytes.clone(),
            Self::Object(object) => json(&**object),
            Self::List {
                kind,
                api_version,
                version,
                items,
                part,
            } => {
                let mut text = format!(
                    r#"{{"apiVersion":"{api_version}","kind":"{kind}","metadata":{{"resourceVersion":"{version}"}},"items":["#
                )
                .into_bytes();
                for (index, kept) in items.iter().enumerate() {
                    if index > 0 {
                        text.push(b',');
                    }
                    text.extend_from_slice(&part.written(kept));
                }
                text.extend_from_slice(b"]}");
                text.into()
            }
        }
    }
}

impl From<Failure> for Reply {
    fn from(failure: Failure) -> Self {
        Self::Value(failure.body())
    }
}

/// JSON values, and what is made of them, can always be written.
pub(super) fn json(value: &impl Serialize) -> Bytes {
    Bytes::from(serde_json::to_vec(value).unwrap_or_default())
}
