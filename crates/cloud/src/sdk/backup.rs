//! What the AWS Backup adapters share.

use aws_sdk_backup::Client;
use emr_resource::{Tags, ids::Arn};

use super::Wire;
use crate::CloudError;

/// Items of a page; AWS Backup allows 1000.
pub(super) const PAGE: i32 = 1000;

/// The tags of a vault or plan, all on one page: a resource has 50 at most.
pub(super) async fn tags(backup: &Client, wire: &Wire, arn: &Arn) -> Result<Tags, CloudError> {
    let list = || backup.list_tags().resource_arn(arn.as_str()).send();
    let found = wire.read("ListTags", list).await?;
    Ok(found.tags.unwrap_or_default().into_iter().collect())
}
