//! A pod's file system and the image's programs, as far as the scripts need them.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, process::Command};

/// A folder that stands for a pod's file system.
pub(super) struct Pod(PathBuf);

impl Pod {
    pub(super) fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("emr-{}-{name}", std::process::id()));
        let pod = Self(root);
        for folder in [
            "bin",
            "dev",
            "tmp",
            "root/certs/mysql/server",
            "root/certs/redis",
            "swarm-pieces/ssl",
        ] {
            fs::create_dir_all(pod.0.join(folder)).unwrap();
        }
        pod.file("swarm-pieces/sites/default/sqlconf.php", "$config = 0;");
        pod.file("root/docker-version", "15");
        pod.file("root/certs/mysql/server/mysql-ca", "new");
        pod.file("root/certs/redis/redis-ca", "new");
        // The guard asks for the number of tables first; everything else is SQL to remember.
        pod.program(
            "mariadb",
            "sql=$(cat); case $sql in *\"COUNT(\"*) cat ROOT/tables ;; *) echo \"$sql\" >>ROOT/sql ;; esac",
        );
        pod.program("sleep", "");
        pod.program("chown", "");
        pod.program("rsync", "");
        pod.program("openssl", "cat >/dev/null; cat ROOT/pong");
        pod
    }

    pub(super) fn file(&self, path: &str, content: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(super) fn folder(&self, path: &str) {
        fs::create_dir_all(self.0.join(path)).unwrap();
    }

    pub(super) fn program(&self, name: &str, body: &str) {
        let body = body.replace("ROOT", self.0.to_str().unwrap());
        self.file(&format!("bin/{name}"), &format!("#!/bin/sh\n{body}\n"));
        let path = self.0.join("bin").join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(super) fn site(&self, path: &str, content: &str) {
        self.file(
            &format!("var/www/localhost/htdocs/openemr/sites/{path}"),
            content,
        );
    }

    pub(super) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap_or_default()
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.0.join(path).exists()
    }

    /// Exit code and standard output.
    pub(super) fn run(&self, script: &str, changed: &[(&str, &str)]) -> (i32, String) {
        let root = self.0.to_str().unwrap();
        let mut script = script.to_owned();
        // The temporary folder first: the others would be found in its replacement.
        for folder in [
            "/tmp/",
            "/var/www",
            "/dev/termination-log",
            "/root/",
            "/swarm-pieces",
            "/mnt",
        ] {
            script = script.replace(folder, &format!("{root}{folder}"));
        }
        self.file("script.sh", &script);
        let usual = [
            (
                "PATH",
                format!("{root}/bin:{}", std::env::var("PATH").unwrap()),
            ),
            ("K8S", "admin".into()),
            ("MYSQL_HOST", "db".into()),
            ("MYSQL_PORT", "3306".into()),
            ("MYSQL_DATABASE", "openemr".into()),
            ("MYSQL_ROOT_USER", "master".into()),
            ("MYSQL_ROOT_PASS", "rootSecret".into()),
            ("MYSQL_USER", "app".into()),
            ("MYSQL_PASS", "appSecret".into()),
            ("OE_USER", "admin".into()),
            ("OE_PASS", "oeSecret".into()),
            ("REDIS_SERVER", "cache:6379".into()),
            ("REDIS_USERNAME", "app".into()),
            ("REDIS_PASSWORD", "cacheSecret".into()),
        ];
        let output = Command::new("sh")
            .arg(self.0.join("script.sh"))
            .current_dir(&self.0)
            .env_clear()
            .envs(usual)
            .envs(changed.iter().copied())
            .output()
            .unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
        )
    }
}

impl Drop for Pod {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}
