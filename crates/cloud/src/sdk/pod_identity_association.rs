//! Pod identity associations. A list finds the one of a service account, a single read its role and tags.

use async_trait::async_trait;
use aws_sdk_eks::{Client, types::PodIdentityAssociation as Wired};
use emr_resource::{
    Mutation,
    ids::{PodIdentity, PodIdentityAssociationId},
    pod_identity_association::{Change, Desired, Observed, PodIdentityAssociation},
};

use super::{Clients, Wire};
use crate::{CloudError, Cursor, Page, Port};

pub(super) struct Adapter {
    eks: Client,
    wire: Wire,
}

/// Cluster, namespace and service account; none of them has a slash.
fn parts(identity: &PodIdentity) -> (&str, &str, &str) {
    let (cluster, rest) = identity.as_str().split_once('/').unwrap_or_default();
    let (namespace, account) = rest.split_once('/').unwrap_or_default();
    (cluster, namespace, account)
}

fn observed(identity: &PodIdentity, wired: &Wired) -> Option<Observed> {
    Some(Observed {
        identity: identity.clone(),
        id: PodIdentityAssociationId::new(wired.association_id()?),
        arn: wired.association_arn()?.into(),
        role_arn: wired.role_arn()?.into(),
        tags: wired
            .tags()
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    })
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire) -> Self {
        Self {
            eks: clients.eks.clone(),
            wire,
        }
    }

    async fn create(
        &self,
        desired: &Desired,
        operation: &'static str,
    ) -> Result<Option<Observed>, CloudError> {
        let (cluster, namespace, account) = parts(&desired.identity);
        let call = self
            .eks
            .create_pod_identity_association()
            .cluster_name(cluster)
            .namespace(namespace)
            .service_account(account)
            .role_arn(desired.role_arn.as_str())
            .set_tags(Some(desired.tags.clone().into_iter().collect()));
        let answer = self.wire.mutate(operation, call.send()).await?;
        let made = answer.association();
        Ok(made.and_then(|made| observed(&desired.identity, made)))
    }
}

#[async_trait]
impl Port<PodIdentityAssociation> for Adapter {
    async fn list(&self, _: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        Ok(Page::empty())
    }

    async fn read(&self, id: &PodIdentity) -> Result<Option<Observed>, CloudError> {
        let (cluster, namespace, account) = parts(id);
        let list = || {
            let call = self.eks.list_pod_identity_associations();
            let call = call.cluster_name(cluster).namespace(namespace);
            call.service_account(account).send()
        };
        let found = self.wire.read("ListPodIdentityAssociations", list).await;
        let found = CloudError::none_if_not_found(found)?;
        let association = found.and_then(|found| {
            let first = found.associations().first()?;
            first.association_id().map(str::to_owned)
        });
        let Some(association) = association else {
            return Ok(None);
        };
        let read = || {
            let call = self.eks.describe_pod_identity_association();
            call.cluster_name(cluster)
                .association_id(&association)
                .send()
        };
        let found = self.wire.read("DescribePodIdentityAssociation", read).await;
        let found = CloudError::none_if_not_found(found)?;
        Ok(found.and_then(|found| observed(id, found.association()?)))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match change {
            Change::Create(desired) => self.create(desired, operation).await,
            Change::Update {
                identity,
                id,
                role_arn,
            } => {
                let call = self
                    .eks
                    .update_pod_identity_association()
                    .cluster_name(parts(identity).0)
                    .association_id(id.as_str())
                    .role_arn(role_arn.as_str());
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
            Change::Delete { identity, id } => {
                let call = self
                    .eks
                    .delete_pod_identity_association()
                    .cluster_name(parts(identity).0)
                    .association_id(id.as_str());
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
        }
    }
}
