//! Label and field selectors.

use serde_json::Value;

/// Which objects a request is about.
#[derive(Clone, Debug, Default)]
pub(super) struct Selector {
    labels: Vec<Term>,
    fields: Vec<(String, String, bool)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Absent(String),
}

impl Selector {
    pub(super) fn parse(labels: Option<&str>, fields: Option<&str>) -> Self {
        Self {
            labels: labels.map(parse_labels).unwrap_or_default(),
            fields: fields.map(parse_fields).unwrap_or_default(),
        }
    }

    /// True when it selects every object.
    pub(super) fn is_all(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// True when labels decide alone.
    pub(super) fn is_of_labels(&self) -> bool {
        self.fields.is_empty()
    }

    pub(super) fn matches(&self, object: &Value) -> bool {
        let labels = &object["metadata"]["labels"];
        let has = |key: &str| labels.get(key).and_then(Value::as_str);
        self.labels.iter().all(|term| match term {
            Term::In(key, values) => {
                has(key).is_some_and(|held| values.iter().any(|one| one == held))
            }
            Term::NotIn(key, values) => {
                has(key).is_none_or(|held| values.iter().all(|one| one != held))
            }
            Term::Exists(key) => has(key).is_some(),
            Term::Absent(key) => has(key).is_none(),
        }) && self.fields.iter().all(|(path, value, equal)| {
            let held = path
                .split('.')
                .try_fold(object, |place, part| place.get(part));
            let same = held.and_then(Value::as_str).unwrap_or_default() == value;
            same == *equal
        })
    }
}

fn parse_labels(text: &str) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut depth = 0;
    let mut current = String::new();
    for letter in text.chars().chain([',']) {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if letter == ',' && depth == 0 {
            if !current.trim().is_empty() {
                terms.push(parse_term(current.trim()));
            }
            current.clear();
        } else {
            current.push(letter);
        }
    }
    terms
}

fn parse_term(text: &str) -> Term {
    let values = |list: &str| -> Vec<String> {
        let list = list.trim().trim_start_matches('(').trim_end_matches(')');
        list.split(',')
            .map(|value| value.trim().to_owned())
            .collect()
    };
    if let Some((key, list)) = text.split_once(" notin ") {
        Term::NotIn(key.trim().to_owned(), values(list))
    } else if let Some((key, list)) = text.split_once(" in ") {
        Term::In(key.trim().to_owned(), values(list))
    } else if let Some((key, value)) = text.split_once("!=") {
        Term::NotIn(key.trim().to_owned(), vec![value.trim().to_owned()])
    } else if let Some((key, value)) = text.split_once('=') {
        let value = value.trim_start_matches('=').trim();
        Term::In(key.trim().to_owned(), vec![value.to_owned()])
    } else if let Some(key) = text.strip_prefix('!') {
        Term::Absent(key.trim().to_owned())
    } else {
        Term::Exists(text.to_owned())
    }
}

fn parse_fields(text: &str) -> Vec<(String, String, bool)> {
    text.split(',')
        .filter_map(|term| {
            let (path, value, equal) = if let Some((path, value)) = term.split_once("!=") {
                (path, value, false)
            } else {
                let (path, value) = term.split_once('=')?;
                (path, value.trim_start_matches('='), true)
            };
            Some((path.to_owned(), value.to_owned(), equal))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn selectors_select() {
        let object = json!({"metadata": {"name": "n", "labels": {"a": "1", "b": "2"}}});
        let table = [
            ("a=1", true),
            ("a==1,b=2", true),
            ("a!=1", false),
            ("c!=1", true),
            ("a in (0, 1),b", true),
            ("a notin (0,1)", false),
            ("!c", true),
            ("!a", false),
            ("c", false),
        ];
        for (labels, matches) in table {
            let selector = Selector::parse(Some(labels), None);
            assert_eq!(selector.matches(&object), matches, "{labels}");
        }
        assert!(Selector::parse(None, Some("metadata.name=n")).matches(&object));
        assert!(!Selector::parse(None, Some("metadata.name!=n")).matches(&object));
    }
}
