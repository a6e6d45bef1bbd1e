//! What could stop new instances, looked at before they are made: a warning beside the platform's
//! own state. Blocks nothing.

use emr_api::{
    EmrPlatform,
    conditions::{self, Beside, Reported, Verdict},
};
use emr_cloud::Account;
use emr_model::platform;
use kube::Resource;

use crate::Context;

/// Looks, and warns once of what is new.
pub(super) async fn preflight(
    context: &Context,
    object: &EmrPlatform,
    account: &Account,
) -> Vec<Beside> {
    let found = vec![quotas(account).await];
    for beside in &found {
        if is_news(object, beside) {
            let about = object.object_ref(&());
            context
                .events
                .warning(&about, &beside.reason, "Preflight", &beside.message)
                .await;
        }
    }
    found
}

async fn quotas(account: &Account) -> Beside {
    let reading = account.quotas().await;
    let unread = reading
        .failure
        .as_ref()
        .map(|error| format!("{} failed ({})", error.operation, error.reason()));
    platform::quota_headroom(
        account.id(),
        account.region(),
        &reading.usage,
        unread.as_deref(),
    )
}

/// True when it is bad, and was not, or for another reason.
fn is_news(object: &EmrPlatform, beside: &Beside) -> bool {
    let told = object
        .status
        .as_ref()
        .and_then(|status| conditions::find(status.conditions(), beside.kind));
    let same = |told: &k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition| {
        told.status == beside.verdict.as_str() && told.reason == beside.reason
    };
    beside.verdict == Verdict::No && !told.is_some_and(same)
}
