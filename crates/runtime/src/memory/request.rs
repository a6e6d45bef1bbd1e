//! A request, read: what is asked, of what, and by whom. What it does is in `perform`.

use http::{HeaderMap, Method, header};
use serde_json::Value;

use super::{
    failure::Failure,
    ownership::{Manager, Verb},
    query,
    reply::Part,
    selector::Selector,
    store::Place,
    watch::Scope,
};
use crate::path::ApiPath;

/// A request, read.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) path: ApiPath<'a>,
    pub(super) query: Vec<(String, String)>,
    pub(super) content: String,
    pub(super) part: Part,
    pub(super) body: Value,
}

impl<'a> Call<'a> {
    pub(super) fn read(
        method: &Method,
        uri: &'a http::Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, Failure> {
        let text = |name| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        let path =
            ApiPath::parse(uri.path()).ok_or_else(|| Failure::not_found("path", uri.path()))?;
        let body = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(body).map_err(|error| Failure::bad_request(error.to_string()))?
        };
        Ok(Self {
            method: method.clone(),
            path,
            query: query::parse(uri.query().unwrap_or_default()),
            content: text(header::CONTENT_TYPE),
            part: if text(header::ACCEPT).contains("as=PartialObjectMetadata") {
                Part::Metadata
            } else {
                Part::Whole
            },
            body,
        })
    }

    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn is_watch(&self) -> bool {
        self.method == Method::GET && matches!(self.query("watch"), Some("true" | "1"))
    }

    pub(super) fn is_dry(&self) -> bool {
        self.query("dryRun").is_some()
    }

    pub(super) fn scope(&self) -> Scope {
        Scope {
            group: self.path.group.to_owned(),
            plural: self.path.plural.to_owned(),
            namespace: self.path.namespace.map(str::to_owned),
            selector: Selector::parse(self.query("labelSelector"), self.query("fieldSelector")),
            part: self.part,
        }
    }

    pub(super) fn place(&self, name: &str) -> Place {
        Place {
            group: self.path.group.to_owned(),
            plural: self.path.plural.to_owned(),
            namespace: self.path.namespace.unwrap_or_default().to_owned(),
            name: name.to_owned(),
        }
    }

    pub(super) fn manager(&self) -> Manager {
        let force = self.query("force") == Some("true");
        Manager {
            name: self.query("fieldManager").unwrap_or("unknown").to_owned(),
            status: self.path.subresource == Some("status"),
            verb: match self.method {
                Method::PATCH if self.content.starts_with("application/apply-patch") => {
                    Verb::Apply { force }
                }
                Method::PATCH => Verb::Patch,
                _ => Verb::Replace,
            },
        }
    }
}
