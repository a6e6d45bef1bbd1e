//! OpenEMR: the containers of its install Job, and what workers find in `sqlconf.php` afterwards.

use emr_e2e::Clinic;

use super::{
    AMAZON_ROOTS, Tools,
    job::{Containers, Prepared},
    mariadb::Server,
    names::Names,
    redis::Who,
};

const JOB: &str = "riverside-openemr-install";
const CACHE_CA: &str = "/root/certs/redis/redis-ca";
const DATABASE_CA: &str = "/root/certs/mysql/server/mysql-ca";
/// As workers reach it.
const WORKER: &str = ". ./sql.sh\n";
const KNOCK: &str = "echo 'SELECT 1' | sql";
/// Another name of the server.
const ELSEWHERE: &str = "database.elsewhere.example.org";

/// The Job's own containers reach cache and database, and install; then a worker's statement does.
pub(super) async fn its_stores(clinic: &Clinic, tools: &mut Tools) {
    let client = tools.mariadb.plain_client();
    let job = Containers::of(clinic, JOB, &tools.at("openemr"), &client).await;
    its_cache(&job.prepare("prepare").await, tools).await;

    let guard = job.prepare("guard").await;
    let _server = serve(&guard, tools);
    let names = &tools.names;
    assert_eq!(guard.root.read(DATABASE_CA), tools.authority.pem());
    let ended = guard.run(names, &[("MYSQL_ROOT_PASS", "wrong")]).await;
    assert_eq!(ended.code, 41, "{ended:?}");
    assert!(ended.said.contains("Access denied"), "{ended:?}");
    let ended = guard.run(names, &[("MYSQL_HOST", ELSEWHERE)]).await;
    assert_eq!(ended.code, 41, "{ended:?}");
    assert!(ended.said.contains("SSL"), "{ended:?}");
    guard.root.mount_file(DATABASE_CA, AMAZON_ROOTS);
    let ended = guard.run(names, &[]).await;
    assert_eq!(ended.code, 41, "{ended:?}");
    assert!(ended.said.contains("SSL"), "{ended:?}");
    guard.root.mount_file(DATABASE_CA, &tools.authority.pem());
    let ended = guard.run(names, &[]).await;
    assert_eq!(ended.code, 0, "{ended:?}");

    let install = job.prepare("install").await;
    let ended = install.run(names, &[]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    workers_get_in(&install, names).await;
    nobody_else_gets_in(&install, names, tools).await;
}

async fn its_cache(prepare: &Prepared, tools: &mut Tools) {
    let (host, port) = prepare.value("REDIS_SERVER").rsplit_once(':').unwrap();
    let (at, tls) = tools.endpoint(host, port.parse().unwrap());
    let elsewhere = "sessions.elsewhere.example.org";
    tools.names.alias(elsewhere, *at.ip());
    let user = prepare.value("REDIS_USERNAME");
    let who = Who::User(user, prepare.value("REDIS_PASSWORD"));
    let _server = tools
        .redis
        .start(&tools.at("openemr-cache"), at, &tls, &who);

    assert_eq!(prepare.root.read(CACHE_CA), AMAZON_ROOTS);
    let ended = prepare.run(&tools.names, &[]).await;
    assert_eq!(ended.code, 44, "{ended:?}");
    prepare.root.mount_file(CACHE_CA, &tools.authority.pem());
    let ended = prepare.run(&tools.names, &[]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let nameless = format!("{elsewhere}:{port}");
    for other in [("REDIS_PASSWORD", "wrong"), ("REDIS_SERVER", &nameless)] {
        let ended = prepare.run(&tools.names, &[other]).await;
        assert_eq!(ended.code, 44, "{ended:?}");
        assert!(ended.told.starts_with("CacheUnreachable: "), "{ended:?}");
    }
}

/// A server at the database's name, which refuses whoever comes without TLS.
fn serve(guard: &Prepared, tools: &mut Tools) -> Server {
    let port = guard.value("MYSQL_PORT").parse().unwrap();
    let (at, tls) = tools.endpoint(guard.value("MYSQL_HOST"), port);
    tools.names.alias(ELSEWHERE, *at.ip());
    let data = tools.at("mariadb-data");
    tools.mariadb.install(&data);
    let mut server = tools
        .mariadb
        .start_at(&data, &tools.at("mariadb"), at, &tls);
    let (user, password) = (
        guard.value("MYSQL_ROOT_USER"),
        guard.value("MYSQL_ROOT_PASS"),
    );
    server.set_master(user, password).unwrap();
    let strict = "SET GLOBAL require_secure_transport = ON";
    server.execute(strict).unwrap();
    server
}

/// By `sqlconf.php` alone, which holds what the Secret held.
async fn workers_get_in(worker: &Prepared, names: &Names) {
    let conf = worker.shell(names, "cat sites/default/sqlconf.php").await;
    for variable in ["MYSQL_HOST", "MYSQL_USER", "MYSQL_PASS", "MYSQL_DATABASE"] {
        let value = format!("'{}'", worker.value(variable));
        assert!(conf.said.contains(&value), "{variable}");
    }
    let who = "SELECT CURRENT_USER(), variable_value <> '' \
               FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'";
    let ended = worker
        .shell(names, &format!("{WORKER}echo \"{who}\" | sql"))
        .await;
    let (user, schema) = (worker.value("MYSQL_USER"), worker.value("MYSQL_DATABASE"));
    assert_eq!(ended.said.trim(), format!("{user}@%\t1"), "{ended:?}");

    // Its own schema, and nothing else.
    let ended = worker
        .shell(names, &format!("{WORKER}echo 'SHOW GRANTS' | sql"))
        .await;
    let mut grants = ended.said.lines();
    let connect = grants.next().unwrap();
    assert!(connect.starts_with("GRANT USAGE ON *.*"), "{connect}");
    assert!(connect.ends_with("REQUIRE SSL"), "{connect}");
    let own = format!("GRANT ALL PRIVILEGES ON `{schema}`.* TO `{user}`@`%`");
    assert_eq!((grants.next(), grants.next()), (Some(&*own), None));
    for beyond in ["CREATE DATABASE mine", "SELECT COUNT(*) FROM mysql.user"] {
        let ended = worker
            .shell(names, &format!("{WORKER}echo '{beyond}' | sql"))
            .await;
        assert!(ended.said.contains("denied"), "{ended:?}");
    }
}

async fn nobody_else_gets_in(worker: &Prepared, names: &Names, tools: &Tools) {
    let refused = async |script: &str, why: &str| {
        let ended = worker.shell(names, &format!("{WORKER}{script}")).await;
        assert_ne!(ended.code, 0, "{script}: {ended:?}");
        assert!(ended.said.contains(why), "{script}: {ended:?}");
    };
    refused(&format!("PASSWORD=wrong\n{KNOCK}"), "Access denied").await;
    let plain = "MYSQL_PWD=$(of pass) mariadb --skip-ssl --host=$(of host) --port=$(of port) \
                 --user=$(of login) --execute='SELECT 1'";
    refused(plain, "ERROR").await;
    let elsewhere = format!("mariadb() {{ command mariadb \"$@\" --host={ELSEWHERE}; }}\n{KNOCK}");
    refused(&elsewhere, "SSL").await;
    worker.root.mount_file(DATABASE_CA, AMAZON_ROOTS);
    refused(KNOCK, "SSL").await;
    worker.root.mount_file(DATABASE_CA, &tools.authority.pem());
    let ended = worker.shell(names, &format!("{WORKER}{KNOCK}")).await;
    assert_eq!(ended.said.trim(), "1", "{ended:?}");
}
