//! Names for cached builds: a digest of everything that goes into them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use crate::{Error, Result};

/// A digest of the names and contents of `files`, which are below `root`, and of `context`.
pub(crate) fn of_files(root: &Path, files: &[PathBuf], context: &str) -> Result<String> {
    let mut hash = Sha256::new();
    let mut field = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    field(context.as_bytes());
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(file);
        field(name.as_os_str().as_encoded_bytes());
        field(&fs::read(file).map_err(Error::file(file))?);
    }
    Ok(hex(&hash.finalize()[..8]))
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

/// Every file below `folder` that `wanted` accepts, in a stable order.
pub(crate) fn files_below(folder: &Path, wanted: fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(Error::file(&folder))? {
            let path = entry.map_err(Error::file(&folder))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if wanted(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_changes_with_name_content_and_context() {
        let folder = tempfile::tempdir().unwrap();
        let digest = |name: &str, content: &str, context: &str| {
            let file = folder.path().join(name);
            fs::write(&file, content).unwrap();
            of_files(folder.path(), &[file], context).unwrap()
        };
        let first = digest("a", "x", "go1");
        assert_eq!(first, digest("a", "x", "go1"));
        assert_eq!(first.len(), 16);
        for other in [
            digest("b", "x", "go1"),
            digest("a", "y", "go1"),
            digest("a", "x", "go2"),
        ] {
            assert_ne!(first, other);
        }
    }
}
