//! What a set holds, to the last byte: a real `MariaDB` and real files are taken, lost and brought back by the
//! scripts that the operator's Jobs run. AWS is played by copies: a snapshot is a copy of the data folder,
//! a restore of files lands in a folder `aws-backup-restore_…`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "contents/mariadb.rs"]
mod mariadb;
#[path = "contents/pod.rs"]
mod pod;

use std::{fs, net::TcpListener, path::Path, process::Command};

use mariadb::MariaDb;
use pod::{Pod, SITES};

const GUARD: &str = include_str!("../../../crates/model/src/openemr/scripts/guard.sh");
const RESTORE: &str = include_str!("../../../crates/model/src/openemr/scripts/restore.sh");
const KEY: &str = "default/documents/logs_and_misc/methods/sevena";
const FOLDER: &str = "mnt/files/aws-backup-restore_2026-11-23T10-00-00-000Z";
const SECRET: &str = "HIV test: negative";

/// What the image's own script does in an install, as far as this counts: a schema, records, a key among
/// the files and a value in the database that only that key opens.
const IMAGE: &str = r#"
set -eu
sites=/var/www/localhost/htdocs/openemr/sites
mkdir -p $sites/default/documents/logs_and_misc/methods $sites/default/documents/1
head -c 32 /dev/urandom | base64 >$sites/default/documents/logs_and_misc/methods/sevena
head -c 300000 /dev/urandom >$sites/default/documents/1/scan.pdf
sealed=$(echo "$SECRET" | openssl enc -aes-256-cbc -pbkdf2 -a -A \
    -pass file:$sites/default/documents/logs_and_misc/methods/sevena)
{
    echo "CREATE TABLE patient_data (id INT PRIMARY KEY, fname VARCHAR(40), dob DATE) ENGINE=InnoDB;"
    echo "CREATE TABLE notes (id INT PRIMARY KEY, body TEXT) ENGINE=InnoDB;"
    echo "INSERT INTO patient_data SELECT seq, CONCAT('Zoë ', seq), '1970-01-01' + INTERVAL seq DAY
          FROM seq_1_to_5000;"
    echo "INSERT INTO notes VALUES (1, '$sealed');"
} | MYSQL_PWD="$MYSQL_PASS" mariadb --host="$MYSQL_HOST" --port="$MYSQL_PORT" --user="$MYSQL_USER" \
    --ssl-ca=/root/certs/mysql/server/mysql-ca --ssl-verify-server-cert "$MYSQL_DATABASE"
cat >$sites/default/sqlconf.php <<CONF
<?php
\$host	= '$MYSQL_HOST';
\$port	= '$MYSQL_PORT';
\$login	= '$MYSQL_USER';
\$pass	= '$MYSQL_PASS';
\$dbase	= '$MYSQL_DATABASE';
\$sqlconf["host"]= \$host;
\$config = 1;
CONF
echo 15 >$sites/default/docker-version
touch $sites/docker-completed
"#;

/// What a worker sees that has nothing but its files: the database that sqlconf.php leads to.
const LOOK: &str = r#"
set -eu
sites=/var/www/localhost/htdocs/openemr/sites
of() { sed -nE "s/^\\\$$1[[:space:]]*= '(.*)';/\1/p" $sites/default/sqlconf.php; }
sql() {
    MYSQL_PWD=$(of pass) mariadb --host="$(of host)" --port="$(of port)" --user="$(of login)" \
        --ssl-ca=/root/certs/mysql/server/mysql-ca --ssl-verify-server-cert \
        --batch --skip-column-names "$(of dbase)"
}
echo "CHECKSUM TABLE patient_data, notes; SELECT COUNT(*), MAX(fname) FROM patient_data" | sql
(cd $sites && find . -type f ! -name sqlconf.php | sort | xargs sha256sum)
echo "SELECT body FROM notes" | sql | openssl enc -d -aes-256-cbc -pbkdf2 -a -A \
    -pass file:$sites/default/documents/logs_and_misc/methods/sevena
"#;

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    let done = Command::new("cp").arg("-a").args([from, to]).status();
    assert!(done.unwrap().success());
}

/// The environment of the install Job.
fn job<'a>(port: &'a str, master: &'a str, app: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("K8S", "admin"),
        ("MYSQL_HOST", "127.0.0.1"),
        ("MYSQL_PORT", port),
        ("MYSQL_DATABASE", "openemr"),
        ("MYSQL_ROOT_USER", "emradmin"),
        ("MYSQL_ROOT_PASS", master),
        ("MYSQL_USER", "openemr_a"),
        ("MYSQL_PASS", app),
        ("SECRET", SECRET),
    ]
}

#[test]
fn everything_is_lost_and_comes_back_to_the_last_byte() {
    let Some(mariadb) = MariaDb::find() else {
        return;
    };
    let state = tempfile::tempdir().unwrap();
    let at = |path: &str| state.path().join(path);

    // An instance, installed and in use.
    fs::create_dir_all(at("one")).unwrap();
    mariadb.install(&at("one/data"));
    let port = free_port().to_string();
    let server = mariadb.start(&at("one/data"), port.parse().unwrap(), "masterOne");
    let pod = Pod::new(&at("pod-one"), &mariadb.client(), &server.certificate);
    let environment = job(&port, "masterOne", "appOne");
    for script in [GUARD, IMAGE] {
        let (code, said) = pod.run(script, &environment);
        assert_eq!(code, 0, "{said}");
    }
    let (code, before) = pod.run(LOOK, &[]);
    assert_eq!(code, 0, "{before}");
    assert!(before.contains(SECRET), "{before}");

    // Its set: both halves, and nothing runs meanwhile.
    drop(server);
    copy(&at("one/data"), &at("set/data"));
    copy(&pod.root.join(SITES), &at("set/sites"));

    // Everything is lost.
    fs::remove_dir_all(at("one")).unwrap();
    fs::remove_dir_all(&pod.root).unwrap();

    // A new cluster, made from the snapshot, under a master password of its own; a new file system, into
    // which AWS Backup restored.
    copy(&at("set/data"), &at("two/data"));
    let port = free_port().to_string();
    let server = mariadb.start(&at("two/data"), port.parse().unwrap(), "masterTwo");
    let pod = Pod::new(&at("pod-two"), &mariadb.client(), &server.certificate);
    copy(&at("set/sites"), &pod.root.join(FOLDER).join("sites"));
    let (code, said) = pod.run(RESTORE, &[]);
    assert_eq!(code, 0, "{said}");
    // The access point shows the pod what lies under /sites.
    let sites = pod.root.join(SITES);
    fs::remove_dir(&sites).unwrap();
    std::os::unix::fs::symlink(pod.root.join("mnt/files/sites"), &sites).unwrap();
    let mut environment = job(&port, "masterTwo", "appTwo");
    environment.push(("RESTORED", "yes"));
    let (code, said) = pod.run(GUARD, &environment);
    assert_eq!(code, 0, "{said}");
    let (code, after) = pod.run(LOOK, &[]);
    assert_eq!((code, after.as_str()), (0, before.as_str()));

    // The old password opens nothing any more.
    let conf = format!("{SITES}/default/sqlconf.php");
    let new = pod.read(&conf);
    let path = pod.root.join(&conf);
    fs::remove_file(&path).unwrap();
    pod.write(&conf, &new.replace("appTwo", "appOne"));
    let (code, said) = pod.run(LOOK, &[]);
    assert!(code != 0 || !said.contains(SECRET), "{said}");
    pod.write(&conf, &new);

    // A look that can't fail would prove nothing: with another key the value stays closed.
    pod.write(&format!("{SITES}/{KEY}"), "another key\n");
    let (_, said) = pod.run(LOOK, &[]);
    assert!(!said.contains(SECRET), "{said}");
    assert_ne!(said, before);
}
