//! Mass deletion is stopped at the door (safety.md 4), by the chart's policies; and the chart's
//! roles are those that the operator runs under.
//!
//! Nothing here has anything in AWS: the objects name a platform that does not exist, so nothing is
//! made for them, and they go as soon as they are let.

use std::{path::PathBuf, process::Stdio, sync::Arc, time::Duration};

use emr_api::{EmrInstance, EmrPlatform, ManagedDatabase, SharedFileSystem, labels};
use emr_sandbox::{Sandbox, apply, apply_yaml};
use k8s_openapi::{
    api::{
        apps::v1::Deployment,
        core::v1::Namespace,
        rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding},
    },
    apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use kube::{
    Api, Resource, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams},
};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{
    Failure, Outcome, World,
    failure::ensure,
    kinds::{Told, until, until_gone},
    world::OPERATOR,
};

/// The label of the namespaces that the policies hold in; other scenarios delete as they like.
const DOOR: (&str, &str) = ("emrstack.dev/e2e", "admission");
const CRD: &str = "emrinstances.emrstack.dev";
const SOON: Duration = Duration::from_secs(30);

/// Applies the chart's policies and waits until the API server goes by them.
pub async fn install_admission(sandbox: &Sandbox) -> Outcome {
    let (label, value) = DOOR;
    let selector = json!({"matchLabels": {label: value}});
    let rendered = helm_template(
        sandbox,
        OPERATOR,
        &["admission"],
        &format!("admission.namespaceSelector={selector}"),
    )
    .await?;
    let client = sandbox.control_plane.client();
    apply_yaml(&client, None, &rendered).await?;
    // The last binding of the chart's is the one for CRDs, and the API server takes policies over
    // in the order of their making: once this one holds, all do. A dry run deletes nothing.
    let crds = Api::<CustomResourceDefinition>::all(client);
    let deadline = tokio::time::Instant::now() + SOON;
    while crds.delete(CRD, &dry_run()).await.is_ok() {
        ensure(tokio::time::Instant::now() < deadline, || {
            "the admission policies do not hold".into()
        })?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// What the chart yields for a release, from some of its templates.
async fn helm_template(
    sandbox: &Sandbox,
    (namespace, release): (&str, &str),
    templates: &[&str],
    set: &str,
) -> Outcome<String> {
    let chart = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../charts/emr-operator");
    let mut helm = Command::new(sandbox.control_plane.binaries().program("helm"));
    helm.args(["template", release])
        .arg(chart)
        .args(["--namespace", namespace, "--set", "aws.region=us-east-1"])
        .args(["--set-json", set]);
    for template in templates {
        helm.args(["--show-only", &format!("templates/{template}.yaml")]);
    }
    let (done, output, errors) = run(helm).await?;
    ensure(done, || format!("helm template failed: {errors}"))?;
    Ok(output)
}

async fn run(mut command: Command) -> Outcome<(bool, String, String)> {
    let output = command.stdin(Stdio::null()).output().await?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((
        output.status.success(),
        text(&output.stdout),
        text(&output.stderr),
    ))
}

fn dry_run() -> DeleteParams {
    DeleteParams {
        dry_run: true,
        ..DeleteParams::default()
    }
}

/// A namespace in which the policies hold.
struct Ward {
    world: Arc<World>,
    namespace: &'static str,
}

impl Ward {
    async fn open(world: &Arc<World>, namespace: &'static str) -> Outcome<Self> {
        let (label, value) = DOOR;
        let object = json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": namespace, "labels": {label: value}},
        });
        apply(&world.client(), None, object).await?;
        Ok(Self {
            world: Arc::clone(world),
            namespace,
        })
    }

    fn api<K>(&self) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        Api::namespaced(self.world.client(), self.namespace)
    }

    async fn make(&self, kind: &str, name: &str, mut spec: Value) -> Outcome {
        spec["platformRef"] = json!({"name": "nowhere"});
        let object = json!({
            "apiVersion": "emrstack.dev/v1alpha1",
            "kind": kind,
            // How the operator knows the children of instances.
            "metadata": {"name": name, "labels": {labels::INSTANCE: name}},
            "spec": spec,
        });
        apply(&self.world.client(), Some(self.namespace), object).await?;
        Ok(())
    }

    /// An instance that the operator has seen, with the stores that it would have.
    async fn instance(&self, name: &str, profile: Option<&str>) -> Outcome {
        let mut spec = json!({
            "hostname": format!("{name}.{}.example.org", self.namespace),
            "openemr": {"version": "8.2.0"},
        });
        if let Some(profile) = profile {
            spec["profile"] = profile.into();
        }
        self.make("EmrInstance", name, spec).await?;
        self.make("ManagedDatabase", name, json!({"auroraMysql": {}}))
            .await?;
        self.make("SharedFileSystem", name, json!({})).await?;
        let held = |finalizers: &[String]| finalizers.iter().any(|held| held == labels::FINALIZER);
        let instances = self.api::<EmrInstance>();
        until(&instances, name, "held", SOON, |it| held(it.finalizers())).await?;
        let databases = self.api::<ManagedDatabase>();
        until(&databases, name, "held", SOON, |it| held(it.finalizers())).await?;
        let files = self.api::<SharedFileSystem>();
        until(&files, name, "held", SOON, |it| held(it.finalizers())).await?;
        Ok(())
    }

    /// All three are there and nobody has begun to delete them.
    async fn untouched(&self, name: &str) -> Outcome {
        stays(&self.api::<EmrInstance>(), name).await?;
        stays(&self.api::<ManagedDatabase>(), name).await?;
        stays(&self.api::<SharedFileSystem>(), name).await
    }

    /// All three are gone.
    async fn gone(&self, name: &str) -> Outcome {
        until_gone(&self.api::<EmrInstance>(), name, SOON).await?;
        until_gone(&self.api::<ManagedDatabase>(), name, SOON).await?;
        until_gone(&self.api::<SharedFileSystem>(), name, SOON).await
    }

    /// kubectl, as an admin of the cluster calls it.
    async fn kubectl(&self, arguments: &str) -> Outcome<(bool, String, String)> {
        let plane = &self.world.sandbox.control_plane;
        let mut kubectl = Command::new(plane.binaries().program("kubectl"));
        kubectl
            .env("KUBECONFIG", plane.kubeconfig())
            .args(arguments.split(' '));
        run(kubectl).await
    }

    /// Runs the command that a refusal ends with.
    async fn heed(&self, refusal: &str) -> Outcome {
        let remedy = refusal.trim().split_once("To confirm, run: kubectl ");
        let (_, arguments) = remedy.ok_or_else(|| Failure::Assertion(refusal.to_owned()))?;
        let (done, _, errors) = self.kubectl(arguments).await?;
        ensure(done, || format!("kubectl {arguments}: {errors}"))
    }
}

async fn stays<K: Told>(api: &Api<K>, name: &str) -> Outcome {
    let marked = api.get(name).await?.meta().deletion_timestamp.is_some();
    let kind = K::kind(&());
    ensure(!marked, || format!("{kind} {name} is being deleted"))
}

/// Deletes, and expects to be refused; gives what the API server said.
async fn refused<K: Told>(api: &Api<K>, name: &str, how: &DeleteParams) -> Outcome<String> {
    match api.delete(name, how).await {
        Err(kube::Error::Api(status)) if status.code == 403 => Ok(status.message.clone()),
        Err(error) => Err(error.into()),
        Ok(_) => Err(Failure::Assertion(format!(
            "{} {name} was deleted without a confirmation",
            K::kind(&())
        ))),
    }
}

async fn annotate<K: Told>(api: &Api<K>, name: &str, value: Option<&str>) -> Outcome {
    let patch = json!({"metadata": {"annotations": {labels::CONFIRM_DELETE: value}}});
    api.patch(name, &PatchParams::default(), &Patch::Merge(&patch))
        .await?;
    Ok(())
}

/// A Production instance and what holds its data stay, until the refusal's own advice is followed.
pub async fn production_goes_only_when_confirmed(world: Arc<World>) -> Outcome {
    let ward = Ward::open(&world, "door-production").await?;
    // Production is the default.
    ward.instance("riverside", None).await?;
    let (done, _, said) = ward
        .kubectl("delete emrinstance riverside -n door-production")
        .await?;
    ensure(
        !done
            && said.trim().ends_with(
                "denied request: EmrInstance riverside is a Production instance: deleting it \
                 shuts the clinic down. To confirm, run: kubectl annotate \
                 emrinstances.emrstack.dev riverside -n door-production --overwrite \
                 emrstack.dev/confirm-delete=riverside",
            ),
        || said.clone(),
    )?;
    let instances = ward.api::<EmrInstance>();
    // The confirmation of another object, copied with its manifest, say.
    annotate(&instances, "riverside", Some("lakeside")).await?;
    refused(&instances, "riverside", &DeleteParams::default()).await?;
    // Many at once: the API server asks for each.
    let many = instances
        .delete_collection(&DeleteParams::default(), &ListParams::default())
        .await;
    ensure(many.is_err(), || "deletecollection was let through".into())?;
    ward.untouched("riverside").await?;

    ward.heed(&said).await?;
    instances
        .delete("riverside", &DeleteParams::default())
        .await?;
    // The operator's planned step takes the stores along.
    ward.gone("riverside").await
}

/// What holds data goes by the operator's planned step, or confirmed; never by hand alone.
pub async fn data_goes_only_as_planned_or_confirmed(world: Arc<World>) -> Outcome {
    let ward = Ward::open(&world, "door-data").await?;
    ward.instance("rehearsal", Some("Staging")).await?;
    let databases = ward.api::<ManagedDatabase>();
    let said = refused(&databases, "rehearsal", &DeleteParams::default()).await?;
    ensure(
        said.ends_with(
            "denied request: ManagedDatabase rehearsal holds patients' data and goes with its \
             EmrInstance, not by hand. To confirm, run: kubectl annotate \
             manageddatabases.emrstack.dev rehearsal -n door-data --overwrite \
             emrstack.dev/confirm-delete=rehearsal",
        ),
        || said.clone(),
    )?;
    let files = ward.api::<SharedFileSystem>();
    refused(&files, "rehearsal", &DeleteParams::default()).await?;
    // The operator's own account is not enough: its planned step names the UID.
    let (namespace, account) = OPERATOR;
    let (done, _, said) = ward
        .kubectl(&format!(
            "delete mdb rehearsal -n door-data --as=system:serviceaccount:{namespace}:{account}"
        ))
        .await?;
    ensure(!done && said.contains("To confirm, run"), || said.clone())?;
    ward.untouched("rehearsal").await?;

    // Staging asks nobody, and its stores leave by the planned step, unconfirmed.
    let instances = ward.api::<EmrInstance>();
    instances
        .delete("rehearsal", &DeleteParams::default())
        .await?;
    ward.gone("rehearsal").await?;

    // A database on its own, confirmed.
    ward.make("ManagedDatabase", "archive", json!({"auroraMysql": {}}))
        .await?;
    let said = refused(&databases, "archive", &DeleteParams::default()).await?;
    ward.heed(&said).await?;
    databases
        .delete("archive", &DeleteParams::default())
        .await?;
    until_gone(&databases, "archive", SOON).await
}

/// Without CRDs and platforms there are no instances, so they are held too, everywhere.
pub async fn platforms_and_crds_go_only_when_confirmed(world: Arc<World>) -> Outcome {
    let platforms = Api::<EmrPlatform>::all(world.client());
    let platform = json!({
        "apiVersion": "emrstack.dev/v1alpha1",
        "kind": "EmrPlatform",
        "metadata": {"name": "door", "annotations": {"emrstack.dev/paused": "true"}},
        "spec": {"eks": {"clusterName": "nowhere"}},
    });
    apply(&world.client(), None, platform).await?;
    let said = refused(&platforms, "door", &DeleteParams::default()).await?;
    ensure(
        said.ends_with(
            "denied request: EmrPlatform door carries every instance that lands on it. To \
             confirm, run: kubectl annotate emrplatforms.emrstack.dev door --overwrite \
             emrstack.dev/confirm-delete=door",
        ),
        || said.clone(),
    )?;
    annotate(&platforms, "door", Some("door")).await?;
    platforms.delete("door", &DeleteParams::default()).await?;
    until_gone(&platforms, "door", SOON).await?;

    // Dry runs, which are admitted or refused like the rest: a CRD takes every object along.
    let crds = Api::<CustomResourceDefinition>::all(world.client());
    for crd in emr_api::crd::all() {
        let name = crd.name_any();
        let said = refused(&crds, &name, &dry_run()).await?;
        let remedy = format!(
            "kubectl annotate customresourcedefinitions.apiextensions.k8s.io {name} --overwrite \
             emrstack.dev/confirm-delete={name}"
        );
        ensure(said.ends_with(&remedy), || said.clone())?;
        annotate(&crds, &name, Some(&name)).await?;
        let confirmed = crds.delete(&name, &dry_run()).await;
        annotate(&crds, &name, None).await?;
        confirmed?;
    }
    Ok(())
}

/// A namespace that is deleted hangs on its unconfirmed Production instance and says so.
pub async fn a_deleted_namespace_keeps_production(world: Arc<World>) -> Outcome {
    let ward = Ward::open(&world, "door-namespace").await?;
    ward.instance("riverside", Some("Production")).await?;
    ward.instance("rehearsal", Some("Development")).await?;
    let namespaces = Api::<Namespace>::all(world.client());
    namespaces
        .delete(ward.namespace, &DeleteParams::default())
        .await?;
    // What needs no confirmation goes, although its stores can't go by themselves.
    ward.gone("rehearsal").await?;
    until(
        &namespaces,
        ward.namespace,
        "hanging on the instance",
        SOON,
        |namespace| {
            namespace.conditions().iter().any(|condition| {
                condition.status == "True"
                    && condition
                        .message
                        .contains("emrstack.dev/confirm-delete=riverside")
            })
        },
    )
    .await?;
    ward.untouched("riverside").await?;

    annotate(&ward.api::<EmrInstance>(), "riverside", Some("riverside")).await?;
    ward.api::<EmrInstance>()
        .delete("riverside", &DeleteParams::default())
        .await?;
    ward.gone("riverside").await
}

/// A release of the chart gives the operator the roles that it has here, no more and no less, and
/// its pods pass restricted Pod Security.
pub async fn the_chart_grants_what_the_operator_runs_under(world: Arc<World>) -> Outcome {
    let (namespace, account) = ("door-chart", "emr-operator-of-the-chart");
    let client = world.client();
    let strict = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": namespace,
            "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
        },
    });
    apply(&client, None, strict).await?;
    let templates = [
        "serviceaccount",
        "rbac",
        "deployment",
        "poddisruptionbudget",
        "service",
    ];
    let release = (namespace, account);
    let rendered = helm_template(&world.sandbox, release, &templates, "replicas=2").await?;
    apply_yaml(&client, None, &rendered).await?;

    let (own_namespace, own) = OPERATOR;
    let roles = Api::<ClusterRole>::all(client.clone());
    let (chart, live) = (roles.get(account).await?, roles.get(own).await?);
    ensure(live.rules.is_some() && chart.rules == live.rules, || {
        format!("chart: {:#?}\nlive: {:#?}", chart.rules, live.rules)
    })?;
    let chart = Api::<Role>::namespaced(client.clone(), namespace);
    let live = Api::<Role>::namespaced(client.clone(), own_namespace);
    let (chart, live) = (chart.get(account).await?, live.get(own).await?);
    ensure(live.rules.is_some() && chart.rules == live.rules, || {
        format!("chart: {:#?}\nlive: {:#?}", chart.rules, live.rules)
    })?;
    let binding = Api::<ClusterRoleBinding>::all(client.clone());
    let wide = binding.get(account).await?;
    let binding = Api::<RoleBinding>::namespaced(client.clone(), namespace);
    let narrow = binding.get(account).await?;
    for (role, subjects) in [
        (wide.role_ref, wide.subjects),
        (narrow.role_ref, narrow.subjects),
    ] {
        let subjects = serde_json::to_value(&subjects)?;
        let expected = json!([{"kind": "ServiceAccount", "name": account, "namespace": namespace}]);
        ensure(role.name == account && subjects == expected, || {
            format!("{role:?} is bound to {subjects}")
        })?;
    }
    // Simulated nodes run no image, but the API server admits no pod that is not restricted.
    let deployments = Api::<Deployment>::namespaced(client.clone(), namespace);
    until(&deployments, account, "admitted", SOON, |deployment| {
        let status = deployment.status.as_ref();
        status.and_then(|status| status.available_replicas) == Some(2)
    })
    .await?;
    let namespaces = Api::<Namespace>::all(client);
    namespaces
        .delete(namespace, &DeleteParams::default())
        .await?;
    Ok(())
}
