//! The scripts by which one database user takes the other's place, on a real `MariaDB` that refuses connections
//! without TLS: both can sign in until the last step, neither can more than its own schema, no password is in
//! a statement, and each script may run any number of times.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    reason = "a test fails by panicking, and uses a part of what contents bring"
)]

#[path = "contents/clinic.rs"]
mod clinic;
#[path = "contents/mariadb.rs"]
mod mariadb;
#[path = "contents/pod.rs"]
mod pod;

use std::{fs, os::unix::fs::PermissionsExt as _};

use clinic::Clinic;

const GRANT: &str = concat!(
    include_str!("../../../crates/model/src/openemr/scripts/master.sh"),
    include_str!("../../../crates/model/src/openemr/scripts/grant.sh")
);
const WRITE: &str = include_str!("../../../crates/model/src/openemr/scripts/write.sh");
const RETIRE: &str = concat!(
    include_str!("../../../crates/model/src/openemr/scripts/master.sh"),
    include_str!("../../../crates/model/src/openemr/scripts/retire.sh")
);
const SQLCONF: &str = "default/sqlconf.php";

type User = (&'static str, &'static str);
const A: User = ("openemr_a", "firstPasswordOfA");
const B: User = ("openemr_b", "firstPasswordOfB");
const LATER_A: User = (A.0, "secondPasswordOfA");

fn as_user((user, password): User, statement: &str) -> String {
    format!(
        "MYSQL_USER={user} MYSQL_PASS={password}\n{} --batch --skip-column-names openemr \
         --execute=\"{statement}\"",
        clinic::SQL
    )
}

impl Clinic {
    /// Exit code of a script, and what status gets to know of it.
    async fn step(&self, script: &str, (user, password): User) -> (i32, String) {
        self.step_beside("", script, (user, password)).await
    }

    async fn step_beside(
        &self,
        before: &str,
        script: &str,
        (user, password): User,
    ) -> (i32, String) {
        self.root.mount_file("/opt/step.sh", script);
        let with = format!("export MYSQL_USER={user} MYSQL_PASS={password}");
        let master = "export MYSQL_ROOT_USER=emradmin MYSQL_ROOT_PASS=master";
        let (code, said) = self
            .run(&format!("{before}\n{with}\n{master}\nsh /opt/step.sh"))
            .await;
        assert!(!said.contains(password), "{said}");
        (code, self.root.last_words().trim().to_owned())
    }

    async fn done(&self, script: &str, user: User, told: &str) {
        assert_eq!(self.step(script, user).await, (0, told.to_owned()));
    }

    async fn refused(&self, script: &str, user: User, code: i32, told: &str) {
        let before = self.sqlconf();
        let (found, said) = self.step(script, user).await;
        assert_eq!(found, code, "{said}");
        assert!(said.starts_with(told), "{said}");
        assert_eq!(self.sqlconf(), before);
    }

    fn sqlconf(&self) -> String {
        fs::read_to_string(self.file(SQLCONF)).unwrap()
    }

    fn put(&self, sqlconf: &str) {
        let file = self.file(SQLCONF);
        let _ = fs::remove_file(&file);
        fs::write(file, sqlconf).unwrap();
    }

    /// What a user gets to see, or why not.
    async fn asks(&self, user: User, statement: &str) -> Result<String, String> {
        let (code, said) = self.run(&as_user(user, statement)).await;
        let said = said.trim().to_owned();
        if code == 0 { Ok(said) } else { Err(said) }
    }

    async fn lets_in(&self, user: User) -> bool {
        self.asks(user, "SELECT 1").await == Ok("1".into())
    }

    /// What a pod that reads `sqlconf.php` now can do.
    async fn serves(&self) -> bool {
        let (_, said) = self.run(". ./sql.sh; echo 'SELECT 1' | sql").await;
        said == "1\n"
    }

    async fn grants(&self, user: User) -> String {
        let grants = self.asks(user, "SHOW GRANTS").await.unwrap();
        let (connect, rights) = grants.split_once('\n').unwrap();
        assert!(connect.starts_with("GRANT USAGE ON *.*"), "{connect}");
        assert!(connect.ends_with("REQUIRE SSL"), "{connect}");
        rights.replace(user.0, "USER")
    }
}

#[tokio::test]
async fn one_user_takes_the_others_place_and_nobody_is_shut_out() {
    let Some(clinic) = Clinic::open().await else {
        return;
    };
    let strict = "SET GLOBAL require_secure_transport = ON, GLOBAL general_log_file = 'everything', \
                  GLOBAL general_log = ON";
    clinic.sql(strict, "").await;
    clinic.done(GRANT, A, "openemr_a can sign in").await;
    clinic.done(WRITE, A, "pods sign in as openemr_a").await;
    clinic
        .asks(A, "CREATE VIEW seen AS SELECT id FROM users")
        .await
        .unwrap();

    // B beside A; again, as after a crash. Rights as the installation gives them.
    for _ in 0..2 {
        clinic.done(GRANT, B, "openemr_b can sign in").await;
        assert!(clinic.lets_in(A).await && clinic.lets_in(B).await);
    }
    let rights = clinic.grants(B).await;
    assert_eq!(rights, "GRANT ALL PRIVILEGES ON `openemr`.* TO `USER`@`%`");
    assert_eq!(clinic.grants(A).await, rights);
    let beyond = clinic.asks(B, "SELECT COUNT(*) FROM mysql.user").await;
    assert!(beyond.unwrap_err().contains("denied"));

    // What does not open the database is not written; what is there stays to the byte.
    let wrong = (B.0, "wrong");
    clinic.refused(WRITE, wrong, 72, "UserRefused: ").await;
    let quoting = (B.0, "\"a'b\"");
    clinic.refused(WRITE, quoting, 72, "UserRefused: ").await;
    let whole = clinic.sqlconf();
    let odd = whole.replace("$pass", "$word");
    clinic.put(&odd);
    clinic.refused(WRITE, B, 74, "ConfigurationUnknown: ").await;
    clinic.put(&whole);

    // A pod died half way; the next one writes all of it. Both users can still sign in.
    fs::write(clinic.file("default/sqlconf.php.new"), "<?php $lo").unwrap();
    for _ in 0..2 {
        clinic.done(WRITE, B, "pods sign in as openemr_b").await;
        assert!(clinic.serves().await && clinic.lets_in(A).await);
    }
    let written = whole.replace(A.0, B.0).replace(A.1, B.1);
    assert_eq!(clinic.sqlconf(), written);
    let mode = fs::metadata(clinic.file(SQLCONF)).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o400);
    assert!(!clinic.file("default/sqlconf.php.new").exists());

    // Whom the file names is neither given another password nor locked, whatever status says.
    let other = (B.0, "secondPasswordOfB");
    clinic.refused(GRANT, other, 73, "UserInUse: ").await;
    clinic.refused(RETIRE, B, 73, "UserInUse: ").await;
    assert!(clinic.serves().await);

    // Whoever is still connected is not locked out.
    let connected = format!(
        "({}) >/dev/null &\n/bin/sleep 0.5",
        as_user(A, "SELECT SLEEP(2)")
    );
    let (code, told) = clinic.step_beside(&connected, RETIRE, A).await;
    assert_eq!(code, 75, "{told}");
    assert!(told.starts_with("UserConnected: 1 connections "), "{told}");
    assert!(clinic.lets_in(A).await);
    clinic.run("/bin/sleep 2").await;
    for _ in 0..2 {
        clinic.done(RETIRE, A, "openemr_a is locked").await;
        assert!(!clinic.lets_in(A).await && clinic.serves().await);
    }
    // What the former user made goes on working.
    assert_eq!(clinic.asks(B, "SELECT id FROM seen").await, Ok("1".into()));

    // And back, with another password.
    clinic.done(GRANT, LATER_A, "openemr_a can sign in").await;
    assert!(clinic.lets_in(LATER_A).await && !clinic.lets_in(A).await);
    clinic
        .done(WRITE, LATER_A, "pods sign in as openemr_a")
        .await;
    clinic.done(RETIRE, B, "openemr_b is locked").await;
    assert!(clinic.serves().await && !clinic.lets_in(B).await);

    // The server was told no password.
    let log = clinic.log("everything");
    assert!(
        log.contains("ALTER USER 'openemr_b'"),
        "statements are in the log"
    );
    for (_, password) in [A, B, LATER_A] {
        assert!(!log.contains(password), "a password is in the log");
    }
}
