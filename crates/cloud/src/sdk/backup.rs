//! What the AWS Backup adapters share.

use aws_sdk_backup::Client;
use emr_resource::{ResourceType, Tags, ids::Arn};

use super::Wire;
use crate::{CloudError, Port};

/// Items of a page; AWS Backup allows 1000.
pub(super) const PAGE: i32 = 1000;

/// The one of that identity, from whichever page of the list shows it.
pub(super) async fn find<R: ResourceType>(
    port: &impl Port<R>,
    id: &R::Id,
) -> Result<Option<R::Observed>, CloudError> {
    let mut cursor = None;
    loop {
        let page = port.list(cursor).await?;
        let mut items = page.items.into_iter();
        let found = items.find(|item| R::id(item).as_ref() == Some(id));
        if found.is_some() || page.next.is_none() {
            return Ok(found);
        }
        cursor = page.next;
    }
}

/// The tags of a vault or plan, all on one page: a resource has 50 at most.
pub(super) async fn tags(backup: &Client, wire: &Wire, arn: &Arn) -> Result<Tags, CloudError> {
    let list = || backup.list_tags().resource_arn(arn.as_str()).send();
    let found = wire.read("ListTags", list).await?;
    Ok(found.tags.unwrap_or_default().into_iter().collect())
}
