//! The scripts, run by the machine's shell in a folder of their own, with stand-ins for the image's
//! programs.

use super::{
    super::{check, install, restore, upgrade},
    pod::Pod,
};

const CHECK: &str = include_str!("../scripts/check.sh");
const GUARD: &str = concat!(
    include_str!("../scripts/keys.sh"),
    include_str!("../scripts/guard.sh")
);
const PREPARE: &str = include_str!("../scripts/prepare.sh");
const RESTORE: &str = include_str!("../scripts/restore.sh");
const START: &str = include_str!("../scripts/start.sh");
const UPGRADE: &str = include_str!("../scripts/upgrade.sh");

const COMPLETE: &[(&str, &str)] = &[("docker-completed", ""), ("default/docker-version", "15\n")];
const BEGUN: &[(&str, &str)] = &[
    ("docker-initiated", ""),
    ("docker-leader", "1"),
    ("default/sqlconf.php", "$config = 1;"),
];
const ELSEWHERE: &[(&str, &str)] = &[("default/sqlconf.php", "$config = 1;")];
const KEYS: &[(&str, &str)] = &[("default/documents/logs_and_misc/methods/sevena", "k")];
const OLDER: &[(&str, &str)] = &[("docker-completed", ""), ("default/docker-version", "14")];

#[test]
fn the_guard_installs_only_into_an_empty_set() {
    let cases = [
        ("empty", &[][..], "0", 0, true),
        ("empty-filled", &[], "281", 42, false),
        ("complete", COMPLETE, "281", 0, false),
        ("complete-lost", COMPLETE, "0", 42, false),
        ("begun", BEGUN, "0", 0, true),
        ("begun-filled", BEGUN, "97", 43, false),
        ("elsewhere", ELSEWHERE, "281", 0, false),
        ("elsewhere-lost", ELSEWHERE, "0", 42, false),
        ("keys-lost", KEYS, "0", 42, false),
        ("older", OLDER, "281", 45, false),
    ];
    for (name, files, tables, code, writes) in cases {
        let pod = Pod::new(name);
        pod.file("tables", tables);
        for (path, content) in files {
            pod.site(path, content);
        }
        let (exit, output) = pod.run(GUARD, &[]);
        assert_eq!(exit, code, "{name}: {output}");
        assert_eq!(!pod.read("sql").is_empty(), writes, "{name}");
        assert_eq!(
            pod.read("dev/termination-log").is_empty(),
            code == 0,
            "{name}"
        );
    }
}

/// As OpenEMR's installer writes it.
const SQLCONF: &str = "<?php
//  MySQL Config

$host\t= 'old.cluster.example';
$port\t= '3306';
$login\t= 'openemr_a';
$pass\t= 'oldSecret';
$dbase\t= 'openemr';
$db_encoding = 'utf8mb4';

$sqlconf = array();
global $sqlconf;
$sqlconf[\"host\"]= $host;
$sqlconf[\"pass\"]= $pass;

$config = 1; /////////////
";

#[test]
fn restored_data_is_taken_over_and_never_installed_over() {
    let sqlconf = "var/www/localhost/htdocs/openemr/sites/default/sqlconf.php";
    let restored = |name: &str, files: &[(&str, &str)], tables: &str| {
        let pod = Pod::new(name);
        pod.file("tables", tables);
        for (path, content) in files {
            pod.site(path, content);
        }
        pod
    };
    let whole = [
        COMPLETE[0],
        COMPLETE[1],
        ("docker-leader", "1"),
        ("default/sqlconf.php", SQLCONF),
    ];
    let pod = restored("restored", &whole, "281");
    // Once more: its first pod may have died after any of this.
    for _ in 0..2 {
        let (exit, output) = pod.run(GUARD, &[("RESTORED", "yes"), ("MYSQL_HOST", "db.example")]);
        assert_eq!(exit, 0, "{output}");
        let conf = pod.read(sqlconf);
        for line in [
            "$host\t= 'db.example';",
            "$pass\t= 'appSecret';",
            "$sqlconf[\"host\"]= $host;",
        ] {
            assert!(conf.contains(line), "{line} in {conf}");
        }
        assert!(!conf.contains("old"), "{conf}");
        let sql = pod.read("sql");
        // Of two users a set may hold either as the one that signs in, and the other locked.
        assert!(sql.contains("IDENTIFIED BY 'appSecret' REQUIRE SSL ACCOUNT UNLOCK"));
        assert!(sql.contains("ALTER USER IF EXISTS 'app_a'@'%' ACCOUNT LOCK"));
        assert!(!pod.has("var/www/localhost/htdocs/openemr/sites/docker-leader"));
    }
    let odd = [
        COMPLETE[0],
        COMPLETE[1],
        ("default/sqlconf.php", "<?php $config = 1;"),
    ];
    for (name, files, tables) in [
        ("restored-lost", &whole[..], "0"),
        ("restored-empty", &[], "0"),
        ("restored-half", &[], "281"),
        ("restored-begun", BEGUN, "97"),
        ("restored-odd", &odd, "281"),
    ] {
        let pod = restored(name, files, tables);
        let (exit, output) = pod.run(GUARD, &[("RESTORED", "yes"), ("MYSQL_HOST", "db.example")]);
        assert_eq!(exit, 48, "{name}: {output}");
        let kept = files
            .iter()
            .find(|(path, _)| *path == "default/sqlconf.php");
        assert_eq!(
            pod.read(sqlconf),
            kept.map_or("", |(_, content)| content),
            "{name}"
        );
    }
}

#[test]
fn restored_files_are_brought_into_place_wherever_a_pod_died() {
    const FOLDER: &str = "mnt/files/aws-backup-restore_2026-11-23T10-00-00-000Z";
    for died_after in 0..=3 {
        let pod = Pod::new(&format!("place-{died_after}"));
        pod.file(
            &format!("{FOLDER}/sites/default/documents/1/scan.pdf"),
            "scan",
        );
        pod.file(
            &format!("{FOLDER}/certificates/private/webserver.key.pem"),
            "key",
        );
        // An access point's empty folder.
        pod.folder("mnt/files/sites");
        pod.program(
            "mv",
            "test $(wc -l <ROOT/moves) -lt LEFT || exit 9; echo >>ROOT/moves; exec /bin/mv \"$@\""
                .replace("LEFT", &died_after.to_string())
                .as_str(),
        );
        pod.file("moves", "");
        let first = pod.run(RESTORE, &[]).0;
        assert_eq!(first == 0, died_after >= 2);
        pod.program("mv", "exec /bin/mv \"$@\"");
        let (exit, output) = pod.run(RESTORE, &[]);
        assert_eq!(exit, 0, "{output}");
        assert_eq!(
            pod.read("mnt/files/sites/default/documents/1/scan.pdf"),
            "scan"
        );
        assert_eq!(
            pod.read("mnt/files/certificates/private/webserver.key.pem"),
            "key"
        );
        assert!(!pod.has(FOLDER));
    }
}

#[test]
fn what_is_not_clear_is_not_brought_into_place() {
    let empty = Pod::new("place-nothing");
    empty.folder("mnt/files");
    assert_eq!(empty.run(RESTORE, &[]).0, 51);
    let pod = Pod::new("place-unclear");
    pod.file(
        "mnt/files/aws-backup-restore_a/sites/default/sqlconf.php",
        "a",
    );
    pod.file("mnt/files/sites/default/sqlconf.php", "mine");
    assert_eq!(pod.run(RESTORE, &[]).0, 53);
    pod.folder("mnt/files/aws-backup-restore_b");
    assert_eq!(pod.run(RESTORE, &[]).0, 52);
    assert_eq!(pod.read("mnt/files/sites/default/sqlconf.php"), "mine");
}

#[test]
fn a_second_try_starts_from_the_images_own_configuration() {
    let pod = Pod::new("second");
    pod.file("tables", "0");
    for (path, content) in BEGUN {
        pod.site(path, content);
    }
    assert_eq!(pod.run(GUARD, &[]).0, 0);
    let sites = "var/www/localhost/htdocs/openemr/sites";
    assert_eq!(
        pod.read(&format!("{sites}/default/sqlconf.php")),
        "$config = 0;"
    );
    assert!(
        !pod.has(&format!("{sites}/docker-leader")),
        "a dead pod's lock"
    );
}

#[test]
fn the_guard_gives_up_on_a_silent_database_and_on_passwords_the_installer_breaks_on() {
    let pod = Pod::new("silent");
    pod.program("mariadb", "exit 1");
    assert_eq!(pod.run(GUARD, &[]).0, 41);
    assert_eq!(pod.run(GUARD, &[("MYSQL_PASS", "a=b c'")]).0, 46);
}

#[test]
fn preparing_waits_for_the_cache_and_replaces_a_changed_authority() {
    let pod = Pod::new("prepare");
    let copies = "default/documents/certificates";
    pod.site("docker-completed", "");
    pod.site(&format!("{copies}/mysql-ca"), "old");
    pod.file("pong", "+OK\n+PONG\n+OK\n");
    assert_eq!(pod.run(PREPARE, &[("K8S", "worker")]).0, 0);
    for copy in ["mysql-ca", "redis-ca"] {
        let path = format!("var/www/localhost/htdocs/openemr/sites/{copies}/{copy}");
        assert_eq!(pod.read(&path), "new");
    }
    pod.file("pong", "-WRONGPASS\n-NOAUTH\n");
    assert_eq!(pod.run(PREPARE, &[]).0, 44);
    assert!(!pod.read("dev/termination-log").contains("cacheSecret"));
}

#[test]
fn a_worker_never_starts_before_the_installation_is_complete() {
    let pod = Pod::new("worker");
    pod.file("pong", "+PONG\n");
    assert_eq!(pod.run(PREPARE, &[("K8S", "worker")]).0, 47);
    assert_eq!(pod.run(PREPARE, &[]).0, 0, "the Job may");
}

#[test]
fn output_is_kept_and_secrets_are_not() {
    for (role, end) in [
        ("worker", ""),
        ("admin", "mkdir -p sites; touch sites/docker-completed"),
    ] {
        let pod = Pod::new(&format!("start-{role}"));
        pod.program(
            "../openemr.sh",
            &format!(
                "echo 'tls://c?auth[pass]=cacheSecret&x=cacheSecret'; echo rootSecret-appSecret; \
             printf 'a  b\\\\n oeSecret'; {end}"
            ),
        );
        let (exit, output) = pod.run(START, &[("K8S", role)]);
        assert_eq!(exit, 0, "{output}");
        if role == "admin" {
            assert_eq!(
                output,
                "tls://c?auth[pass]=***&x=***\n***-***\na  b\\n ***\n"
            );
        }
        assert!(!output.contains("Secret"), "{output}");
    }
}

#[test]
fn an_install_that_says_it_went_well_but_did_not_finish_has_failed() {
    let pod = Pod::new("unfinished");
    pod.program("../openemr.sh", "exit 0");
    assert_eq!(pod.run(START, &[]).0, 1);
    pod.program("../openemr.sh", "exit 7");
    assert_eq!(pod.run(START, &[]).0, 7);
    assert!(pod.read("dev/termination-log").contains("code 7"));
}

#[test]
fn the_codes_of_the_failure_policy_are_those_of_the_scripts() {
    let codes = install::EXIT_CODES.into_iter();
    let codes = codes.chain(restore::EXIT_CODES).chain(check::EXIT_CODES);
    let codes = codes.chain(upgrade::EXIT_CODES);
    for (container, code) in codes {
        let script = match container {
            "check" => CHECK,
            "guard" => GUARD,
            "restore" => RESTORE,
            "upgrade" => UPGRADE,
            _ => PREPARE,
        };
        assert!(
            script.contains(&format!("end {code} ")),
            "{container} {code}"
        );
    }
}
