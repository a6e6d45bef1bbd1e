//! An object that is touched every second, so that its controller looks: an `EmrRestore` looks every ten by
//! itself, and takes many looks.

use std::time::Duration;

use emr_e2e::kinds::Told;
use kube::{
    Api,
    api::{Patch, PatchParams},
};
use serde_json::json;
use tokio::{task::JoinHandle, time::sleep};

/// The touching; it ends with this value.
pub(crate) struct Nudged(JoinHandle<()>);

impl Nudged {
    /// Begins it.
    pub(crate) fn often<K: Told + Send + 'static>(api: Api<K>, name: &'static str) -> Self {
        Self(tokio::spawn(async move {
            for nth in 0_u64.. {
                let touch = json!({"metadata": {"annotations": {"test/nudge": nth.to_string()}}});
                let merge = Patch::Merge(&touch);
                let _ = api.patch(name, &PatchParams::default(), &merge).await;
                sleep(Duration::from_secs(1)).await;
            }
        }))
    }
}

impl Drop for Nudged {
    fn drop(&mut self) {
        self.0.abort();
    }
}
