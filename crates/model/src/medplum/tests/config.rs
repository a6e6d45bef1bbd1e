//! What the server reads.

use emr_api::{
    emr_instance::{Email, LogLevel, Smtp},
    policy::Profile,
};
use serde_json::{Value, json};

use super::{
    super::{
        config::{Role, check, render, revision, secret},
        *,
    },
    fixture::{PLANTED, sample, sensitive},
    schema::misfits,
};
use crate::{medplum::config, workload::Restored};

fn schema() -> Value {
    serde_json::from_str(include_str!("../config.schema.json")).unwrap()
}

/// Instances of every kind.
fn all() -> Vec<Workload> {
    let mut all = Vec::new();
    for profile in [Profile::Production, Profile::Staging, Profile::Development] {
        for email in [
            None,
            Some(None),
            Some(Some(Smtp {
                host: "mail.example.org".into(),
                port: 587,
                secret_name: "mail".into(),
            })),
        ] {
            for restored in [None, Some(Restored::Fenced)] {
                for web in [true, false] {
                    let mut workload = sample(profile);
                    workload.config.email = email.clone().map(|smtp| Email {
                        from: "a@example.org".into(),
                        smtp,
                    });
                    workload.config.log_level = LogLevel::Warn;
                    workload.restored = restored;
                    workload.cache_database = u8::from(restored.is_some());
                    workload.web = workload.web.filter(|_| web);
                    all.push(workload);
                }
            }
        }
    }
    all
}

#[test]
fn every_file_holds_what_the_server_knows_and_nothing_else() {
    for workload in all() {
        for role in [Role::Api, Role::Workers] {
            for (admin, mail) in [(true, true), (false, false)] {
                let mut sensitive = sensitive();
                sensitive.super_admin = sensitive.super_admin.filter(|_| admin);
                sensitive.mail = sensitive.mail.filter(|_| mail);
                let file = render(&workload, role, &sensitive);
                assert_eq!(misfits(&schema(), &file), Vec::<String>::new());
                // What is rendered can't be added by a person.
                for key in file.as_object().unwrap().keys() {
                    let mut config = workload.config.clone();
                    config.extra.insert(key.clone(), json!(1));
                    assert!(check(&config).is_err(), "{key}");
                }
            }
        }
    }
}

#[test]
fn a_key_that_the_server_does_not_have_is_found() {
    let mut file = render(&sample(Profile::Production), Role::Api, &sensitive());
    file["database"]["maxConnection"] = json!(4);
    file["redis"]["username"] = json!("medplum");
    file["port"] = json!("8103");
    let found = misfits(&schema(), &file).join("; ");
    for says in [
        "maxConnection is unknown",
        "username is unknown",
        "/port is no",
    ] {
        assert!(found.contains(says), "{found}");
    }
}

#[test]
fn addresses_end_as_the_server_wants_them_and_tls_is_verified() {
    let workload = sample(Profile::Production);
    let file = render(&workload, Role::Api, &sensitive());
    assert_eq!(file["baseUrl"], "https://riverside-api.example.org/");
    assert_eq!(file["appBaseUrl"], "https://riverside.example.org/");
    assert_eq!(
        file["storageBaseUrl"],
        "https://riverside-api.example.org/storage/"
    );
    assert_eq!(file["binaryStorage"], "s3:emr-riverside-files");
    for database in ["database", "readonlyDatabase"] {
        let ssl = &file[database]["ssl"];
        assert_eq!(
            (&ssl["require"], &ssl["rejectUnauthorized"]),
            (&json!(true), &json!(true))
        );
        assert_eq!(ssl["ca"], workload.authorities.database);
    }
    assert_eq!(file["readonlyDatabase"]["runMigrations"], false);
    assert_eq!(file["redis"]["tls"]["ca"], workload.authorities.cache);
    let alone = Workload {
        web: None,
        ..workload
    };
    let file = render(&alone, Role::Api, &sensitive());
    assert_eq!(file["appBaseUrl"], file["baseUrl"]);
}

#[test]
fn jobs_run_in_one_place() {
    let jobs = |workload: &Workload, role| {
        render(workload, role, &sensitive())["workers"]["enabled"].clone()
    };
    let split = sample(Profile::Production);
    assert_eq!(jobs(&split, Role::Api), json!([]));
    assert_eq!(jobs(&split, Role::Workers), json!(["*"]));
    let together = sample(Profile::Development);
    assert_eq!(jobs(&together, Role::Api), json!(["*"]));
    let keys = |workload: &Workload| {
        let secret = secret(workload, &sensitive());
        secret.data.unwrap().into_keys().collect::<Vec<_>>()
    };
    assert_eq!(keys(&split), ["api.json", "workers.json"]);
    assert_eq!(keys(&together), ["api.json"]);
}

#[test]
fn a_mail_server_without_its_user_is_no_mail_rather_than_another_way() {
    let mut workload = sample(Profile::Staging);
    let provider = |workload: &Workload, with: bool| {
        let mut sensitive = sensitive();
        sensitive.mail = sensitive.mail.filter(|_| with);
        render(workload, Role::Api, &sensitive)["emailProvider"].clone()
    };
    assert_eq!(provider(&workload, true), "none");
    workload.config.email = Some(Email {
        from: "a@example.org".into(),
        smtp: None,
    });
    assert_eq!(provider(&workload, true), "awsses");
    workload.config.email.as_mut().unwrap().smtp = Some(Smtp {
        host: "mail.example.org".into(),
        port: 587,
        secret_name: "mail".into(),
    });
    assert_eq!(provider(&workload, true), "smtp");
    assert_eq!(provider(&workload, false), "none");
}

#[test]
fn whatever_changes_in_a_file_is_another_revision_and_nothing_else_is() {
    let workload = sample(Profile::Production);
    let first = revision(&workload, &sensitive());
    assert_eq!(first, revision(&workload, &sensitive()));
    let mut rotated = sensitive();
    rotated.cache_token.push('x');
    assert_ne!(first, revision(&workload, &rotated));
    let mut rotated = sensitive();
    rotated.database.username = "medplum_b".into();
    assert_ne!(first, revision(&workload, &rotated));
    let mut changed = workload.clone();
    changed.config.register_enabled = true;
    assert_ne!(first, revision(&changed, &sensitive()));
    let mut same = workload.clone();
    same.revision = "r2".into();
    same.replicas.max = 3;
    assert_eq!(first, revision(&same, &sensitive()));
    // The Secret says which it is, so that it is written only when it differs.
    let annotations = secret(&workload, &sensitive())
        .metadata
        .annotations
        .unwrap();
    assert_eq!(annotations["emrstack.dev/source-hash"], first.as_str());
}

#[test]
fn secrets_are_told_nowhere() {
    let (mut workload, sensitive) = (sample(Profile::Production), sensitive());
    workload.exposure = super::fixture::exposure();
    // The master user's credentials go to the database Job, and to no other pod.
    let mut all = objects(&workload);
    let job = serde_json::to_string(&all.install.take()).unwrap();
    assert_eq!(job.matches("secretKeyRef").count(), 4);
    let objects = serde_json::to_string(&all.iter().collect::<Vec<_>>()).unwrap();
    let debug = format!("{sensitive:?} {:?}", sensitive.signing_key);
    let file = render(&workload, Role::Api, &sensitive).to_string();
    for word in PLANTED {
        assert!(!objects.contains(word) && !debug.contains(word), "{word}");
        assert!(word == "planted-mail" || file.contains(word), "{word}");
    }
    assert!(!objects.contains("PRIVATE KEY"));
    assert!(!objects.contains("secretKeyRef") && !objects.contains("envFrom"));
}

#[test]
fn what_a_person_adds_is_known_not_ours_and_not_secret() {
    let says = |key: &str| {
        let mut config = sample(Profile::Staging).config;
        config.extra.insert(key.into(), json!("x"));
        check(&config).map_err(|error| error.to_string())
    };
    assert_eq!(says("googleClientId"), Ok(()));
    assert_eq!(says("vmContextBotsEnabled"), Ok(()));
    for (key, expected) in [
        ("baseUrl", "is set by the operator"),
        ("database", "is set by the operator"),
        ("smtp", "holds a secret"),
        ("sseCustomerKey", "holds a secret"),
        ("baseURL", "is no setting"),
        ("DatabaseSecrets", "is no setting"),
    ] {
        let error = says(key).unwrap_err();
        assert!(
            error.contains(&format!("spec.medplum.config.extra.{key} {expected}")),
            "{error}"
        );
    }
    let known = config::known_keys();
    for key in config::own_keys() {
        assert!(known.contains(key), "{key} is no key of the server");
    }
}
