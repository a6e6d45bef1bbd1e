//! The shortest manifest, up to Ready.

use std::{collections::BTreeSet, sync::Arc};

use emr_api::conditions;
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{Node, Pod},
};
use kube::{Api, ResourceExt, api::ListParams};
use serde_json::{Value, json};

use crate::{
    Clinic, Failure, Outcome, World,
    failure::ensure,
    kinds::{Told, until},
    world::repository,
};

/// The instance of the sample file, in a scenario's corner of the world.
pub async fn manifest(clinic: &Clinic) -> Outcome<Value> {
    let file = repository().join("deploy/samples/openemr.yaml");
    let text = tokio::fs::read_to_string(file).await?;
    let documents: Vec<Value> = serde_saphyr::from_multiple(&text)
        .map_err(|error| Failure::Assertion(format!("the sample is no YAML: {error}")))?;
    let mut instance = documents
        .into_iter()
        .find(|document| document["kind"] == "EmrInstance")
        .ok_or_else(|| Failure::Assertion("the sample has no EmrInstance".into()))?;
    instance["metadata"]["namespace"] = json!(clinic.namespace);
    // Two instances can't have one hostname.
    instance["spec"]["hostname"] = json!(format!("riverside.{}.example.org", clinic.namespace));
    instance["spec"]["platformRef"] = json!({"name": clinic.namespace});
    Ok(instance)
}

/// Everything in AWS with its properties, pods in all three zones, `kubectl wait` satisfied.
pub async fn becomes_ready_with_everything_in_place(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "sample").await?;
    // The instance first: it waits for its platform and goes on by itself.
    clinic.apply(manifest(&clinic).await?).await?;
    clinic.platform().await?;
    kubectl_wait(&clinic).await?;
    let instance = clinic.ready("riverside").await?;
    let status = instance.status.clone().unwrap_or_default();
    ensure(status.version.as_deref() == Some("8.2.0"), || {
        format!("{status:?}")
    })?;
    until(
        &clinic.api::<emr_api::EmrInstance>(),
        "riverside",
        "exposed",
        std::time::Duration::from_secs(30),
        |instance| instance.says(conditions::EXPOSED).as_deref() == Some("True"),
    )
    .await?;
    database(&clinic).await?;
    cache_and_files(&clinic).await?;
    zones(&clinic).await?;
    workers_never_see_the_master(&clinic).await
}

async fn kubectl_wait(clinic: &Clinic) -> Outcome {
    let sandbox = &clinic.world.sandbox;
    let output = tokio::process::Command::new(sandbox.control_plane.binaries().program("kubectl"))
        .args([
            "wait",
            "--for=condition=Ready",
            "emrinstance/riverside",
            "--timeout=120s",
        ])
        .args(["-n", &clinic.namespace, "--kubeconfig"])
        .arg(sandbox.kubeconfig())
        .output()
        .await?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        return Ok(());
    }
    let api = clinic.api::<emr_api::EmrInstance>();
    let told = api
        .get_opt("riverside")
        .await?
        .map(|instance| instance.conditions());
    ensure(false, || format!("kubectl wait: {said}; {told:#?}"))
}

async fn database(clinic: &Clinic) -> Outcome {
    let found = clinic
        .aws
        .run(
            "c = rds.describe_db_clusters()['DBClusters'][0]\n\
             members = {i['DBInstanceIdentifier']: i for i in rds.describe_db_instances()['DBInstances']}\n\
             parameters = {p['ParameterName']: p['ParameterValue'] for p in \
             pages(rds.describe_db_cluster_parameters, 'Parameters', \
             DBClusterParameterGroupName=c['DBClusterParameterGroup'], Source='user')}\n\
             group = ec2.describe_security_groups(GroupIds=[c['VpcSecurityGroups'][0]['VpcSecurityGroupId']])['SecurityGroups'][0]\n\
             found = {'c': c, 'members': list(members.values()), 'parameters': parameters, \
             'ingress': group['IpPermissions'], \
             'logs': pages(logs.describe_log_groups, 'logGroups')}",
        )
        .await?;
    let cluster = &found["c"];
    let expect = |field: &str, wanted: serde_json::Value| {
        ensure(cluster[field] == wanted, || {
            format!("{field}: {} instead of {wanted}", cluster[field])
        })
    };
    expect("Engine", json!("aurora-mysql"))?;
    expect("StorageEncrypted", json!(true))?;
    expect("DeletionProtection", json!(true))?;
    expect("BackupRetentionPeriod", json!(30))?;
    expect("CopyTagsToSnapshot", json!(true))?;
    let scaling = &cluster["ServerlessV2ScalingConfiguration"];
    ensure(
        scaling["MinCapacity"].as_f64() == Some(0.5)
            && scaling["MaxCapacity"].as_f64() == Some(256.0),
        || format!("capacity: {scaling}"),
    )?;
    let exports: BTreeSet<_> = cluster["EnabledCloudwatchLogsExports"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|log| log.as_str())
        .collect();
    ensure(
        exports == BTreeSet::from(["audit", "error", "slowquery"]),
        || format!("{exports:?}"),
    )?;
    let members = found["members"].as_array().cloned().unwrap_or_default();
    let zones: BTreeSet<_> = members
        .iter()
        .map(|member| member["AvailabilityZone"].to_string())
        .collect();
    ensure(members.len() == 2 && zones.len() == 2, || {
        format!("writer and reader: {zones:?}")
    })?;
    ensure(
        members
            .iter()
            .all(|member| member["PerformanceInsightsEnabled"] == true),
        || "Performance Insights is off".into(),
    )?;
    for (name, value) in [
        ("require_secure_transport", "ON"),
        ("net_read_timeout", "30000"),
        ("wait_timeout", "30000"),
        ("max_execution_time", "3000000"),
        ("server_audit_logging", "1"),
        ("slow_query_log", "1"),
    ] {
        ensure(found["parameters"][name] == value, || {
            format!("{name}: {}", found["parameters"][name])
        })?;
    }
    let ingress = found["ingress"].as_array().cloned().unwrap_or_default();
    let node_group = &clinic.seeded["clusterSecurityGroupId"];
    ensure(
        ingress.len() == 1
            && ingress[0]["FromPort"] == 3306
            && ingress[0]["UserIdGroupPairs"][0]["GroupId"] == *node_group
            && ingress[0]["IpRanges"].as_array().is_none_or(Vec::is_empty),
        || format!("the database admits {ingress:?}"),
    )?;
    let encrypted = found["logs"].as_array().is_some_and(|groups| {
        groups.len() == 3 && groups.iter().all(|group| group["kmsKeyId"].is_string())
    });
    ensure(encrypted, || format!("log groups: {}", found["logs"]))
}

async fn cache_and_files(clinic: &Clinic) -> Outcome {
    let found = clinic
        .aws
        .run(
            "cache = elasticache.describe_serverless_caches()['ServerlessCaches'][0]\n\
             user = [u for u in elasticache.describe_users()['Users'] if u['UserId'] != 'default'][0]\n\
             fs = efs.describe_file_systems()['FileSystems'][0]\n\
             found = {'cache': cache, 'user': user, 'fs': fs, \
             'targets': efs.describe_mount_targets(FileSystemId=fs['FileSystemId'])['MountTargets'], \
             'points': efs.describe_access_points(FileSystemId=fs['FileSystemId'])['AccessPoints'], \
             'lifecycle': efs.describe_lifecycle_configuration(FileSystemId=fs['FileSystemId'])['LifecyclePolicies'], \
             'backup': efs.describe_backup_policy(FileSystemId=fs['FileSystemId'])['BackupPolicy']}",
        )
        .await?;
    ensure(found["cache"]["Engine"] == "valkey", || {
        format!("{}", found["cache"])
    })?;
    ensure(found["cache"]["UserGroupId"].is_string(), || {
        "no user group".into()
    })?;
    ensure(found["cache"]["KmsKeyId"].is_string(), || {
        "the cache has no key of ours".into()
    })?;
    let access = found["user"]["AccessString"].as_str().unwrap_or_default();
    ensure(
        access.contains("-@all") && !access.contains("+@all"),
        || format!("rights: {access}"),
    )?;
    ensure(found["fs"]["Encrypted"] == true, || {
        "the files are not encrypted".into()
    })?;
    ensure(found["fs"]["ThroughputMode"] == "elastic", || {
        format!("{}", found["fs"])
    })?;
    let count = |what: &str| found[what].as_array().map_or(0, Vec::len);
    ensure(count("targets") == 3, || {
        format!("mount targets: {}", found["targets"])
    })?;
    ensure(count("points") == 2, || {
        format!("access points: {}", found["points"])
    })?;
    ensure(count("lifecycle") > 0, || "no lifecycle".into())?;
    let backed_up = |of: &serde_json::Value| {
        of["Tags"].as_array().is_some_and(|tags| {
            tags.iter()
                .any(|tag| tag["Key"] == "emrstack.dev/backup" && tag["Value"] == "files-hourly")
        })
    };
    ensure(backed_up(&found["fs"]), || {
        format!("no plan of the platform covers the files: {}", found["fs"])
    })?;
    ensure(found["backup"]["Status"] == "DISABLED", || {
        format!("EFS backs up as well: {}", found["backup"])
    })
}

async fn zones(clinic: &Clinic) -> Outcome {
    let selector = ListParams::default().labels("app.kubernetes.io/component=app");
    let pods = clinic.api::<Pod>().list(&selector).await?.items;
    let mut zones = BTreeSet::new();
    for pod in &pods {
        let Some(node) = pod.spec.as_ref().and_then(|spec| spec.node_name.clone()) else {
            continue;
        };
        let node = Api::<Node>::all(clinic.client()).get(&node).await?;
        ensure(node.labels()["kubernetes.io/arch"] == "arm64", || {
            "not on arm64".into()
        })?;
        zones.insert(node.labels()["topology.kubernetes.io/zone"].clone());
    }
    ensure(zones.len() == 3, || {
        format!("{} pods in zones {zones:?}", pods.len())
    })
}

async fn workers_never_see_the_master(clinic: &Clinic) -> Outcome {
    let deployments = clinic
        .api::<Deployment>()
        .list(&ListParams::default())
        .await?
        .items;
    ensure(deployments.len() == 1, || {
        format!("{} Deployments", deployments.len())
    })?;
    let text = serde_json::to_string(&deployments)?;
    ensure(
        !text.contains("master") && !text.contains("MYSQL_ROOT"),
        || "the Deployment names the master user".into(),
    )
}
