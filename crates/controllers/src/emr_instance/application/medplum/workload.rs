//! From what the world holds to what Medplum's objects are built from.

use emr_api::{
    EmrInstance,
    emr_instance::{SERVER_REPOSITORY, Scale, WEB_REPOSITORY},
    policy::Profile,
};
use emr_model::{
    instance::MedplumPlan,
    medplum::{Bucket, Mail, Secrets, Web, Workers, Workload, connections_per_pod, limit_replicas},
    workload::{Endpoint, Hostname, Namespace, Replicas, Revision, Schema, SecretName, Version},
};
use emr_resource::ids::Region;

use super::super::{Known, around, identity};
use crate::{Context, connect, emr_instance::gather::World};

/// Medplum's database inside the server.
const SCHEMA: &str = "medplum";
/// Average use of CPU and memory at which pods are added, in percent; seed 001.
const TARGETS: (i32, i32) = (70, 80);

/// The workload, once database, cache and bucket have told where they are. The revision of its
/// configuration is filled in once that is written.
pub(in crate::emr_instance::application) fn workload(
    context: &Context,
    object: &EmrInstance,
    world: &World,
    plan: &MedplumPlan,
    known: &Known<'_>,
    version: &str,
) -> Option<(Workload, Scale)> {
    let (database, master) = around::database(world)?;
    let (spec, medplum) = (&object.spec, &plan.medplum);
    let connections = medplum.config.max_connections;
    let connections = connections.unwrap_or_else(|| connections_per_pod(spec.profile));
    let (replicas, workers, scale) = replicas(object, world, plan, known, connections)?;
    let smtp = medplum.config.email.as_ref();
    let smtp = smtp.and_then(|email| email.smtp.as_ref());
    let workload = Workload {
        instance: identity(object),
        hostname: Hostname::new(&spec.hostname),
        api_hostname: plan.api_hostname.clone(),
        version: Version::new(version),
        image: medplum.image.or(SERVER_REPOSITORY),
        web: medplum.web.enabled.then(|| Web {
            image: medplum.web.image.or(WEB_REPOSITORY),
            replicas: medplum.web.replicas.unwrap_or(plan.sizes.web_replicas),
        }),
        workers: workers.map(|replicas| Workers { replicas }),
        config: medplum.config.clone(),
        profile: spec.profile,
        architecture: spec.architecture,
        resources: spec.resources.clone(),
        node_selector: spec.node_selector.clone(),
        tolerations: spec.tolerations.clone(),
        zones: world.landing.network.private_subnets.len(),
        replicas,
        connections,
        reader: reader(world),
        database,
        schema: Schema::new(SCHEMA),
        cache: around::cache(world)?,
        cache_database: cache_database(object),
        bucket: bucket(world)?,
        network: around::network(world),
        mail: smtp.map(|smtp| Mail {
            host: smtp.host.clone(),
            port: smtp.port,
        }),
        operator: context.namespace.as_deref().map(Namespace::from),
        exposure: around::exposure(object, world, known.validated, known.own),
        restored: around::restored(object),
        revision: Revision::new(""),
        secrets: Secrets {
            master,
            app: SecretName::new(connect::secret_name(object, "app")),
        },
        authorities: known.authorities.clone(),
    };
    Some((workload, scale))
}

fn cache_database(object: &EmrInstance) -> u8 {
    let restored = object.status.as_ref().and_then(|of| of.restored.as_ref());
    restored.and_then(|set| set.cache_database).unwrap_or(0)
}

fn reader(world: &World) -> Option<Endpoint> {
    let status = world.database.as_ref()?.status.as_ref()?;
    around::endpoint(status.reader_endpoint.as_ref(), status.port)
        .filter(|reader| Some(&reader.host) != status.endpoint.as_ref())
}

fn bucket(world: &World) -> Option<Bucket> {
    let status = world.objects.as_ref()?.status.as_ref()?;
    Some(Bucket {
        name: status.bucket.clone()?,
        region: Region::from(status.region.as_deref()?),
    })
}

/// The replicas of API and workers, bounded by the database's connections (safety.md 16).
fn replicas(
    object: &EmrInstance,
    world: &World,
    plan: &MedplumPlan,
    known: &Known<'_>,
    connections: u32,
) -> Option<(Replicas, Option<Replicas>, Scale)> {
    let status = world.database.as_ref()?.status.as_ref()?;
    let accepted = u32::try_from(status.max_connections?).ok()?;
    let pool = plan.medplum.workers.enabled.then(|| {
        let scaling = &plan.medplum.workers.scaling;
        let usual = if object.spec.profile == Profile::Development {
            1
        } else {
            2
        };
        let min = scaling.min_replicas.unwrap_or(usual);
        (min, scaling.max_replicas.unwrap_or(4).max(min))
    });
    let limits = limit_replicas(known.validated.replicas, pool, accepted, connections);
    let scaled = |min, max, scaling: &emr_api::emr_instance::Scaling| Replicas {
        min,
        max,
        target_cpu: scaling.target_cpu_percent.unwrap_or(TARGETS.0),
        target_memory: scaling.target_memory_percent.unwrap_or(TARGETS.1),
    };
    let api = scaled(limits.api.min, limits.api.max, &object.spec.scaling);
    let of_pool = &plan.medplum.workers.scaling;
    let workers = limits
        .workers
        .map(|pool| scaled(pool.min, pool.max, of_pool));
    let scale = Scale {
        min_replicas: api.min,
        max_replicas: api.max,
        limited_by: limits.api.limited_by,
    };
    Some((api, workers, scale))
}
