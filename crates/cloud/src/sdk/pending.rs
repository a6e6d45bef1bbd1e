//! Stands where an adapter is still missing, and says so.

use async_trait::async_trait;
use emr_resource::ResourceType;

use crate::{CloudError, Cursor, ErrorKind, Page, Port};

pub(super) struct Pending;

fn error<T>() -> Result<T, CloudError> {
    Err(CloudError::new(ErrorKind::Invalid, "None", "this resource type has no adapter yet"))
}

#[async_trait]
impl<R: ResourceType> Port<R> for Pending {
    async fn list(&self, _: Option<Cursor>) -> Result<Page<R::Observed>, CloudError> {
        error()
    }
    async fn read(&self, _: &R::Id) -> Result<Option<R::Observed>, CloudError> {
        error()
    }
    async fn perform(&self, _: &R::Change) -> Result<Option<R::Observed>, CloudError> {
        error()
    }
}
