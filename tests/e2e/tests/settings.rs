//! The settings Job's script on a real `MariaDB` that refuses connections without TLS: it writes what differs
//! and nothing else, and no value reaches SQL as anything but a value.

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

use clinic::Clinic;

const SETTINGS: &str = include_str!("../../../crates/model/src/openemr/scripts/settings.sh");
const GLOBALS: &str = "
    CREATE OR REPLACE TABLE globals (gl_name varchar(63) NOT NULL, gl_index int(11) NOT NULL DEFAULT 0,
        gl_value varchar(255) NOT NULL DEFAULT '', PRIMARY KEY (gl_name, gl_index)) DEFAULT CHARSET utf8mb4;
    INSERT INTO globals VALUES ('default_language', 0, 'English'), ('timeout', 0, '7200'),
        ('rest_api', 0, '0'), ('openemr_name', 0, 'Riverside'), ('specific', 1, 'kept')";

impl Clinic {
    /// Runs the script with these settings, and says what it told.
    async fn put(&self, settings: &str) -> (i32, String) {
        self.root.mount_file("/opt/settings.sh", SETTINGS);
        let quoted = settings.replace('\'', r"'\''");
        let script = format!("SETTINGS='{quoted}' sh /opt/settings.sh");
        let (code, _) = self.run(&script).await;
        (code, self.root.last_words().trim().to_owned())
    }

    /// Compares to the byte.
    async fn has(&self, name: &str, value: &str) {
        let found = format!(
            "SELECT IF((SELECT CAST(gl_value AS BINARY) FROM globals WHERE gl_name = '{name}' \
             AND gl_index = 0) <=> CAST({value} AS BINARY), 'same', 'other')"
        );
        let options = "--batch --skip-column-names --default-character-set=utf8mb4";
        let sql = clinic::SQL;
        let script = format!("{sql} {options} openemr <<'EOF'\n{found};\nEOF\n");
        let (_, said) = self.run(&script).await;
        assert_eq!(said.trim(), "same", "{name}");
    }
}

#[tokio::test]
async fn what_differs_is_written_and_values_are_values() {
    let Some(clinic) = Clinic::open().await else {
        return;
    };
    let strict = "SET GLOBAL require_secure_transport = ON";
    clinic.sql(strict, "").await;
    clinic.sql(GLOBALS, "openemr").await;

    let first = "default_language German\nrest_api 1\ntimeout 7200";
    let told = "put right: default_language, rest_api";
    assert_eq!(clinic.put(first).await, (0, told.into()));
    clinic.has("default_language", "'German'").await;
    clinic.has("rest_api", "'1'").await;
    clinic.has("openemr_name", "'Riverside'").await;

    // Again: nothing to do.
    let told = "3 settings are as they should be";
    assert_eq!(clinic.put(first).await, (0, told.into()));

    // Somebody changes one; upper and lower case differ.
    let drift = "UPDATE globals SET gl_value = 'german' WHERE gl_name = 'default_language'";
    clinic.sql(drift, "openemr").await;
    let told = "put right: default_language";
    assert_eq!(clinic.put(first).await, (0, told.into()));

    // What would be SQL, a shell's substitution or an escape anywhere else.
    let evil = r#"openemr_name '; DROP TABLE globals; -- $(touch /x) `x` \ " % ÄÖü 日本"#;
    let told = "put right: openemr_name";
    assert_eq!(clinic.put(evil).await, (0, told.into()));
    let value = r#"'''; DROP TABLE globals; -- $(touch /x) `x` \\ " % ÄÖü 日本'"#;
    clinic.has("openemr_name", value).await;

    // Empty, new to OpenEMR, and with spaces at its ends.
    let told = "put right: gone, spaced, timeout; OpenEMR did not know before: gone, spaced";
    let settings = "gone \nspaced  a b \ntimeout ";
    assert_eq!(clinic.put(settings).await, (0, told.into()));
    clinic.has("timeout", "''").await;
    clinic.has("spaced", "' a b '").await;

    // All or nothing.
    let long = format!("default_language French\nopenemr_name {}", "x".repeat(300));
    let (code, told) = clinic.put(&long).await;
    assert_eq!(code, 67, "{told}");
    assert!(told.starts_with("SettingsRefused: "), "{told}");
    clinic.has("default_language", "'German'").await;
}
