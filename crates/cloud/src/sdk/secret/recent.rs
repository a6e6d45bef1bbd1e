//! Values that were read a moment ago: what is made with a password and the copy for who uses it
//! follow each other closely, and need one read together.
//!
//! A version of a secret never changes, so an entry is never stale. None outlives [`KEPT`], and
//! each is wiped when it goes (invariant 7).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use emr_resource::ids::{SecretName, SecretVersion};

use crate::SecretValue;

/// How long a value stays in memory.
const KEPT: Duration = Duration::from_secs(30);

type Values = HashMap<(SecretName, SecretVersion), SecretValue>;

/// What was read in the last [`KEPT`].
#[derive(Default)]
pub(super) struct Recent(Arc<Mutex<Values>>);

impl Recent {
    fn values(&self) -> MutexGuard<'_, Values> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value, if it was read lately.
    pub(super) fn get(&self, name: &SecretName, version: &SecretVersion) -> Option<SecretValue> {
        let key = (name.clone(), version.clone());
        self.values().get(&key).cloned()
    }

    /// Keeps a value that was read just now, and sees to it that it goes again.
    pub(super) fn keep(&self, name: &SecretName, version: SecretVersion, value: SecretValue) {
        let key = (name.clone(), version);
        if self.values().insert(key.clone(), value).is_some() {
            return;
        }
        let values = Arc::clone(&self.0);
        tokio::spawn(async move {
            tokio::time::sleep(KEPT).await;
            values
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&key);
        });
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_value_is_handed_out_again_for_its_version_and_not_for_long() {
        let (name, version) = (SecretName::new("a"), SecretVersion::new("1"));
        let value = SecretValue {
            private_key: None,
            username: "admin".into(),
            password: Zeroizing::new("s3cr3t".into()),
        };
        let recent = Recent::default();
        recent.keep(&name, version.clone(), value.clone());
        assert_eq!(recent.get(&name, &version), Some(value));
        assert_eq!(recent.get(&name, &SecretVersion::new("2")), None);
        tokio::time::sleep(KEPT * 2).await;
        assert_eq!(recent.get(&name, &version), None);
        assert!(recent.values().is_empty());
    }
}
