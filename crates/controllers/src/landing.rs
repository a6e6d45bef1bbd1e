//! Where a child lands: its platform, its account, and what it copied from them.

use std::sync::Arc;

use emr_api::{
    conditions,
    emr_platform::{EmrPlatformSpec, EmrPlatformStatus, NetworkStatus},
    references::Placement,
};
use emr_cloud::{Account, AssumeRole, CloudError, Target};
use emr_model::{
    openemr::{Authorities, AuthoritiesError},
    progress::{Notice, Progress},
};
use emr_resource::{
    Refusal,
    ids::{Arn, Region},
};
use emr_runtime::{Key, ReconcileError};
use kube::{Resource, ResourceExt};

use crate::{Context, report::Outcome};

/// A platform that can be landed on.
pub(crate) struct Landing {
    /// Its spec.
    pub(crate) spec: EmrPlatformSpec,
    /// Its status.
    pub(crate) status: EmrPlatformStatus,
    /// Its network.
    pub(crate) network: NetworkStatus,
    /// Its account.
    pub(crate) account: Arc<Account>,
    /// The key for what names none.
    pub(crate) shared_key: String,
}

/// Why an object can't land, as progress to report and a failure to retry.
pub(crate) struct NotLanded {
    pub(crate) progress: Progress,
    pub(crate) failure: Option<ReconcileError>,
}

impl From<Box<NotLanded>> for Outcome {
    fn from(not: Box<NotLanded>) -> Self {
        Self {
            progress: not.progress,
            usable: None,
            failure: not.failure,
            drift: false,
            beside: Vec::new(),
        }
    }
}

// Boxed, because an error that large would weigh on every success.
#[allow(clippy::unnecessary_box_returns)]
impl NotLanded {
    fn waiting(reason: &str, message: String) -> Box<Self> {
        let progress = Progress::Working(Notice::new(reason, message));
        Box::new(Self {
            progress,
            failure: None,
        })
    }

    /// What is waited for, where waiting is all that can be done.
    pub(crate) fn waits(self) -> Result<Notice, ReconcileError> {
        let usual = || Notice::new("WaitingForPlatform", "the platform is not there yet");
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(self.progress.notice().cloned().unwrap_or_else(usual)),
        }
    }

    fn stalled(reason: &'static str, message: String) -> Box<Self> {
        let failure = Some(ReconcileError::slow(reason, message.clone()));
        Box::new(Self {
            progress: Progress::Stalled(Notice::new(reason, message)),
            failure,
        })
    }

    /// Nobody is known whom the application could trust.
    pub(crate) fn untrusted(error: &AuthoritiesError) -> Box<Self> {
        Self::stalled(error.reason(), error.to_string())
    }

    fn cloud(error: &CloudError) -> Box<Self> {
        let message = format!("failed to open the account: {error}. {}", error.advice());
        let notice = Notice::new(error.reason(), message.clone());
        let person = error.kind.needs_person();
        Box::new(if person {
            Self {
                progress: Progress::Stalled(notice),
                failure: Some(ReconcileError::slow(error.reason(), message)),
            }
        } else {
            Self {
                progress: Progress::Retrying(notice),
                failure: Some(ReconcileError::soon(error.reason(), message)),
            }
        })
    }
}

/// The AWS account and region of a platform.
pub(crate) fn target(context: &Context, spec: &EmrPlatformSpec) -> Target {
    let region = spec
        .aws
        .region
        .as_ref()
        .map_or_else(|| context.region.clone(), Region::new);
    let role = spec.aws.role_arn.as_ref().map(|arn| AssumeRole {
        arn: Arn::new(arn),
        external_id: spec.aws.external_id.clone(),
    });
    Target { region, role }
}

/// Finds where `object` lands. `placed` is where it landed before: a platform that stalled since
/// does not unsettle it, but another account is refused.
pub(crate) async fn land<K: Resource<DynamicType = ()>>(
    context: &Context,
    object: &K,
    kind: &'static str,
    platform: &str,
    placed: Option<&Placement>,
) -> Result<Landing, Box<NotLanded>> {
    // Said before looking, so that a change in between is not missed.
    let key = Key {
        namespace: object.namespace(),
        name: object.name_any(),
    };
    if placed.is_none() {
        context.waiters.add(platform, kind, key);
    }
    let platforms = &context.mirrors.platforms;
    let found = platforms.cloned(&Key::cluster(platform)).await;
    let found = found.map_err(|failure| {
        let notice = Notice::new(failure.reason, failure.message.clone());
        Box::new(NotLanded {
            progress: Progress::Retrying(notice),
            failure: Some(failure),
        })
    })?;
    let Some(found) = found else {
        return Err(NotLanded::stalled(
            "PlatformNotFound",
            format!(
                "there is no EmrPlatform {platform}: create it, or name another in spec.platformRef"
            ),
        ));
    };
    let namespace = object.namespace().unwrap_or_default();
    let allowed = &found.spec.allowed_namespaces;
    if placed.is_none() && !allowed.is_empty() && !allowed.contains(&namespace) {
        return Err(NotLanded::stalled(
            "NamespaceNotAllowed",
            format!(
                "EmrPlatform {platform} does not admit namespace {namespace}: add it to \
                 spec.allowedNamespaces there"
            ),
        ));
    }
    let status = found.status.clone().unwrap_or_default();
    let ready = conditions::is_true(&status.conditions, conditions::READY);
    let (Some(network), Some(shared_key), true) = (
        status.network.clone(),
        status.kms_key_arn.clone(),
        ready || placed.is_some(),
    ) else {
        let why = conditions::find(&status.conditions, conditions::READY)
            .map_or_else(String::new, |ready| format!(": {}", ready.message));
        return Err(NotLanded::waiting(
            "WaitingForPlatform",
            format!("EmrPlatform {platform} is not ready{why}"),
        ));
    };
    let target = target(context, &found.spec);
    let account = context
        .accounts
        .get(&target)
        .await
        .map_err(|error| NotLanded::cloud(&error))?;
    let moved = placed.is_some_and(|placed| {
        placed.account_id != account.id().as_str() || placed.region != account.region().as_str()
    });
    if let (Some(placed), true) = (placed, moved) {
        return Err(NotLanded::stalled(
            Refusal::DATA_RESOURCE_MISSING,
            format!(
                "the data is in account {} ({}), but EmrPlatform {platform} leads to {} ({}). \
                 Nothing is created there: point the platform back.",
                placed.account_id,
                placed.region,
                account.id(),
                account.region()
            ),
        ));
    }
    Ok(Landing {
        spec: found.spec,
        status,
        network,
        account,
        shared_key,
    })
}

impl Landing {
    /// The Kubernetes cluster's name: names and tags derive from it.
    pub(crate) fn cluster(&self) -> &str {
        &self.spec.eks.cluster_name
    }

    /// Who signs the certificates of databases and caches there.
    pub(crate) fn authorities(&self) -> Result<Authorities, AuthoritiesError> {
        Authorities::of(self.account.region(), self.spec.rds_ca_bundle())
    }

    /// The key for a child that names `wanted`, or none.
    pub(crate) fn key<'a>(
        &'a self,
        wanted: Option<&'a str>,
        placed: Option<&'a Placement>,
    ) -> &'a str {
        placed
            .map(|placed| placed.kms_key_arn.as_str())
            .or(wanted)
            .unwrap_or(&self.shared_key)
    }

    /// What a child copies when it is created.
    pub(crate) fn placement(&self, key: &str) -> Placement {
        Placement {
            account_id: self.account.id().to_string(),
            region: self.account.region().to_string(),
            vpc_id: self.network.vpc_id.clone(),
            kms_key_arn: key.to_owned(),
        }
    }
}
