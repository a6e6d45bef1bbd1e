//! The sample: what is known of `clinics/riverside` once its backing services are there.

use std::collections::{BTreeMap, BTreeSet};

use emr_api::{
    emr_instance::{Architecture, Image},
    policy::Profile,
};
use emr_resource::ids::{Arn, Region, SecurityGroupId};

use super::super::*;

pub(super) fn cidrs(all: &[&str]) -> BTreeSet<String> {
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

pub(super) fn sample(profile: Profile) -> Workload {
    let (min, max, zones) = match profile {
        Profile::Production => (2, 100, 3),
        Profile::Staging => (2, 10, 3),
        Profile::Development => (1, 2, 3),
    };
    Workload {
        instance: Instance {
            namespace: "clinics".into(),
            name: "riverside".into(),
            uid: "0b1c5a52-6f0e-4c4e-9b0d-1f6f3d0a9c11".into(),
        },
        hostname: "riverside.example.org".into(),
        version: "8.2.0".into(),
        image: Image::default(),
        profile,
        architecture: Architecture::Arm64,
        resources: None,
        node_selector: BTreeMap::new(),
        tolerations: Vec::new(),
        zones,
        settings: Settings::default(),
        replicas: Replicas {
            min,
            max,
            target_cpu: 40,
            target_memory: 40,
        },
        database: Endpoint {
            host: "db.cluster-x.eu-central-1.rds.example".into(),
            port: 3306,
        },
        schema: "openemr".into(),
        cache: Endpoint {
            host: "cache-x.serverless.euc1.cache.example".into(),
            port: 6379,
        },
        files: Mounts {
            file_system: "fs-0a1b2c".into(),
            sites: "fsap-0sites".into(),
            certificates: "fsap-0certs".into(),
        },
        network: Network {
            database_cidrs: cidrs(&["10.0.0.0/19", "10.0.32.0/19", "10.0.64.0/19"]),
            cache_cidrs: cidrs(&["10.0.0.0/19", "10.0.32.0/19", "10.0.64.0/19"]),
            public_cidrs: cidrs(&["10.0.96.0/22", "10.0.100.0/22", "10.0.104.0/22"]),
            https: HttpsEgress::Endpoints(cidrs(&["10.0.0.0/19", "10.0.32.0/19"])),
        },
        exposure: None,
        restored: None,
        secrets: Secrets {
            master: "riverside-database-master".into(),
            app_user: "riverside-database-app".into(),
            app_revision: None,
            admin: Some("riverside-admin".into()),
            cache: CacheSecret {
                name: "riverside-cache".into(),
                revision: "r1".into(),
            },
        },
        authorities: Authorities::shipped(&Region::from("eu-central-1")).unwrap(),
    }
}
