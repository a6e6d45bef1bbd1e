//! Manual snapshots of DB clusters.

use async_trait::async_trait;
use aws_sdk_rds::{Client, types::DbClusterSnapshot as Wired};
use emr_resource::{
    Mutation,
    cluster_snapshot::{Change, ClusterSnapshot, Observed},
    ids::{ClusterSnapshotId, DbClusterId},
};

use super::{Clients, Wire, rds, wire::timestamp};
use crate::{CloudError, Cursor, Page, Port};

const MANUAL: &str = "manual";

pub(super) struct Adapter {
    rds: Client,
    wire: Wire,
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire) -> Self {
        Self {
            rds: clients.rds.clone(),
            wire,
        }
    }
}

fn observed(snapshot: &Wired) -> Option<Observed> {
    Some(Observed {
        id: ClusterSnapshotId::new(snapshot.db_cluster_snapshot_identifier()?),
        arn: snapshot.db_cluster_snapshot_arn()?.into(),
        cluster_id: DbClusterId::new(snapshot.db_cluster_identifier()?),
        status: snapshot.status().unwrap_or_default().to_owned(),
        taken_at: snapshot.snapshot_create_time().and_then(timestamp),
        tags: rds::from_tags(snapshot.tag_list()),
    })
}

#[async_trait]
impl Port<ClusterSnapshot> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let marker = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self
                .rds
                .describe_db_cluster_snapshots()
                .snapshot_type(MANUAL);
            call.max_records(rds::PAGE)
                .set_marker(marker.clone())
                .send()
        };
        let page = self.wire.read("DescribeDBClusterSnapshots", list).await?;
        let items = page
            .db_cluster_snapshots()
            .iter()
            .filter_map(observed)
            .collect();
        Ok(Page::new(items, page.marker()))
    }

    async fn read(&self, id: &ClusterSnapshotId) -> Result<Option<Observed>, CloudError> {
        let read = || {
            let call = self.rds.describe_db_cluster_snapshots();
            call.db_cluster_snapshot_identifier(id.as_str()).send()
        };
        let found = self.wire.read("DescribeDBClusterSnapshots", read).await;
        let found = CloudError::none_if_not_found(found)?;
        Ok(found.and_then(|found| found.db_cluster_snapshots().first().and_then(observed)))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let desired = match change {
            Change::Create(desired) => desired,
            Change::Tag { arn, tags, .. } => {
                rds::tag(&self.rds, &self.wire, arn, tags).await?;
                return Ok(None);
            }
            Change::Delete(id) => {
                let call = self.rds.delete_db_cluster_snapshot();
                let call = call.db_cluster_snapshot_identifier(id.as_str());
                self.wire.mutate(change.operation(), call.send()).await?;
                // The reply shows it as it was: that it is gone is said only after a look.
                return Ok(None);
            }
        };
        let call = self
            .rds
            .create_db_cluster_snapshot()
            .db_cluster_snapshot_identifier(desired.id.as_str())
            .db_cluster_identifier(desired.cluster_id.as_str())
            .set_tags(Some(rds::to_tags(&desired.tags)));
        let answer = self.wire.mutate(change.operation(), call.send()).await?;
        let seen = answer.db_cluster_snapshot().and_then(observed);
        Ok(seen.filter(|seen| !seen.tags.is_empty()))
    }
}
