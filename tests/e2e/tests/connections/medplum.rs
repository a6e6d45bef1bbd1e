//! Medplum: the Job that makes its database, and the configuration that its server reads.

use emr_e2e::Clinic;
use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::api::ListParams;
use serde_json::{Value, json};

use super::{
    AMAZON_ROOTS, ELSEWHERE, Tools,
    clients::Clients,
    job::{Containers, Prepared},
    names::Names,
    port,
    postgresql::Server,
    redis::Who,
    text, with,
};

/// The Job, and the Secret of the sample's instance.
const JOB: &str = "lakeside-medplum-database";
const CONFIG: &str = "lakeside-medplum-config";
/// Tried again at once, where the server would not answer otherwise either.
const AT_ONCE: (&str, &str) = ("PAUSE_MILLISECONDS", "1");

async fn configuration(clinic: &Clinic) -> Value {
    let data = clinic.api::<Secret>().get(CONFIG).await.unwrap().data;
    let data = data.unwrap();
    let [api, workers] = ["api.json", "workers.json"].map(|file| {
        let config: Value = serde_json::from_slice(&data[file].0).unwrap();
        config
    });
    for store in ["database", "redis"] {
        assert_eq!(api[store], workers[store], "{store}");
    }
    assert_eq!(api["readonlyDatabase"], Value::Null, "another endpoint");
    api
}

/// What a client asks of the database.
struct Asks<'a> {
    clients: &'a Clients,
    names: &'a Names,
}

impl Asks<'_> {
    async fn database(&self, with: &Value, statements: &[&str]) -> Result<Value, String> {
        let question = json!({"database": with, "ask": statements});
        self.clients.ask(self.names, &question).await
    }

    async fn cache(&self, with: &Value, commands: Value) -> Result<Value, String> {
        let question = json!({"redis": with, "ask": commands});
        self.clients.ask(self.names, &question).await
    }
}

fn refused<T: std::fmt::Debug>(answer: Result<T, String>, why: &str) {
    let said = answer.expect_err("refused");
    assert!(said.contains(why), "{said}");
}

/// The Job makes it, with the environment of its pod; then the server's libraries open it by the configuration.
pub(super) async fn its_database(clinic: &Clinic, tools: &mut Tools) {
    let config = configuration(clinic).await;
    let database = &config["database"];
    let (host, port) = (text(&database["host"]), port(&database["port"]));
    let (at, tls) = tools.endpoint(host, port);
    tools.names.alias(ELSEWHERE, *at.ip());
    let server = tools.postgresql.start(&tools.at("postgresql"), at, &tls);
    let job = Containers::of(clinic, JOB, &tools.at("medplum"), "").await;
    let job = job.prepare("database").await;
    assert_eq!(
        (job.value("PGHOST"), job.value("PGPORT")),
        (host, &*port.to_string())
    );
    let (master, master_password) = (job.value("PGUSER"), job.value("PGPASSWORD"));
    server.sign_up(master, master_password, "CREATEDB CREATEROLE");

    made_by_the_job(&job, tools, &server).await;
    let asks = Asks {
        clients: &tools.clients,
        names: &tools.names,
    };
    opens_by_the_configuration(&asks, database, &server).await;
    nobody_else_gets_in(&asks, database, &job, &server).await;

    let log = server.log();
    assert!(log.contains("CREATE DATABASE"), "statements are in the log");
    for password in [text(&database["password"]), master_password] {
        assert!(!log.contains(password), "a password is in the log");
    }
}

async fn made_by_the_job(job: &Prepared, tools: &Tools, server: &Server) {
    let home = tools.clients.home();
    let home = ("MEDPLUM_HOME", &*home);
    let wrong = ("PGPASSWORD", "wrong");
    let ended = job.run(&tools.names, &[home, wrong]).await;
    assert_eq!(ended.code, 47, "{ended:?}");
    assert!(ended.told.starts_with("MasterRefused: "), "{ended:?}");

    // It trusts the platform's bundle alone, and the name that it was given.
    let strangers = tools.at("amazon-roots.pem");
    std::fs::write(&strangers, AMAZON_ROOTS).unwrap();
    let untrusted = ("CA_FILE", strangers.to_str().unwrap());
    let elsewhere = ("PGHOST", ELSEWHERE);
    for (other, why) in [(untrusted, "certificate"), (elsewhere, "altnames")] {
        let ended = job.run(&tools.names, &[home, AT_ONCE, other]).await;
        assert_eq!(ended.code, 41, "{ended:?}");
        assert!(ended.told.contains(why), "{ended:?}");
    }
    let databases = "SELECT count(*) FROM pg_database WHERE datname = 'medplum'";
    assert_eq!(server.ask("postgres", databases), Ok("0".into()));

    // A restored database that is not there is never made.
    let restored = ("TAKEN_OVER", "true");
    let ended = job.run(&tools.names, &[home, restored]).await;
    assert_eq!(ended.code, 51, "{ended:?}");
    assert!(ended.told.starts_with("DatabaseMissing: "), "{ended:?}");
    assert_eq!(server.ask("postgres", databases), Ok("0".into()));

    // Any number of times: what was there is left.
    let ended = job.run(&tools.names, &[home]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(ended.told, "database medplum is made");
    let kept = "CREATE TABLE kept AS SELECT 1 AS one; ALTER TABLE kept OWNER TO medplum";
    server.ask("medplum", kept).unwrap();
    let told = "database medplum was there; the user's password is set";
    for again in [&[home][..], &[home, restored]] {
        let ended = job.run(&tools.names, again).await;
        assert_eq!((ended.code, &*ended.told), (0, told));
    }
    let owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'medplum'";
    assert_eq!(server.ask("postgres", owner), Ok("medplum".into()));
    let rights = "SELECT rolsuper, rolcreatedb, rolcreaterole, rolpassword LIKE 'SCRAM-SHA-256$4096:%' \
                  FROM pg_authid WHERE rolname = 'medplum_a'";
    assert_eq!(server.ask("postgres", rights), Ok("f|f|f|t".into()));
    let owner = "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'medplum'";
    assert_eq!(server.ask("postgres", owner), Ok("f".into()));

    // Somebody else's is not taken over.
    server.ask("postgres", "CREATE DATABASE theirs").unwrap();
    let theirs = ("DATABASE", "theirs");
    let ended = job.run(&tools.names, &[home, theirs]).await;
    assert_eq!(ended.code, 49, "{ended:?}");
    assert!(ended.told.starts_with("DatabaseRefused: "), "{ended:?}");
    let owner = "SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'public'";
    let owner = server.ask("theirs", owner);
    assert_eq!(owner, Ok("pg_database_owner".into()));
}

async fn opens_by_the_configuration(asks: &Asks<'_>, database: &Value, server: &Server) {
    let answers = asks.database(
        database,
        &[
            "SELECT session_user::text, current_user::text, current_database()::text",
            "SELECT one FROM kept",
            "CREATE TABLE made (id INT PRIMARY KEY)",
            "INSERT INTO made VALUES (7)",
            // As the server's migrations do.
            "CREATE EXTENSION IF NOT EXISTS btree_gin",
            "CREATE EXTENSION IF NOT EXISTS pg_trgm",
            "SET ROLE NONE",
            "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
        ],
    );
    let answers = answers.await.unwrap();
    assert_eq!(answers[0], json!([["medplum_a", "medplum", "medplum"]]));
    assert_eq!(answers[1], json!([[1]]));
    assert_eq!(answers[7], json!([[true]]), "over TLS");
    // Whichever user of the application comes next owns it too.
    let owner = "SELECT tableowner FROM pg_tables WHERE tablename = 'made'";
    assert_eq!(server.ask("medplum", owner), Ok("medplum".into()));
}

async fn nobody_else_gets_in(asks: &Asks<'_>, database: &Value, job: &Prepared, server: &Server) {
    let knock = ["SELECT 1"];
    let wrong = with(database, "/password", json!("wrong"));
    refused(asks.database(&wrong, &knock).await, "28P01");
    let untrusted = with(database, "/ssl/ca", json!(AMAZON_ROOTS));
    refused(asks.database(&untrusted, &knock).await, "certificate");
    let elsewhere = with(database, "/host", json!(ELSEWHERE));
    refused(asks.database(&elsewhere, &knock).await, "altnames");
    let plain = with(database, "/ssl", json!(false));
    refused(asks.database(&plain, &knock).await, "no encryption");

    // Whoever else has a password here: not even when let into the database.
    server.sign_up("stranger", "strange", "");
    let stranger = with(database, "/username", json!("stranger"));
    let stranger = with(&stranger, "/password", json!("strange"));
    refused(
        asks.database(&stranger, &knock).await,
        "permission denied for database",
    );
    let let_in = "GRANT CONNECT ON DATABASE medplum TO stranger";
    server.ask("postgres", let_in).unwrap();
    let denied = "permission denied for schema public";
    let make = ["CREATE TABLE public.mine (id INT)"];
    refused(asks.database(&stranger, &make).await, denied);
    let look = ["SELECT one FROM public.kept"];
    refused(asks.database(&stranger, &look).await, denied);

    // The master user's password is not the application's, and the configuration knows only the latter.
    let text = database.to_string();
    assert!(!text.contains(job.value("PGPASSWORD")), "the master user");
    assert_eq!(database["username"], json!(job.value("APP_USER")));
}

/// The server's library opens it by the configuration, once its authority is trusted.
pub(super) async fn its_cache(clinic: &Clinic, tools: &mut Tools) {
    let config = configuration(clinic).await;
    let cache = &config["redis"];
    let (at, tls) = tools.endpoint(text(&cache["host"]), port(&cache["port"]));
    let elsewhere = "cache.elsewhere.example.org";
    tools.names.alias(elsewhere, *at.ip());
    let token = Who::Token(text(&cache["password"]));
    let _server = tools
        .redis
        .start(&tools.at("medplum-cache"), at, &tls, &token);
    let asks = Asks {
        clients: &tools.clients,
        names: &tools.names,
    };
    let ping = || json!([["PING"]]);

    assert_eq!(text(&cache["tls"]["ca"]), AMAZON_ROOTS);
    refused(asks.cache(cache, ping()).await, "certificate");
    let trusted = with(cache, "/tls/ca", json!(tools.authority.pem()));
    let commands = json!([
        ["SET", "one", "1"],
        ["GET", "one"],
        ["CONFIG", "GET", "maxmemory-policy"]
    ]);
    let answers = asks.cache(&trusted, commands).await.unwrap();
    // Jobs wait in it: nothing of them may be forgotten.
    let policy = json!(["maxmemory-policy", "noeviction"]);
    assert_eq!(answers, json!(["OK", "1", policy]));

    let wrong = with(&trusted, "/password", json!("wrong"));
    refused(asks.cache(&wrong, ping()).await, "WRONGPASS");
    let nameless = with(&trusted, "/host", json!(elsewhere));
    refused(asks.cache(&nameless, ping()).await, "altnames");
    let mut plain = trusted.clone();
    plain.as_object_mut().unwrap().remove("tls");
    asks.cache(&plain, ping()).await.expect_err("without TLS");
}

/// What answers for the server's pods answers Medplum's own client, too, and no stranger.
pub(super) async fn its_servers(clinic: &Clinic, tools: &Tools) {
    let config = configuration(clinic).await;
    let of_api = "app.kubernetes.io/name=medplum,app.kubernetes.io/component=app";
    let of_api = ListParams::default().labels(of_api);
    let pods = clinic.api::<Pod>().list(&of_api).await.unwrap().items;
    let address = pods
        .iter()
        .find_map(|pod| pod.status.as_ref()?.pod_ip.clone());
    let mut who = json!({
        "server": format!("http://{}:8103/", address.expect("a pod with an address")),
        "email": config["defaultSuperAdminEmail"],
        "password": config["defaultSuperAdminPassword"],
    });
    let told = tools.clients.migrations(&tools.names, &who).await.unwrap();
    assert!(told["pending"].is_u64(), "{told}");
    assert_eq!(
        told["jobs"],
        json!([{"type": "data-migration", "dataVersion": 1}])
    );
    who["password"] = json!("wrong");
    let refused = tools.clients.migrations(&tools.names, &who).await;
    assert!(refused.is_err(), "{refused:?}");
}
