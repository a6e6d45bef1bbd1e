//! What is generated from the code, so that charts, policies and reference can't grow stale.

mod reference;

use emr_cloud::permission::Scope;
use emr_controllers::rbac;

use crate::arguments::What;

/// The namespace that the roles are printed for; the chart replaces it.
const NAMESPACE: &str = "emr-system";

/// Why something could not be printed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrintError {
    /// An object could not be written as YAML.
    #[error("failed to write YAML: {0}")]
    Yaml(#[from] serde_saphyr::ser::Error),
    /// The policy could not be written as JSON.
    #[error("failed to write JSON: {0}")]
    Json(#[from] serde_json::Error),
}

pub(crate) fn print(what: What) -> Result<(), PrintError> {
    let text = match what {
        What::Crds => {
            let mut documents = Vec::new();
            for crd in emr_api::crd::all() {
                documents.push(serde_saphyr::to_string(&crd)?);
            }
            documents.join("---\n")
        }
        What::Rbac => [
            serde_saphyr::to_string(&rbac::cluster_role())?,
            serde_saphyr::to_string(&rbac::role(NAMESPACE))?,
        ]
        .join("---\n"),
        What::Iam => {
            format!(
                "{}\n",
                serde_json::to_string_pretty(&emr_cloud::permission::policies(&Scope::default()))?
            )
        }
        What::Reference => reference::markdown(),
    };
    print!("{text}");
    Ok(())
}
