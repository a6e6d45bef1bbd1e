//! Many clinics on one platform, each as short as a manifest can be.

use std::{fmt::Write as _, ops::Range};

use emr_resource::quota::Quota;

use crate::world::World;

/// The platform that all land on.
pub(crate) const PLATFORM: &str = "apiVersion: emrstack.dev/v1alpha1
kind: EmrPlatform
metadata: {name: default}
spec: {eks: {clusterName: clinics}}
";

/// The platform and these clinics.
pub(crate) fn manifests(which: Range<usize>) -> String {
    let mut manifests = PLATFORM.to_owned();
    for clinic in which {
        manifests.push_str("---");
        manifests.push_str(&manifest(clinic));
    }
    manifests
}

/// One clinic.
pub(crate) fn manifest(clinic: usize) -> String {
    let mut manifest = String::new();
    let _ = write!(
        manifest,
        "
apiVersion: emrstack.dev/v1alpha1
kind: EmrInstance
metadata: {{name: clinic-{clinic:05}, namespace: clinics}}
spec: {{hostname: clinic-{clinic:05}.example.org, openemr: {{version: 8.2.0}}}}
"
    );
    manifest
}

/// AWS gives the account as much as it asks for.
pub(crate) fn lift_quotas(world: &World) {
    world.look(|room| {
        for quota in Quota::ALL {
            room.set_quota(quota, 1_000_000);
        }
    });
}
