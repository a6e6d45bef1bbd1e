//! A pod's file system in a folder, and the operator's own scripts run in it, with what the image brings
//! played by short programs.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

/// Where OpenEMR keeps its sites.
pub(crate) const SITES: &str = "var/www/localhost/htdocs/openemr/sites";

/// A pod.
pub(crate) struct Pod {
    pub(crate) root: PathBuf,
}

impl Pod {
    /// One in that folder, which runs `client` as `mariadb` and trusts this certificate.
    pub(crate) fn new(root: &Path, client: &str, certificate: &Path) -> Self {
        let pod = Self {
            root: root.to_owned(),
        };
        for folder in ["bin", "dev", "tmp", SITES, "mnt/files"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        pod.program("mariadb", client);
        pod.program("chown", "");
        pod.write("root/docker-version", "15");
        let trusted = fs::read_to_string(certificate).unwrap();
        pod.write("root/certs/mysql/server/mysql-ca", &trusted);
        pod
    }

    pub(crate) fn write(&self, path: &str, content: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap()
    }

    fn program(&self, name: &str, body: &str) {
        self.write(&format!("bin/{name}"), &format!("#!/bin/sh\n{body}\n"));
        let path = self.root.join("bin").join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Exit code, and everything that it said.
    pub(crate) fn run(&self, script: &str, environment: &[(&str, &str)]) -> (i32, String) {
        let root = self.root.display().to_string();
        let mut script = script.to_owned();
        for folder in ["/var/www", "/dev/termination-log", "/root/", "/mnt"] {
            script = script.replace(folder, &format!("{root}{folder}"));
        }
        self.write("script.sh", &script);
        let output = Command::new("sh")
            .arg(self.root.join("script.sh"))
            .current_dir(&self.root)
            .env_clear()
            .env("PATH", format!("{root}/bin:/usr/bin:/bin"))
            .envs(environment.iter().copied())
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.code().unwrap(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    }
}
