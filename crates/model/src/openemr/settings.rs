//! OpenEMR's settings, which it calls globals: what the spec says of them, and the Job that puts them into
//! the database (`scripts/settings.sh`).
//!
//! The image can change globals by environment variables, but by an update only, without escaping and
//! without TLS, and it prints each value. So a Job does it before the first worker starts, and again when
//! the spec says something else. The Job's name carries a hash of all settings: one that is complete says
//! that exactly these were put in place.

use std::collections::BTreeMap;

use emr_api::emr_instance::OpenEmr;
use emr_resource::names::hash;
use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{Container, PodSpec},
};

use super::{
    Hostname,
    config::Script,
    job,
    labels::Component,
    names,
    pod::{self, Role},
    volumes,
    workload::Workload,
};

/// A few statements; a new node and the image's pull take longer.
const DEADLINE_SECONDS: i64 = 1800;

/// The codes with which the script says why it stopped.
pub(super) const EXIT_CODES: [(&str, i32); 2] = [("settings", 66), ("settings", 67)];

/// The globals that an instance asks for, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// What the spec's fields and `spec.openemr.settings` say. The address for `OAuth2` and FHIR is always
    /// set: without it every token names another issuer than clients asked.
    pub fn of(openemr: &OpenEmr, hostname: &Hostname) -> Self {
        let mut globals = openemr.settings.clone();
        let mut put = |name: &str, value: String| globals.insert(name.to_owned(), value);
        let switch = |on: bool| if on { "1" } else { "0" }.to_owned();
        put("site_addr_oath", format!("https://{hostname}"));
        put("rest_api", switch(openemr.apis.rest));
        put("rest_fhir_api", switch(openemr.apis.fhir));
        put("rest_portal_api", switch(openemr.apis.portal));
        put("portal_onsite_two_enable", switch(openemr.patient_portal));
        if openemr.patient_portal {
            let address = format!("https://{hostname}/portal");
            put("portal_onsite_two_address", address);
        }
        Self(globals)
    }

    /// Changes when any of them does.
    pub fn revision(&self) -> String {
        hash(&[&self.lines()])
    }

    /// As the script reads them: a line each.
    fn lines(&self) -> String {
        let lines: Vec<_> = self
            .0
            .iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        lines.join("\n")
    }
}

/// The Job.
pub(super) fn job(workload: &Workload) -> Job {
    job::once(
        workload,
        names::settings_job(workload),
        Component::Settings,
        DEADLINE_SECONDS,
        &EXIT_CODES,
        pod_spec(workload),
    )
}

fn pod_spec(workload: &Workload) -> PodSpec {
    let tolerations = workload.tolerations.clone();
    PodSpec {
        restart_policy: Some("Never".into()),
        tolerations: (!tolerations.is_empty()).then_some(tolerations),
        containers: vec![Container {
            env: Some(vec![pod::plain("SETTINGS", workload.settings.lines())]),
            volume_mounts: Some(volumes::for_all()),
            resources: Some(pod::small()),
            ..pod::container(workload, "settings", Script::Settings)
        }],
        ..pod::base(workload, Role::Worker)
    }
}
