//! The key policy: the account's administrators through IAM, and the services that encrypt on our
//! behalf (safety.md 5), each bound to this account.

use crate::ids::{AccountId, Region};

const TEMPLATE: &str = include_str!("policy.json");

/// The policy of a key in `account` and `region`.
pub fn key_policy(account: &AccountId, region: &Region) -> String {
    TEMPLATE
        .replace("${account}", account.as_str())
        .replace("${region}", region.as_str())
}
