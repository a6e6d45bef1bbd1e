//! What must hold whatever the golden files say.

use emr_api::policy::Profile;
use emr_resource::ids::{Arn, Region, SecurityGroupId};
use k8s_openapi::{
    api::core::v1::ResourceRequirements, apimachinery::pkg::api::resource::Quantity,
};
use serde_json::{Value, json};

use super::{
    super::*,
    fixture::{self, cidrs},
};
use crate::workload::authorities::REGIONS;

fn of_kind(workload: &Workload, kind: &str) -> Value {
    let found: Vec<_> = objects(workload)
        .iter()
        .filter(|o| o.kind() == kind)
        .cloned()
        .collect();
    assert_eq!(found.len(), 1, "{kind}");
    serde_json::to_value(&found[0]).unwrap()
}

fn exposed() -> Workload {
    Workload {
        exposure: fixture::exposure(),
        ..fixture::sample(Profile::Production)
    }
}

#[test]
fn the_job_alone_sees_the_master() {
    for object in objects(&exposed())
        .iter()
        .filter(|object| object.kind() != "Job")
        .chain([&check_job(&exposed())])
    {
        let text = serde_json::to_string(object).unwrap();
        assert!(
            !text.contains("riverside-database-master"),
            "{} {text}",
            object.kind()
        );
        if object.kind() == "Deployment" {
            assert!(
                !text.contains("MYSQL_ROOT") && !text.contains("riverside-admin"),
                "{text}"
            );
        }
    }
    let job = of_kind(&exposed(), "Job").to_string();
    assert!(job.contains("riverside-database-master"), "{job}");
}

#[test]
fn the_images_settings_are_never_used() {
    let text = serde_json::to_string(&objects(&exposed()).iter().collect::<Vec<_>>()).unwrap();
    assert!(!text.contains("OPENEMR_SETTING"));
    assert!(!text.contains("\"OPERATOR\""));
}

#[test]
fn replicas_are_the_autoscalers() {
    let deployment = of_kind(&exposed(), "Deployment");
    assert_eq!(deployment["spec"].get("replicas"), None);
    let autoscaler = of_kind(&exposed(), "HorizontalPodAutoscaler");
    assert_eq!(
        autoscaler["spec"]["scaleTargetRef"]["name"],
        deployment["metadata"]["name"]
    );
}

#[test]
fn the_job_runs_once() {
    let spec = of_kind(&exposed(), "Job")["spec"].clone();
    assert_eq!(spec["parallelism"], 1);
    assert_eq!(spec["completions"], 1);
    assert_eq!(spec["backoffLimit"], 0);
    assert_eq!(spec["podReplacementPolicy"], "Failed");
    assert_eq!(spec["template"]["spec"]["restartPolicy"], "Never");
    assert_eq!(spec.get("ttlSecondsAfterFinished"), None);
    let names = |list: &Value| -> Vec<String> {
        list.as_array()
            .unwrap()
            .iter()
            .map(|c| c["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names(&spec["template"]["spec"]["initContainers"]),
        ["prepare", "guard"]
    );
}

#[test]
fn no_certificate_or_nobody_allowed_is_no_way_in() {
    let group = SecurityGroupId::from("sg-0front");
    let certificate = Some(Arn::from("arn:aws:acm:x"));
    assert_eq!(
        Exposure::new(None, cidrs(&["10.0.0.0/8"]), group.clone()),
        None
    );
    assert_eq!(
        Exposure::new(Some(Arn::from("")), cidrs(&["10.0.0.0/8"]), group.clone()),
        None
    );
    assert_eq!(Exposure::new(certificate, cidrs(&[]), group), None);
    assert!(
        objects(&fixture::sample(Profile::Production))
            .exposure
            .is_empty()
    );
    let annotations = of_kind(&exposed(), "Ingress")["metadata"]["annotations"].clone();
    assert_eq!(
        annotations["alb.ingress.kubernetes.io/security-groups"],
        "sg-0front"
    );
    assert_eq!(
        annotations["alb.ingress.kubernetes.io/inbound-cidrs"],
        "198.51.100.0/24,203.0.113.7/32"
    );
    assert_eq!(
        annotations["alb.ingress.kubernetes.io/listen-ports"],
        r#"[{"HTTPS":443}]"#
    );
}

#[test]
fn a_changed_secret_or_authority_rolls_the_workers_and_nothing_else_does() {
    let hash = |workload: &Workload| {
        of_kind(workload, "Deployment")["spec"]["template"]["metadata"]["annotations"]
            ["emrstack.dev/config-hash"]
            .clone()
    };
    let first = exposed();
    let mut rotated = first.clone();
    rotated.secrets.cache.revision = "r2".into();
    assert_ne!(hash(&first), hash(&rotated));
    let mut trusted = first.clone();
    trusted.authorities.database.push('x');
    assert_ne!(hash(&first), hash(&trusted));
    let mut scaled = first.clone();
    scaled.replicas.max = 7;
    assert_eq!(
        of_kind(&first, "Deployment"),
        of_kind(&scaled, "Deployment")
    );
}

#[test]
fn stateless_objects_are_owned_and_files_are_not() {
    for object in objects(&exposed()).iter() {
        let owners = object.meta().owner_references.clone().unwrap_or_default();
        let is_files = object.kind().starts_with("PersistentVolume");
        assert_eq!(owners.is_empty(), is_files, "{}", object.kind());
        let finalizers = object.meta().finalizers.clone().unwrap_or_default();
        assert_eq!(!finalizers.is_empty(), object.kind() == "PersistentVolume");
    }
}

#[test]
fn services_find_workers_and_never_the_job() {
    let selector = of_kind(&exposed(), "Service")["spec"]["selector"].clone();
    let matches = |kind: &str| {
        let labels = of_kind(&exposed(), kind)["spec"]["template"]["metadata"]["labels"].clone();
        selector
            .as_object()
            .unwrap()
            .iter()
            .all(|(key, value)| labels.get(key) == Some(value))
    };
    assert!(matches("Deployment"));
    assert!(!matches("Job"));
}

#[test]
fn the_autoscaler_always_finds_requests() {
    let mut workload = exposed();
    let limits = [("cpu".to_owned(), Quantity("3".into()))].into();
    workload.resources = Some(ResourceRequirements {
        limits: Some(limits),
        ..Default::default()
    });
    let container =
        of_kind(&workload, "Deployment")["spec"]["template"]["spec"]["containers"][0]["resources"]
            .clone();
    assert_eq!(
        container,
        json!({"requests": {"cpu": "3", "memory": "4Gi"}, "limits": {"cpu": "3", "memory": "4Gi"}})
    );
}

#[test]
fn an_image_can_be_pinned() {
    let mut workload = exposed();
    workload.image.digest = Some(format!("sha256:{}", "0".repeat(64)));
    let image =
        of_kind(&workload, "Deployment")["spec"]["template"]["spec"]["containers"][0]["image"]
            .clone();
    assert_eq!(
        image,
        format!("openemr/openemr:8.2.0@sha256:{}", "0".repeat(64))
    );
}

#[test]
fn only_production_waits_for_zones_and_never_for_all_of_them() {
    let zone = |profile, zones| {
        let workload = Workload {
            zones,
            ..fixture::sample(profile)
        };
        of_kind(&workload, "Deployment")["spec"]["template"]["spec"]["topologySpreadConstraints"][0]
            .clone()
    };
    assert_eq!(
        zone(Profile::Production, 3)["whenUnsatisfiable"],
        "DoNotSchedule"
    );
    assert_eq!(zone(Profile::Production, 3)["minDomains"], 2);
    assert_eq!(
        zone(Profile::Production, 1)["whenUnsatisfiable"],
        "ScheduleAnyway"
    );
    assert_eq!(
        zone(Profile::Staging, 3)["whenUnsatisfiable"],
        "ScheduleAnyway"
    );
    assert_eq!(zone(Profile::Staging, 3).get("minDomains"), None);
}

#[test]
fn every_region_ships_three_roots_and_an_unknown_one_none() {
    for region in REGIONS {
        let authorities = Authorities::shipped(&Region::from(*region)).unwrap();
        assert_eq!(
            authorities.database.matches("BEGIN CERTIFICATE").count(),
            3,
            "{region}"
        );
        assert_eq!(authorities.cache.matches("BEGIN CERTIFICATE").count(), 5);
    }
    assert_eq!(Authorities::shipped(&Region::from("xx-nowhere-1")), None);
}

#[test]
fn a_given_bundle_is_what_pods_trust_wherever_they_are() {
    let shipped = Authorities::shipped(&Region::from("eu-west-1")).unwrap();
    for region in ["us-gov-west-1", "cn-north-1", "eu-central-1"] {
        let authorities = Authorities::of(&Region::from(region), Some(&shipped.database)).unwrap();
        assert_eq!(authorities, shipped, "{region}");
        let mut workload = exposed();
        workload.authorities = authorities;
        let mounted = objects(&workload)
            .iter()
            .map(|object| serde_json::to_value(object).unwrap())
            .find(|object| object["data"]["mysql-ca"].is_string());
        assert_eq!(mounted.unwrap()["data"]["mysql-ca"], shipped.database);
    }
    let region = Region::from("us-gov-west-1");
    let error = Authorities::of(&region, None).unwrap_err();
    assert_eq!(error.reason(), "UnknownRegion");
    let message = error.to_string();
    assert!(message.contains("set spec.tls.rdsCaBundle"), "{message}");
    assert!(message.contains("us-gov-west-1-bundle.pem"), "{message}");
}
