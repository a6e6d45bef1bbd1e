//! Members of DB clusters. Instances that stand alone are another type's (`rds_instance`).

use async_trait::async_trait;
use aws_sdk_rds::{Client, types::DbInstance as Wired};
use emr_resource::{
    Difference, Mutation,
    db_instance::{Change, DbInstance, Observed},
    ids::{DbClusterId, DbInstanceId, Zone},
};

use super::{Clients, Wire, rds};
use crate::{CloudError, Cursor, Page, Port};

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

fn observed(instance: &Wired) -> Option<Observed> {
    instance.db_cluster_identifier()?;
    Some(Observed {
        id: DbInstanceId::new(instance.db_instance_identifier()?),
        arn: instance.db_instance_arn()?.into(),
        cluster_id: instance.db_cluster_identifier().map(DbClusterId::new),
        status: instance.db_instance_status().unwrap_or_default().to_owned(),
        zone: instance.availability_zone().map(Zone::new),
        // AWS's own default where it does not say.
        promotion_tier: instance
            .promotion_tier()
            .and_then(|tier| u8::try_from(tier).ok())
            .unwrap_or(1),
        performance_insights: instance.performance_insights_enabled().unwrap_or_default(),
        tags: rds::from_tags(instance.tag_list()),
    })
}

/// A reply without tags says nothing of whose it is, so it is not relied on.
fn reply(instance: Option<&Wired>) -> Option<Observed> {
    instance
        .and_then(observed)
        .filter(|seen| !seen.tags.is_empty())
}

#[async_trait]
impl Port<DbInstance> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let marker = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self.rds.describe_db_instances().max_records(rds::PAGE);
            call.set_marker(marker.clone()).send()
        };
        let page = self.wire.read("DescribeDBInstances", list).await?;
        let items = page.db_instances().iter().filter_map(observed).collect();
        Ok(Page::new(items, page.marker()))
    }

    async fn read(&self, id: &DbInstanceId) -> Result<Option<Observed>, CloudError> {
        let read = || {
            self.rds
                .describe_db_instances()
                .db_instance_identifier(id.as_str())
                .send()
        };
        let found = self.wire.read("DescribeDBInstances", read).await;
        let found = CloudError::none_if_not_found(found)?;
        Ok(found.and_then(|found| found.db_instances().first().and_then(observed)))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match change {
            Change::Create(desired) => {
                let key = desired
                    .performance_insights_key
                    .as_ref()
                    .map(std::string::ToString::to_string);
                let call = self
                    .rds
                    .create_db_instance()
                    .db_instance_identifier(desired.id.as_str())
                    .db_cluster_identifier(desired.cluster_id.as_str())
                    .engine(desired.engine.as_str())
                    .db_instance_class(&desired.class)
                    .set_availability_zone(desired.zone.as_ref().map(ToString::to_string))
                    .promotion_tier(i32::from(desired.promotion_tier))
                    .publicly_accessible(false)
                    .enable_performance_insights(key.is_some())
                    .set_performance_insights_kms_key_id(key)
                    .set_tags(Some(rds::to_tags(&desired.tags)));
                let answer = self.wire.mutate(operation, call.send()).await?;
                Ok(reply(answer.db_instance()))
            }
            // The other replies may show the member as it was before.
            Change::Modify {
                id,
                promotion_tier,
                performance_insights_key,
                differences,
            } => {
                let call = self
                    .rds
                    .modify_db_instance()
                    .db_instance_identifier(id.as_str())
                    .apply_immediately(true);
                let differs =
                    |field: &str| differences.iter().any(|d: &Difference| d.field == field);
                let tier = differs("promotion tier").then(|| i32::from(*promotion_tier));
                let call = call.set_promotion_tier(tier);
                let call = if differs("Performance Insights") {
                    let key = performance_insights_key.as_ref().map(ToString::to_string);
                    call.enable_performance_insights(key.is_some())
                        .set_performance_insights_kms_key_id(key)
                } else {
                    call
                };
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
            Change::Delete(id) => {
                let call = self
                    .rds
                    .delete_db_instance()
                    .db_instance_identifier(id.as_str())
                    .skip_final_snapshot(true);
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
        }
    }
}
