//! What an EKS cluster has that a bare control plane lacks: the objects by which the EFS CSI driver
//! and the AWS Load Balancer Controller are known. Nothing mounts or balances behind them: pods are
//! simulated, and [`ingress_stand_in`](crate::ingress_stand_in) gives Ingresses their addresses.

use kube::Client;

use crate::{Result, objects};

const FIXTURES: &str = include_str!("eks.yaml");

/// Creates them.
pub(crate) async fn install(client: &Client) -> Result<()> {
    objects::apply_yaml(client, None, FIXTURES).await.map(drop)
}
