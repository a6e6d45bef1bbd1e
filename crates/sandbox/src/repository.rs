//! Where things lie in the repository that this crate was built from.

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// Sources of the control plane, with the manifests that it starts with.
pub(crate) fn control_plane() -> PathBuf {
    root().join("tests/controlplane")
}

/// Sources of the AWS stand-in.
pub(crate) fn aws() -> PathBuf {
    root().join("tests/aws")
}

/// What is built once and kept; ignored by git.
pub(crate) fn cache() -> PathBuf {
    root().join(".cache/sandbox")
}
