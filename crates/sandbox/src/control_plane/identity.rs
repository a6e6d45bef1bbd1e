//! Who may talk to the control plane: keys, tokens and a kubeconfig for each part.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::Command,
};

use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use serde_json::json;

use crate::{Binaries, Error, Result, digest};

/// The parts that hold a token each, so that the audit log tells them apart. All are cluster admins:
/// the RBAC under test is the operator's.
pub(super) const USERS: [&str; 5] = [
    "admin",
    "kube-controller-manager",
    "kube-scheduler",
    "kwok",
    "metrics-server",
];

/// The folder of keys and kubeconfigs.
#[derive(Debug)]
pub(super) struct Identity {
    folder: PathBuf,
}

impl Identity {
    /// Writes keys, the token file, and a kubeconfig for each user.
    pub(super) fn write(binaries: &Binaries, folder: PathBuf, server: &str) -> Result<Self> {
        fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
        let output = Command::new(binaries.program("warden"))
            .arg("certs")
            .arg(&folder)
            .output()
            .map_err(|source| Error::Start {
                name: "warden".to_owned(),
                source,
            })?;
        if !output.status.success() {
            let output = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Error::Certificates { output });
        }
        let identity = Self { folder };
        let mut tokens = Vec::new();
        for user in USERS {
            let token = random_token()?;
            tokens.push(format!("{token},{user},{user},system:masters\n"));
            write_kubeconfig(
                &identity.kubeconfig(user),
                server,
                &identity.file("ca.crt"),
                user,
                &token,
            )?;
        }
        let file = identity.file("tokens.csv");
        fs::write(&file, tokens.concat()).map_err(Error::file(&file))?;
        Ok(identity)
    }

    /// A file of the folder, as an argument.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The kubeconfig of one of [`USERS`].
    pub(super) fn kubeconfig(&self, user: &str) -> PathBuf {
        self.folder.join(format!("{user}.kubeconfig"))
    }
}

/// Writes a kubeconfig with a bearer token. It is JSON, which YAML includes.
pub(crate) fn write_kubeconfig(
    file: &Path,
    server: &str,
    authority: &Path,
    user: &str,
    token: &str,
) -> Result<()> {
    let document = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "sandbox",
        "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": user}}],
        "clusters": [{
            "name": "sandbox",
            "cluster": {"server": server, "certificate-authority": authority},
        }],
        "users": [{"name": user, "user": {"token": token}}],
    });
    fs::write(file, format!("{document:#}\n")).map_err(Error::file(file))
}

/// A client with the rights of a kubeconfig.
pub(super) async fn client(kubeconfig: &Path) -> Result<Client> {
    let failed = |source| Error::Kubeconfig {
        path: kubeconfig.to_path_buf(),
        source: Box::new(source),
    };
    let parsed = Kubeconfig::read_from(kubeconfig).map_err(failed)?;
    let options = KubeConfigOptions::default();
    let config = Config::from_custom_kubeconfig(parsed, &options)
        .await
        .map_err(failed)?;
    Client::try_from(config).map_err(Error::kubernetes("make a client"))
}

fn random_token() -> Result<String> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0_u8; 16];
    fs::File::open(source)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(Error::file(source))?;
    Ok(digest::hex(&bytes))
}
