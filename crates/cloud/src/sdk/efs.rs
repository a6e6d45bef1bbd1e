//! What the EFS adapters share.

use aws_sdk_efs::types::Tag;
use emr_resource::Tags;

use super::wire::unbuilt;
use crate::CloudError;

/// Items of a page; EFS gives 100 file systems whatever is asked for.
pub(super) const PAGE: i32 = 100;

/// Tags as EFS takes them.
pub(super) fn to_tags(tags: &Tags, operation: &'static str) -> Result<Vec<Tag>, CloudError> {
    let built = tags
        .iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build());
    built
        .collect::<Result<_, _>>()
        .map_err(|error| unbuilt(operation, &error))
}

/// Tags as EFS gives them.
pub(super) fn from_tags(tags: &[Tag]) -> Tags {
    tags.iter()
        .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
        .collect()
}
