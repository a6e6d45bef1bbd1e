//! What the RDS adapters share.

use aws_sdk_rds::{Client, types::Tag};
use emr_resource::{Tags, ids::Arn};

use super::Wire;
use crate::CloudError;

/// Records of a page; RDS allows 100.
pub(super) const PAGE: i32 = 100;

/// Tags as RDS takes them.
pub(super) fn to_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}

/// Tags as RDS gives them.
pub(super) fn from_tags(tags: &[Tag]) -> Tags {
    tags.iter()
        .filter_map(|tag| {
            Some((
                tag.key()?.to_owned(),
                tag.value().unwrap_or_default().to_owned(),
            ))
        })
        .collect()
}

/// Adds tags to whatever has that ARN.
pub(super) async fn tag(
    client: &Client,
    wire: &Wire,
    arn: &Arn,
    tags: &Tags,
) -> Result<(), CloudError> {
    let call = client.add_tags_to_resource().resource_name(arn.as_str());
    let call = call.set_tags(Some(to_tags(tags)));
    wire.mutate("AddTagsToResource", call.send()).await?;
    Ok(())
}
