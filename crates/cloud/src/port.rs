//! What is asked of AWS: one trait for all resource types, so that the view, the limits and the
//! AWS in memory are written once.
//!
//! Ports translate and decide nothing. An adapter makes its SDK calls through
//! [`Caller`](crate::Caller), so each is limited, timed and counted.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use emr_resource::{
    ResourceType,
    ids::{SecretName, SecretVersion, VpcId},
    network::{CallerIdentity, EksCluster, Subnet},
    quota::{Quota, Usage},
};
use zeroize::Zeroizing;

use crate::CloudError;

/// Where the next page begins, as AWS wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub String);

/// One page of a list call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What it holds.
    pub items: Vec<T>,
    /// Where the next one begins; `None` on the last.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// The last page, with nothing on it: what a type answers that no list call tells enough of.
    pub const fn empty() -> Self {
        Self {
            items: Vec::new(),
            next: None,
        }
    }

    /// A page and where the next one begins.
    pub fn new(items: Vec<T>, next: Option<impl Into<String>>) -> Self {
        let next = next
            .map(Into::into)
            .filter(|next: &String| !next.is_empty())
            .map(Cursor);
        Self { items, next }
    }
}

/// Reads and changes resources of one type in one account and region.
#[async_trait]
pub trait Port<R: ResourceType>: Send + Sync {
    /// One page of all there are; empty for types that are read singly.
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<R::Observed>, CloudError>;
    /// One of them with all details; `None` when it does not exist.
    async fn read(&self, id: &R::Id) -> Result<Option<R::Observed>, CloudError>;
    /// Makes exactly one mutating call and hands back what the reply tells of the resource;
    /// `None` when it tells too little to be relied on.
    async fn perform(&self, change: &R::Change) -> Result<Option<R::Observed>, CloudError>;
}

/// Looks at what the user's account has. Reads only.
#[async_trait]
pub trait Discovery: Send + Sync {
    /// Who we are.
    async fn caller_identity(&self) -> Result<CallerIdentity, CloudError>;
    /// An EKS cluster; `None` when there is none of that name.
    async fn eks_cluster(&self, name: &str) -> Result<Option<EksCluster>, CloudError>;
    /// The subnets of a VPC, by id.
    async fn subnets(&self, vpc: &VpcId) -> Result<Vec<Subnet>, CloudError>;
}

/// Looks at what AWS allows the account to have. Reads only.
#[async_trait]
pub trait Quotas: Send + Sync {
    /// Use and limit of everything that RDS counts and we use.
    async fn databases(&self) -> Result<Vec<Usage>, CloudError>;
    /// The limit of another quota, as it was applied to the account, else AWS's default; `None`
    /// where the region knows none of that code.
    async fn limit(&self, quota: Quota) -> Result<Option<u64>, CloudError>;
}

/// Reads the values of our secrets. Nothing else of the operator sees them (invariant 7).
#[async_trait]
pub trait SecretValues: Send + Sync {
    /// The value of a secret that we made, as it is now.
    async fn read(&self, name: &SecretName) -> Result<SecretValue, CloudError>;

    /// One version of it, which never changes: what was read a moment ago may be handed out again.
    async fn version(
        &self,
        name: &SecretName,
        _version: &SecretVersion,
    ) -> Result<SecretValue, CloudError> {
        self.read(name).await
    }
}

/// A user name and its password, wiped from memory when dropped and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue {
    /// The user.
    pub username: String,
    /// Its password.
    pub password: Zeroizing<String>,
    /// A private key in PEM that the password opens, where the secret holds one.
    pub private_key: Option<Zeroizing<String>>,
}

impl SecretValue {
    /// Reads `{"username": …, "password": …}`, with or without `privateKey`; `None` when it is anything
    /// else.
    pub fn from_json(json: &str) -> Option<Self> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Owned {
            username: String,
            password: String,
            private_key: Option<String>,
        }
        // The parser's message could quote the text, so it is dropped.
        let value: Owned = serde_json::from_str(json).ok()?;
        Some(Self {
            username: value.username,
            password: Zeroizing::new(value.password),
            private_key: value.private_key.map(Zeroizing::new),
        })
    }

    /// The form in which it is kept.
    pub fn to_json(&self) -> Zeroizing<String> {
        #[derive(serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Borrowed<'a> {
            username: &'a str,
            password: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            private_key: Option<&'a str>,
        }
        let value = Borrowed {
            username: &self.username,
            password: &self.password,
            private_key: self.private_key.as_ref().map(|key| key.as_str()),
        };
        // Strings always serialize.
        Zeroizing::new(serde_json::to_string(&value).unwrap_or_default())
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretValue")
            .field("username", &self.username)
            .field("password", &"[redacted]")
            .finish_non_exhaustive()
    }
}

macro_rules! define_ports {
    ($(($variant:ident, $module:ident)),+ $(,)?) => {
        /// Everything that is asked of one account and region.
        #[derive(Clone)]
        pub struct Ports {
            $(#[doc = concat!("[`", stringify!($module), "`](emr_resource::", stringify!($module), ")")]
            pub $module: Arc<dyn Port<emr_resource::$module::$variant>>,)+
            /// What the account has.
            pub discovery: Arc<dyn Discovery>,
            /// What the account may have.
            pub quotas: Arc<dyn Quotas>,
            /// The values of our secrets.
            pub secret_values: Arc<dyn SecretValues>,
        }
    };
}
emr_resource::for_each_resource_type!(define_ports);

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ports").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_survives_json_and_is_never_printed() {
        let value = SecretValue {
            username: "admin".into(),
            password: Zeroizing::new("s3cr3t".into()),
            private_key: Some(Zeroizing::new("s3cr3t key".into())),
        };
        assert_eq!(
            SecretValue::from_json(&value.to_json()),
            Some(value.clone())
        );
        assert!(!format!("{value:?}").contains("s3cr3t"));
        assert_eq!(SecretValue::from_json("s3cr3t"), None);
    }
}
