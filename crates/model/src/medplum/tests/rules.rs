//! What must hold whatever the golden files say.

use emr_api::policy::Profile;
use k8s_openapi::{
    api::{batch::v1::Job, core::v1::ResourceRequirements},
    apimachinery::pkg::api::resource::Quantity,
};
use serde_json::{Value, json};

use super::{super::*, fixture};
use crate::workload::{HttpsEgress, Network, Restored, Warning, progress::Next};

fn exposed() -> Workload {
    Workload {
        exposure: fixture::exposure(),
        ..fixture::sample(Profile::Production)
    }
}

fn of_kind(workload: &Workload, kind: &str) -> Vec<Value> {
    objects(workload)
        .iter()
        .filter(|object| object.kind() == kind)
        .map(|object| serde_json::to_value(object).unwrap())
        .collect()
}

fn pods(workload: &Workload) -> Vec<Value> {
    let template = |of: Value| of["spec"]["template"].clone();
    of_kind(workload, "Deployment")
        .into_iter()
        .map(template)
        .collect()
}

#[test]
fn no_pod_is_root_or_may_become_it_or_writes_outside_its_volumes() {
    let pods = pods(&exposed());
    assert_eq!(pods.len(), 3);
    for pod in pods {
        let spec = &pod["spec"];
        assert_eq!(spec["securityContext"]["runAsNonRoot"], true);
        assert_ne!(spec["securityContext"]["runAsUser"], 0);
        assert_eq!(
            spec["securityContext"]["seccompProfile"]["type"],
            "RuntimeDefault"
        );
        assert_eq!(spec["automountServiceAccountToken"], false);
        let containers = spec["containers"].as_array().unwrap().iter();
        let init = spec["initContainers"].as_array().into_iter().flatten();
        for container in containers.chain(init) {
            let of = &container["securityContext"];
            assert_eq!(of["readOnlyRootFilesystem"], true);
            assert_eq!(of["allowPrivilegeEscalation"], false);
            assert_eq!(of["capabilities"], json!({"drop": ["ALL"]}));
            assert!(container["resources"]["limits"]["memory"].is_string());
        }
    }
}

#[test]
fn a_lost_database_takes_pods_out_of_service_and_restarts_none() {
    for pod in pods(&exposed()) {
        let container = &pod["spec"]["containers"][0];
        assert_eq!(container["livenessProbe"].get("httpGet"), None);
        assert!(container["livenessProbe"]["tcpSocket"].is_object());
        assert_eq!(container["startupProbe"].get("httpGet"), None);
        assert!(container["readinessProbe"]["httpGet"].is_object());
    }
}

#[test]
fn a_pod_that_leaves_has_time_to_be_forgotten_and_to_finish() {
    let pods = pods(&exposed());
    let spec = &pods[0]["spec"];
    let drain = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
        .as_i64()
        .unwrap();
    let config = config::render(&exposed(), config::Role::Api, &fixture::sensitive());
    let shutdown = config["shutdownTimeoutMilliseconds"].as_i64().unwrap() / 1000;
    assert!(spec["terminationGracePeriodSeconds"].as_i64().unwrap() > drain + shutdown);
}

#[test]
fn another_configuration_rolls_the_servers_once_and_the_web_app_never() {
    let first = exposed();
    let mut second = first.clone();
    second.revision = "r2".into();
    let changed: Vec<_> = objects(&first)
        .iter()
        .zip(objects(&second).iter())
        .filter(|(one, other)| one != other)
        .map(|(one, _)| format!("{} {}", one.kind(), one.name()))
        .collect();
    assert_eq!(
        changed,
        [
            "Deployment riverside-medplum",
            "Deployment riverside-medplum-workers"
        ]
    );
    let mut scaled = first.clone();
    scaled.replicas.max = 7;
    assert_eq!(
        of_kind(&first, "Deployment"),
        of_kind(&scaled, "Deployment")
    );
}

#[test]
fn autoscalers_own_the_replicas_of_servers_and_find_what_they_scale() {
    for workload in [exposed(), fixture::sample(Profile::Development)] {
        let scaled: Vec<_> = of_kind(&workload, "HorizontalPodAutoscaler");
        for deployment in of_kind(&workload, "Deployment") {
            let name = &deployment["metadata"]["name"];
            let mut by = scaled
                .iter()
                .map(|of| &of["spec"]["scaleTargetRef"]["name"]);
            assert_eq!(
                by.any(|of| of == name),
                deployment["spec"].get("replicas").is_none()
            );
        }
    }
}

#[test]
fn services_budgets_and_policies_find_the_pods_of_one_component() {
    let workload = exposed();
    for kind in ["Service", "PodDisruptionBudget"] {
        for object in of_kind(&workload, kind) {
            let selector = match kind {
                "Service" => &object["spec"]["selector"],
                _ => &object["spec"]["selector"]["matchLabels"],
            };
            let found = pods(&workload)
                .iter()
                .filter(|pod| {
                    let labels = &pod["metadata"]["labels"];
                    selector
                        .as_object()
                        .unwrap()
                        .iter()
                        .all(|(key, of)| labels.get(key) == Some(of))
                })
                .count();
            assert_eq!(found, 1, "{object}");
        }
    }
}

#[test]
fn an_empty_set_of_addresses_lets_nothing_through() {
    let mut workload = exposed();
    workload.network = Network {
        database_cidrs: fixture::cidrs(&[]),
        cache_cidrs: fixture::cidrs(&[]),
        public_cidrs: fixture::cidrs(&[]),
        https: HttpsEgress::Endpoints(fixture::cidrs(&[])),
    };
    workload.mail = Some(Mail {
        host: "mail.example.org".into(),
        port: 587,
    });
    for policy in of_kind(&workload, "NetworkPolicy") {
        for (rules, peers) in [("egress", "to"), ("ingress", "from")] {
            for rule in policy["spec"][rules].as_array().into_iter().flatten() {
                assert!(
                    rule[peers].as_array().is_some_and(|of| !of.is_empty()),
                    "open to all: {policy}"
                );
            }
        }
    }
}

#[test]
fn nobody_comes_in_while_it_is_not_exposed() {
    let workload = fixture::sample(Profile::Production);
    assert!(objects(&workload).exposure.is_empty());
    let open = |policy: &Value| policy["spec"].get("ingress").is_some();
    let policies = of_kind(&workload, "NetworkPolicy");
    let open: Vec<_> = policies.iter().filter(|of| open(of)).collect();
    // The operator alone, and by both its namespace and its label.
    assert_eq!(open.len(), 1);
    let from = &open[0]["spec"]["ingress"][0]["from"];
    assert_eq!(from.as_array().unwrap().len(), 1);
    for (selector, value) in [
        ("namespaceSelector", "emr-system"),
        ("podSelector", "emr-operator"),
    ] {
        let labels = from[0][selector]["matchLabels"].as_object().unwrap();
        assert_eq!(labels.values().collect::<Vec<_>>(), [value]);
    }
}

#[test]
fn two_hosts_lead_to_two_services_and_one_without_a_web_app() {
    let hosts = |workload: &Workload| -> Vec<(String, String)> {
        let ingress = of_kind(workload, "Ingress").remove(0);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let rules = ingress["spec"]["rules"].as_array().unwrap().iter();
        rules
            .map(|rule| {
                let backend = &rule["http"]["paths"][0]["backend"]["service"]["name"];
                (text(&rule["host"]), text(backend))
            })
            .collect()
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let api = pair("riverside-api.example.org", "riverside-medplum");
    assert_eq!(
        hosts(&exposed()),
        [
            pair("riverside.example.org", "riverside-medplum-web"),
            api.clone()
        ]
    );
    let mut alone = exposed();
    alone.web = None;
    assert_eq!(hosts(&alone), [api]);
    assert!(of_kind(&alone, "Deployment").len() == 2);
}

#[test]
fn the_apis_name_fits_the_same_certificate_where_there_is_room() {
    let long = "a".repeat(60);
    for (hostname, api) in [
        (
            "riverside.example.org".to_owned(),
            "riverside-api.example.org".to_owned(),
        ),
        (
            format!("{}.example.org", "a".repeat(59)),
            format!("{}-api.example.org", "a".repeat(59)),
        ),
        (
            format!("{long}.example.org"),
            format!("api.{long}.example.org"),
        ),
    ] {
        assert_eq!(default_api_hostname(&hostname).as_str(), api);
    }
}

#[test]
fn more_cpu_than_a_thread_uses_is_told() {
    let with = |cpu: &str, target| {
        let mut workload = fixture::sample(Profile::Production);
        let requests = [("cpu".to_owned(), Quantity(cpu.into()))].into();
        workload.resources = Some(ResourceRequirements {
            requests: Some(requests),
            ..Default::default()
        });
        workload.replicas.target_cpu = target;
        workload.warnings()
    };
    assert!(fixture::sample(Profile::Production).warnings().is_empty());
    for (cpu, target) in [("1", 70), ("1400m", 70), ("500m", 95), ("2", 50), ("4", 25)] {
        assert!(with(cpu, target).is_empty(), "{cpu} {target}");
    }
    for (cpu, target) in [("4", 70), ("1500m", 70), ("2", 51)] {
        assert_eq!(
            with(cpu, target),
            [Warning::CpuTargetOutOfReach],
            "{cpu} {target}"
        );
    }
}

#[test]
fn names_of_the_longest_instances_fit_and_stay_apart() {
    let long = format!("{}.{}", "9".repeat(63), "b-".repeat(94) + "b");
    let mut workload = exposed();
    for name in ["a", "7th-street", "a.b.c", long.as_str()] {
        workload.instance.name = name.into();
        let mut seen = std::collections::BTreeSet::new();
        for object in objects(&workload).iter() {
            let made = object.name();
            assert!(made.len() <= 63 && !made.contains('.'), "{made}");
            assert!(made.starts_with(|c: char| c.is_ascii_lowercase()), "{made}");
            assert!(seen.insert((object.kind(), made.to_owned())), "{made}");
            assert!(!object.meta().owner_references.clone().unwrap().is_empty());
        }
    }
}

/// A restored database has a Job of its own, which takes over what is there and makes nothing.
#[test]
fn a_restored_database_is_taken_over_by_a_job_of_its_own() {
    let job = |restored, host: &str| {
        let mut workload = Workload {
            restored,
            ..fixture::sample(Profile::Production)
        };
        workload.database.host = host.into();
        let install = objects(&workload).install.unwrap();
        let all = serde_json::to_value(&install).unwrap();
        let container = &all["spec"]["template"]["spec"]["containers"][0];
        let environment = container["env"].as_array().unwrap().clone();
        let takes_over = environment.iter().any(|of| of["name"] == "TAKEN_OVER");
        (install.name().to_owned(), takes_over)
    };
    let first = job(None, "a.example");
    assert_eq!(first, ("riverside-medplum-database".to_owned(), false));
    let (released, fenced) = (
        job(Some(Restored::Released), "a.example"),
        job(Some(Restored::Fenced), "a.example"),
    );
    assert!(released.1 && released.0.starts_with("riverside-medplum-database-"));
    assert_eq!(released, fenced, "what lets it out is no other database");
    assert_ne!(released.0, job(Some(Restored::Released), "b.example").0);
}

#[test]
fn a_snapshot_without_the_database_needs_a_person() {
    let failed = |code: u32| -> Job {
        let message = format!(
            "Container database for pod a/b failed with exit code {code} matching FailJob rule at index 0"
        );
        serde_json::from_value(json!({"status": {"conditions": [
            {"type": "Failed", "status": "True", "message": message},
        ]}}))
        .unwrap()
    };
    let said = "DatabaseMissing: what was restored holds no database medplum";
    let found = database::made(false, Some(&failed(51)), Some(said));
    assert_eq!(
        (found.reason, found.next),
        ("DatabaseMissing", Next::Person)
    );
    assert_eq!(
        found.message,
        "the restored database was not taken over: what was restored holds no database medplum"
    );
    for code in [41, 47, 49, 137] {
        let found = database::made(false, Some(&failed(code)), None);
        assert_eq!(found.next, Next::Retry, "{code}");
    }
}

#[test]
fn what_the_cache_held_before_a_restore_is_not_read() {
    let of = |cache_database| {
        let workload = Workload {
            cache_database,
            ..fixture::sample(Profile::Production)
        };
        let file = config::render(&workload, config::Role::Workers, &fixture::sensitive());
        file["redis"]["db"].clone()
    };
    assert_eq!(of(0), Value::Null);
    assert_eq!(of(3), 3);
}
