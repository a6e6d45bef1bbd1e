//! The sample: what is known of `clinics/riverside` once its backing services are there.

use std::collections::BTreeMap;

use emr_api::{
    emr_instance::{Architecture, ImageSource, MedplumConfig, SERVER_REPOSITORY, WEB_REPOSITORY},
    policy::Profile,
};
use emr_resource::ids::{Arn, Region, SecurityGroupId};
use zeroize::Zeroizing;

use super::super::{Web, Workers, *};
use crate::workload::{Authorities, Endpoint, Exposure, HttpsEgress, Instance, Network, Replicas};

pub(super) fn cidrs(all: &[&str]) -> std::collections::BTreeSet<String> {
    all.iter().map(ToString::to_string).collect()
}

pub(super) fn exposure() -> Option<Exposure> {
    Exposure::new(
        Some(Arn::from(
            "arn:aws:acm:eu-central-1:111122223333:certificate/5c8f",
        )),
        cidrs(&["198.51.100.0/24", "203.0.113.7/32"]),
        SecurityGroupId::from("sg-0front"),
    )
}

pub(super) const fn replicas(min: i32, max: i32) -> Replicas {
    Replicas {
        min,
        max,
        target_cpu: 70,
        target_memory: 80,
    }
}

pub(super) fn sample(profile: Profile) -> Workload {
    let production = profile == Profile::Production;
    let private = cidrs(&["10.0.0.0/19", "10.0.32.0/19", "10.0.64.0/19"]);
    Workload {
        instance: Instance {
            namespace: "clinics".into(),
            name: "riverside".into(),
            uid: "0b1c5a52-6f0e-4c4e-9b0d-1f6f3d0a9c11".into(),
        },
        hostname: "riverside.example.org".into(),
        api_hostname: default_api_hostname("riverside.example.org"),
        version: "4.3.15".into(),
        image: ImageSource::default().or(SERVER_REPOSITORY),
        web: Some(Web {
            image: ImageSource::default().or(WEB_REPOSITORY),
            replicas: if production { 2 } else { 1 },
        }),
        workers: production.then_some(Workers {
            replicas: replicas(2, 6),
        }),
        config: MedplumConfig::default(),
        profile,
        architecture: Architecture::Arm64,
        resources: None,
        node_selector: BTreeMap::new(),
        tolerations: Vec::new(),
        zones: 3,
        replicas: if production {
            replicas(2, 10)
        } else {
            replicas(1, 3)
        },
        connections: connections_per_pod(profile),
        database: endpoint("db-x.eu-central-1.rds.example", 5432),
        reader: production.then(|| endpoint("db-x-reader.eu-central-1.rds.example", 5432)),
        schema: "medplum".into(),
        cache: endpoint("master.cache-x.euc1.cache.example", 6379),
        cache_database: 0,
        bucket: Bucket {
            name: "emr-riverside-files".into(),
            region: Region::from("eu-central-1"),
        },
        network: Network {
            database_cidrs: private.clone(),
            cache_cidrs: private,
            public_cidrs: cidrs(&["10.0.96.0/22", "10.0.100.0/22", "10.0.104.0/22"]),
            https: HttpsEgress::Endpoints(cidrs(&["10.0.0.0/19", "10.0.32.0/19"])),
        },
        mail: None,
        operator: production.then(|| "emr-system".into()),
        exposure: None,
        restored: None,
        revision: "r1".into(),
        secrets: Secrets {
            master: "riverside-master".into(),
            app: "riverside-app".into(),
        },
        authorities: Authorities::shipped(&Region::from("eu-central-1")).unwrap(),
    }
}

fn endpoint(host: &str, port: u16) -> Endpoint {
    Endpoint {
        host: host.into(),
        port,
    }
}

/// Words that must be found nowhere but in the configuration.
pub(super) const PLANTED: [&str; 6] = [
    "planted-database",
    "planted-token",
    "planted-pem",
    "planted-passphrase",
    "planted-admin",
    "planted-mail",
];

pub(super) fn sensitive() -> Sensitive {
    let secret = |text: &str| Zeroizing::new(text.to_owned());
    let user = |username: &str, password: &str| Credentials {
        username: username.into(),
        password: secret(password),
    };
    Sensitive {
        database: user("medplum_a", "planted-database"),
        cache_token: secret("planted-token"),
        signing_key: SigningKey {
            id: "riverside-1".into(),
            pem: secret("planted-pem"),
            passphrase: secret("planted-passphrase"),
        },
        super_admin: Some(user("admin@riverside.example.org", "planted-admin")),
        mail: Some(user("mailer", "planted-mail")),
    }
}
