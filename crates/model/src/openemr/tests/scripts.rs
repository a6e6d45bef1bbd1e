//! The scripts, run by the machine's shell in a folder of their own, with stand-ins for the image's
//! programs.

use super::{super::install::EXIT_CODES, pod::Pod};

const GUARD: &str = include_str!("../scripts/guard.sh");
const PREPARE: &str = include_str!("../scripts/prepare.sh");
const START: &str = include_str!("../scripts/start.sh");

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
    for (container, code) in EXIT_CODES {
        let script = if container == "guard" { GUARD } else { PREPARE };
        assert!(
            script.contains(&format!("end {code} ")),
            "{container} {code}"
        );
    }
}
