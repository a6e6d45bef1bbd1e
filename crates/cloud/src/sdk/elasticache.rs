//! What the ElastiCache adapters share.

use aws_sdk_elasticache::{Client, types::Tag};
use emr_resource::Tags;

use super::Wire;
use crate::{CloudError, ErrorKind};

/// Records of a page of users and user groups; ElastiCache allows 100.
pub(super) const PAGE: i32 = 100;

/// Tags as ElastiCache takes them.
pub(super) fn to_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}

/// The tags of what was read; `None` when they can't be told, since it is gone or because
/// `ElastiCache` gives none in its present state.
pub(super) async fn tags(
    client: &Client,
    wire: &Wire,
    arn: Option<&str>,
) -> Result<Option<Tags>, CloudError> {
    let Some(arn) = arn else {
        return Ok(None);
    };
    let list = || client.list_tags_for_resource().resource_name(arn).send();
    match wire.read("ListTagsForResource", list).await {
        Ok(found) => Ok(Some(
            found
                .tag_list()
                .iter()
                .filter_map(|tag| {
                    Some((
                        tag.key()?.to_owned(),
                        tag.value().unwrap_or_default().to_owned(),
                    ))
                })
                .collect(),
        )),
        Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::WrongState) => Ok(None),
        Err(error) => Err(error),
    }
}
