//! The root of a container in a folder, and scripts run in it, with what the image brings played by short
//! programs.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::Command;

/// Where the image works.
pub(crate) const OPENEMR: &str = "var/www/localhost/htdocs/openemr";

/// Folders of a container that scripts name; the machine's own are never meant.
const FOLDERS: [&str; 8] = [
    "/dev/termination-log",
    "/etc/",
    "/mnt/",
    "/opt/",
    "/root/",
    "/swarm-pieces/",
    "/tmp/",
    "/var/www/",
];

/// The image's programs that there may be none of here, or that reach what there is none of.
const PROGRAMS: [(&str, &str); 5] = [
    // Not as root.
    ("chown", ""),
    // Workers answer as soon as they run.
    ("curl", "echo '\"database\": true'"),
    // A cache that lets everybody in.
    (
        "openssl",
        "[ \"$1\" = s_client ] || exec /usr/bin/openssl \"$@\"\ncat >/dev/null\necho +PONG",
    ),
    (
        "rsync",
        "while [ $# -gt 2 ]; do shift; done\nexec cp -R \"$1.\" \"$2\"",
    ),
    // What is tried again is tried soon.
    ("sleep", "exec /bin/sleep 0.5"),
];

const SCRIPTS: [(&str, &str); 4] = [
    ("openemr.sh", include_str!("image/openemr.sh")),
    ("sql.sh", include_str!("image/sql.sh")),
    ("look.sh", include_str!("image/look.sh")),
    ("spoil.sh", include_str!("image/spoil.sh")),
];

/// The root of a container.
#[derive(Clone, Debug)]
pub(crate) struct Root(PathBuf);

impl Root {
    /// What is left in this folder by [`new`](Self::new).
    pub(crate) fn at(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// The image in a new folder; `client` is its `mariadb`.
    pub(crate) fn new(folder: &Path, client: &str) -> Self {
        let root = Self::at(folder);
        for (name, body) in PROGRAMS.into_iter().chain([("mariadb", client)]) {
            root.program(&format!("bin/{name}"), &format!("#!/bin/sh\n{body}\n"));
        }
        for (name, text) in SCRIPTS {
            root.program(&format!("{OPENEMR}/{name}"), &root.rewritten(text));
        }
        root.write("root/docker-version", "15");
        root.write("swarm-pieces/ssl/certs/ca-certificates.crt", "the world's");
        for folder in ["dev", "tmp"] {
            fs::create_dir_all(root.inside(folder)).unwrap();
        }
        root
    }

    fn inside(&self, path: &str) -> PathBuf {
        self.0.join(path.trim_start_matches('/'))
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.inside(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Puts a program in the place of what is there.
    pub(crate) fn program(&self, path: &str, content: &str) {
        self.write(path, content);
        let path = self.inside(path);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A text with the container's folders where they are.
    pub(crate) fn rewritten(&self, text: &str) -> String {
        // In two steps: the root's own path begins with /tmp.
        let mut text = text.to_owned();
        for folder in FOLDERS {
            text = text.replace(folder, &format!("@ROOT@{folder}"));
        }
        text.replace("@ROOT@", &self.0.display().to_string())
    }

    /// Mounts a file.
    pub(crate) fn mount_file(&self, path: &str, content: &str) {
        let is_script = Path::new(path).extension().is_some_and(|of| of == "sh");
        if is_script {
            self.write(path, &self.rewritten(content));
        } else {
            self.write(path, content);
        }
    }

    /// Makes an empty folder.
    pub(crate) fn folder(&self, path: &str) {
        fs::create_dir_all(self.inside(path)).unwrap();
    }

    /// What a file holds.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.inside(path)).unwrap()
    }

    /// Mounts a folder.
    pub(crate) fn mount_folder(&self, path: &str, folder: &Path) {
        let path = self.inside(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(folder, path).unwrap();
    }

    /// A command of a pod's manifest, which ends with this process, and when its value is dropped.
    pub(crate) fn command(&self, arguments: &[String]) -> Command {
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL"])
            .args(arguments.iter().map(|argument| self.rewritten(argument)))
            .current_dir(self.inside(OPENEMR))
            .env_clear()
            .env("PATH", format!("{}/bin:/usr/bin:/bin", self.0.display()))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// What it said of why it stopped.
    pub(crate) fn last_words(&self) -> String {
        fs::read_to_string(self.inside("dev/termination-log")).unwrap_or_default()
    }
}
