//! What a request's path is about.

/// A path of the Kubernetes API, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiPath<'a> {
    /// Empty for the core group.
    pub(crate) group: &'a str,
    pub(crate) version: &'a str,
    pub(crate) namespace: Option<&'a str>,
    pub(crate) plural: &'a str,
    pub(crate) name: Option<&'a str>,
    pub(crate) subresource: Option<&'a str>,
}

impl<'a> ApiPath<'a> {
    /// `None` for anything that is not a collection or an object.
    pub(crate) fn parse(path: &'a str) -> Option<Self> {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let (group, version) = match parts.next()? {
            "api" => ("", parts.next()?),
            "apis" => (parts.next()?, parts.next()?),
            _ => return None,
        };
        let rest: Vec<&str> = parts.collect();
        // A namespace is both a place and an object: `namespaces/n/status` is the latter.
        let (namespace, rest) = match rest.as_slice() {
            ["namespaces", _] | ["namespaces", _, "status" | "finalize"] => (None, &rest[..]),
            ["namespaces", namespace, rest @ ..] => (Some(*namespace), rest),
            all => (None, all),
        };
        let (plural, name, subresource) = match rest {
            [plural] => (*plural, None, None),
            [plural, name] => (*plural, Some(*name), None),
            [plural, name, subresource] => (*plural, Some(*name), Some(*subresource)),
            _ => return None,
        };
        Some(Self {
            group,
            version,
            namespace,
            plural,
            name,
            subresource,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_what_it_is_about() {
        let table = [
            (
                "/api/v1/namespaces/a/pods/b",
                "",
                Some("a"),
                "pods",
                Some("b"),
                None,
            ),
            ("/api/v1/pods", "", None, "pods", None, None),
            (
                "/api/v1/namespaces/a",
                "",
                None,
                "namespaces",
                Some("a"),
                None,
            ),
            (
                "/api/v1/namespaces/a/status",
                "",
                None,
                "namespaces",
                Some("a"),
                Some("status"),
            ),
            (
                "/apis/apps/v1/namespaces/a/deployments/b/status",
                "apps",
                Some("a"),
                "deployments",
                Some("b"),
                Some("status"),
            ),
        ];
        for (path, group, namespace, plural, name, subresource) in table {
            let parsed = ApiPath::parse(path).unwrap();
            assert_eq!(
                (
                    parsed.group,
                    parsed.namespace,
                    parsed.plural,
                    parsed.name,
                    parsed.subresource
                ),
                (group, namespace, plural, name, subresource),
                "{path}"
            );
        }
        assert!(ApiPath::parse("/version").is_none());
    }
}
