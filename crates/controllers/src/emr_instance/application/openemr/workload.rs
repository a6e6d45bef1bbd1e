//! From what the world holds to what the application's objects are built from.

use emr_api::{EmrInstance, emr_instance::Scale};
use emr_model::{
    instance::{CERTIFICATES, OpenEmrPlan, SITES, users},
    openemr::{
        self, CONNECTIONS_PER_POD, CacheSecret, Hostname, Mounts, Replicas, Revision, Schema,
        SecretName, Secrets, Settings, Version, Workload,
    },
};
use emr_resource::ids::{AccessPointId, FileSystemId};

use super::super::{Known, around, identity};
use crate::{connect, emr_instance::gather::World};

/// OpenEMR's database inside the cluster.
const SCHEMA: &str = "openemr";
/// Average use at which pods are added, in percent; seed 000.
const TARGET_PERCENT: i32 = 40;

/// The workload, once database, cache and files have told where they are.
pub(crate) fn workload(
    object: &EmrInstance,
    world: &World,
    plan: &OpenEmrPlan,
    known: &Known<'_>,
    cache_revision: Option<String>,
    version: &str,
) -> Option<(Workload, Scale)> {
    let Known {
        validated,
        authorities,
        own,
    } = known;
    let (Some((database, master)), Some(cache), Some(files), Some(revision)) = (
        around::database(world),
        around::cache(world),
        files(world),
        cache_revision,
    ) else {
        return None;
    };
    let spec = &object.spec;
    let status = object.status.clone().unwrap_or_default();
    let (replicas, scale) = replicas(object, world, plan, validated.replicas);
    let network = &world.landing.network;
    let name = |purpose: &str| SecretName::new(connect::secret_name(object, purpose));
    let workload = Workload {
        instance: identity(object),
        hostname: Hostname::new(&spec.hostname),
        version: Version::new(version),
        image: plan.openemr.image.clone(),
        profile: spec.profile,
        architecture: spec.architecture,
        resources: spec.resources.clone(),
        node_selector: spec.node_selector.clone(),
        tolerations: spec.tolerations.clone(),
        zones: network.private_subnets.len(),
        settings: Settings::of(&plan.openemr, &Hostname::new(&spec.hostname)),
        replicas,
        database,
        schema: Schema::new(SCHEMA),
        cache,
        files,
        network: around::network(world),
        exposure: around::exposure(object, world, validated, own),
        restored: around::restored(object),
        secrets: Secrets {
            master,
            app_user: name(users::purpose(users::active(object))),
            app_revision: openemr::rotation::revision(&status.database_users.unwrap_or_default()),
            admin: spec.restore_from.is_none().then(|| name("admin")),
            cache: CacheSecret {
                name: name("cache"),
                revision: Revision::new(revision),
            },
        },
        authorities: (*authorities).clone(),
    };
    Some((workload, scale))
}

fn files(world: &World) -> Option<Mounts> {
    let status = world.files.as_ref()?.status.as_ref()?;
    let point = |name: &str| {
        let found = status
            .access_points
            .iter()
            .find(|point| point.name == name)?;
        Some(AccessPointId::new(&found.id))
    };
    Some(Mounts {
        file_system: FileSystemId::new(status.file_system_id.as_ref()?),
        sites: point(SITES)?,
        certificates: point(CERTIFICATES)?,
    })
}

/// The replicas, bounded by the database's connections (safety.md 16).
fn replicas(
    object: &EmrInstance,
    world: &World,
    plan: &OpenEmrPlan,
    (min, max): (i32, i32),
) -> (Replicas, Scale) {
    let accepted = world
        .database
        .as_ref()
        .and_then(|database| database.status.as_ref()?.max_connections)
        .and_then(|accepted| u32::try_from(accepted).ok())
        .unwrap_or_else(|| openemr::aurora_mysql_max_connections(plan.mysql.capacity.max_acu));
    let limited = openemr::limit_replicas(min, max, accepted, CONNECTIONS_PER_POD);
    let scaling = &object.spec.scaling;
    let replicas = Replicas {
        min: limited.min,
        max: limited.max,
        target_cpu: scaling.target_cpu_percent.unwrap_or(TARGET_PERCENT),
        target_memory: scaling.target_memory_percent.unwrap_or(TARGET_PERCENT),
    };
    let scale = Scale {
        min_replicas: limited.min,
        max_replicas: limited.max,
        limited_by: limited.limited_by,
    };
    (replicas, scale)
}
