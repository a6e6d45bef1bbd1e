//! When the operator asked AWS for what status later shows: the stand-in keeps every call.

use std::{collections::BTreeMap, time::Duration};

use emr_sandbox::{AwsStandIn, Call};
use serde_json::Value;

/// The call that makes a resource of a type, by the type's name in status. What is not here is
/// counted from its first sight.
const MAKERS: [(&str, &str); 14] = [
    ("backup-role", "CreateRole"),
    ("backup-vault", "CreateBackupVault"),
    ("cache-user", "CreateUser"),
    ("cache-user-group", "CreateUserGroup"),
    ("db-cluster", "CreateDBCluster"),
    (
        "db-cluster-parameter-group",
        "CreateDBClusterParameterGroup",
    ),
    ("db-instance", "CreateDBInstance"),
    ("db-subnet-group", "CreateDBSubnetGroup"),
    ("file-system", "CreateFileSystem"),
    ("kms-key", "CreateAlias"),
    ("log-group", "CreateLogGroup"),
    ("secret", "CreateSecret"),
    ("security-group", "CreateSecurityGroup"),
    ("serverless-cache", "CreateServerlessCache"),
];

/// The first call of each operation for each identifier.
#[derive(Debug, Default)]
pub(super) struct Calls {
    next: u64,
    begun: BTreeMap<(String, String), Duration>,
}

impl Calls {
    /// Reads what came since the last look.
    pub(super) async fn read(
        &mut self,
        aws: &AwsStandIn,
        account: &str,
        now: Duration,
    ) -> emr_sandbox::Result<()> {
        let calls = aws.calls(account, self.next).await?;
        self.next = calls.next;
        for call in &calls.calls {
            self.note(call, now);
        }
        Ok(())
    }

    fn note(&mut self, call: &Call, now: Duration) {
        let identifiers = call.request_summary.as_object().into_iter().flatten();
        for identifier in identifiers.filter_map(|(_, value)| Value::as_str(value)) {
            let operation = call.operation.clone().unwrap_or_default();
            self.begun
                .entry((operation, identifier.to_owned()))
                .or_insert(now);
        }
    }

    /// When a resource, as the tree names it (`db-cluster NAME`), was asked for.
    pub(super) fn begun(&self, node: &str) -> Option<Duration> {
        let (kind, name) = node.split_once(' ')?;
        let (_, operation) = MAKERS.iter().find(|(of, _)| *of == kind)?;
        self.begun
            .get(&((*operation).to_owned(), name.to_owned()))
            .copied()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_resource_is_found_by_its_own_call() {
        let mut calls = Calls::default();
        for (second, operation, name) in [
            (1, "CreateUser", "emr-a"),
            (2, "CreateDBCluster", "emr-a"),
            (3, "CreateDBCluster", "emr-a"),
        ] {
            let call = json!({"seq": second, "at": "", "service": "x", "operation": operation,
                              "request_summary": {"Id": name}});
            let call: Call = serde_json::from_value(call).unwrap();
            calls.note(&call, Duration::from_secs(second));
        }
        assert_eq!(
            calls.begun("db-cluster emr-a"),
            Some(Duration::from_secs(2))
        );
        assert_eq!(calls.begun("db-cluster emr-b"), None);
        assert_eq!(calls.begun("mount-target us-east-1a"), None);
    }
}
