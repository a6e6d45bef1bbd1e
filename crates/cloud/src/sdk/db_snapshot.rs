//! Manual snapshots of DB instances.

use async_trait::async_trait;
use aws_sdk_rds::{Client, types::DbSnapshot as Wired};
use emr_resource::{
    Mutation,
    db_snapshot::{Change, DbSnapshot, Observed},
    ids::{DbInstanceId, DbSnapshotId},
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
        id: DbSnapshotId::new(snapshot.db_snapshot_identifier()?),
        arn: snapshot.db_snapshot_arn()?.into(),
        instance_id: DbInstanceId::new(snapshot.db_instance_identifier()?),
        engine: snapshot.engine().unwrap_or_default().to_owned(),
        engine_version: snapshot.engine_version().unwrap_or_default().to_owned(),
        kms_key_arn: snapshot.kms_key_id().map(Into::into),
        status: snapshot.status().unwrap_or_default().to_owned(),
        taken_at: snapshot.snapshot_create_time().and_then(timestamp),
        tags: rds::from_tags(snapshot.tag_list()),
    })
}

#[async_trait]
impl Port<DbSnapshot> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let marker = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self.rds.describe_db_snapshots().snapshot_type(MANUAL);
            call.max_records(rds::PAGE)
                .set_marker(marker.clone())
                .send()
        };
        let page = self.wire.read("DescribeDBSnapshots", list).await?;
        let items = page.db_snapshots().iter().filter_map(observed).collect();
        Ok(Page::new(items, page.marker()))
    }

    async fn read(&self, id: &DbSnapshotId) -> Result<Option<Observed>, CloudError> {
        let read = || {
            let call = self.rds.describe_db_snapshots();
            call.db_snapshot_identifier(id.as_str()).send()
        };
        let found = self.wire.read("DescribeDBSnapshots", read).await;
        let found = CloudError::none_if_not_found(found)?;
        Ok(found.and_then(|found| found.db_snapshots().first().and_then(observed)))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let desired = match change {
            Change::Create(desired) => desired,
            Change::Tag { arn, tags, .. } => {
                rds::tag(&self.rds, &self.wire, arn, tags).await?;
                return Ok(None);
            }
            Change::Delete(id) => {
                let call = self.rds.delete_db_snapshot();
                let call = call.db_snapshot_identifier(id.as_str());
                self.wire.mutate(change.operation(), call.send()).await?;
                // The reply shows it as it was: that it is gone is said only after a look.
                return Ok(None);
            }
        };
        let call = self
            .rds
            .create_db_snapshot()
            .db_snapshot_identifier(desired.id.as_str())
            .db_instance_identifier(desired.instance_id.as_str())
            .set_tags(Some(rds::to_tags(&desired.tags)));
        let answer = self.wire.mutate(change.operation(), call.send()).await?;
        let seen = answer.db_snapshot().and_then(observed);
        Ok(seen.filter(|seen| !seen.tags.is_empty()))
    }
}
