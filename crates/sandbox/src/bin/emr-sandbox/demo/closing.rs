//! What is said at the end: how to look around, or what went wrong and where to read on.

use std::{net::SocketAddr, path::Path};

use emr_sandbox::Sandbox;

use super::{ACCOUNT, LIMIT, REGION, tree::seconds};

/// How to look around while everything is up.
pub(super) fn look_around(sandbox: &Sandbox, log: &Path, admin: SocketAddr) -> String {
    let binaries = sandbox.control_plane.binaries();
    let kubeconfig = sandbox.kubeconfig();
    let (kubeconfig, programs) = (kubeconfig.display(), binaries.folder().display());
    let (endpoint, python) = (sandbox.aws.endpoint(), binaries.python().display());
    let log = log.display();
    format!(
        "\
It stays up until Ctrl-C. To look around, in another shell:

  export KUBECONFIG={kubeconfig}
  export PATH={programs}:$PATH    # kubectl, helm
  kubectl get emr -A
  kubectl describe emrinstance riverside -n clinics
  kubectl get deploy,hpa,pdb,ingress,pods -n clinics -o wide

  export AWS_ENDPOINT_URL={endpoint} AWS_REGION={REGION} AWS_DEFAULT_REGION={REGION}
  export AWS_ACCESS_KEY_ID={ACCOUNT} AWS_SECRET_ACCESS_KEY=sandbox
  unset AWS_CA_BUNDLE AWS_PROFILE
  {python} -c \"import boto3; print(boto3.client('rds').describe_db_clusters()['DBClusters'])\"
  curl \"$AWS_ENDPOINT_URL/_sandbox/calls?account={ACCOUNT}\"    # every call the operator made

  curl http://{admin}/metrics

The operator's log: {log}"
    )
}

/// Why it is not ready, and where to read on.
pub(super) fn failure(ended: bool, messages: &[String], log: &Path) -> String {
    let what = if ended {
        "the operator ended".to_owned()
    } else {
        format!("not ready after {}", seconds(LIMIT))
    };
    let messages: String = messages
        .iter()
        .flat_map(|message| ["  ", message, "\n"])
        .collect();
    let folder = log.parent().unwrap_or(log).display();
    let lines = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = lines.lines().collect();
    let last = lines[lines.len().saturating_sub(10)..].join("\n");
    let log = log.display();
    format!(
        "\
{what}
{messages}The operator's log is {log}; those of the control plane lie beside it, in {folder}.
Its last lines:
{last}"
    )
}
