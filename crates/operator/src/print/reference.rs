//! The reference of the custom resources, from their schemas.

use std::fmt::Write as _;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    JSONSchemaProps, JSONSchemaPropsOrArray,
};

/// Every kind, field by field.
pub(super) fn markdown() -> String {
    let mut text = String::from(
        "# Reference\n\nEvery kind of `emrstack.dev/v1alpha1`, field by field. Generated from the \
         code by `cargo xtask generate`.\n",
    );
    for crd in emr_api::crd::all() {
        let names = &crd.spec.names;
        let short = names
            .short_names
            .as_ref()
            .map(|names| names.join(", "))
            .unwrap_or_default();
        let schema = crd
            .spec
            .versions
            .first()
            .and_then(|version| version.schema.as_ref()?.open_api_v3_schema.as_ref());
        let Some(schema) = schema else { continue };
        let about = schema.description.clone().unwrap_or_default();
        let _ = write!(
            text,
            "\n## {}\n\n{about}\n\nShort name `{short}`, {}.\n\n| field | type | default | meaning \
             |\n|---|---|---|---|\n",
            names.kind,
            crd.spec.scope.to_lowercase()
        );
        for part in ["spec", "status"] {
            if let Some(part_schema) = schema.properties.as_ref().and_then(|all| all.get(part)) {
                rows(&mut text, part, part_schema);
            }
        }
    }
    text
}

fn rows(text: &mut String, path: &str, schema: &JSONSchemaProps) {
    for (name, field) in schema.properties.iter().flatten() {
        let path = format!("{path}.{name}");
        let required = schema
            .required
            .as_ref()
            .is_some_and(|all| all.contains(name));
        let default = match &field.default {
            Some(default) if !default.0.is_object() => format!("`{}`", default.0),
            _ if required => "required".into(),
            _ => String::new(),
        };
        let meaning = field
            .description
            .clone()
            .unwrap_or_default()
            .replace('\n', " ");
        let _ = writeln!(
            text,
            "| `{path}` | {} | {default} | {} |",
            type_of(field),
            meaning.replace('|', "\\|")
        );
        // What Kubernetes defines itself is documented there.
        let foreign = path.ends_with("conditions")
            || path.ends_with("resources") && path.starts_with("spec")
            || path.ends_with("tolerations");
        if foreign {
            continue;
        }
        rows(text, &path, field);
        if let Some(JSONSchemaPropsOrArray::Schema(item)) = &field.items {
            rows(text, &format!("{path}[]"), item);
        }
    }
}

fn type_of(field: &JSONSchemaProps) -> String {
    if let Some(values) = &field.enum_ {
        let all: Vec<_> = values
            .iter()
            .map(|value| {
                value
                    .0
                    .as_str()
                    .map_or_else(|| value.0.to_string(), str::to_owned)
            })
            .collect();
        return all.join(", ");
    }
    match field.type_.as_deref() {
        Some("array") => "list".into(),
        Some(other) => other.into(),
        None => "any".into(),
    }
}
