//! One SDK call through the gate.

use std::{future::Future, time::Duration};

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::{
    DateTime,
    error::{metadata::ProvideErrorMetadata, operation::BuildError},
};
use emr_resource::Service;
use futures::future::BoxFuture;

use crate::{Caller, CloudError, ErrorKind};

/// Makes the calls of one service.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    caller: Caller,
    service: Service,
}

type Answer<T, E> = Result<T, SdkError<E, HttpResponse>>;

impl Wire {
    pub(super) fn new(caller: &Caller, service: Service) -> Self {
        Self {
            caller: caller.clone(),
            service,
        }
    }

    /// A call that changes nothing. Boxed, since the SDK's futures are tens of kilobytes.
    pub(super) fn read<'a, T, E, F>(
        &'a self,
        operation: &'static str,
        mut call: impl FnMut() -> F + Send + 'a,
    ) -> BoxFuture<'a, Result<T, CloudError>>
    where
        T: Send + 'a,
        F: Future<Output = Answer<T, E>> + Send + 'a,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        Box::pin(async move {
            self.caller
                .read(self.service, operation, || {
                    self.translate(operation, call())
                })
                .await
        })
    }

    /// A call that changes something. Boxed for the same reason.
    pub(super) fn mutate<'a, T, E>(
        &'a self,
        operation: &'static str,
        call: impl Future<Output = Answer<T, E>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, CloudError>>
    where
        T: Send + 'a,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let call = self.translate(operation, call);
        Box::pin(self.caller.mutate(self.service, operation, call))
    }

    fn translate<T, E>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Answer<T, E>> + Send,
    ) -> impl Future<Output = Result<T, CloudError>> + Send
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let service = self.service;
        async move {
            call.await
                .map_err(|error| CloudError::from_sdk(service, operation, &error))
        }
    }
}

/// A request that lacks a field: nothing was sent.
pub(super) fn unbuilt(operation: &'static str, error: &BuildError) -> CloudError {
    CloudError::new(ErrorKind::Invalid, operation, error.to_string())
}

/// A time as we keep it.
pub(super) fn timestamp(time: &DateTime) -> Option<jiff::Timestamp> {
    let nanos = Duration::from_nanos(u64::from(time.subsec_nanos()));
    jiff::Timestamp::from_second(time.secs())
        .ok()?
        .checked_add(nanos)
        .ok()
}
