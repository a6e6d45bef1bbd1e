//! The stand-in's log of calls, sorted into what counts: mutations, pages of sweeps, other reads.
//!
//! The log is AWS's side: it does not depend on what a controller says of itself, so a peer is
//! measured by the same rule.

use std::collections::BTreeMap;

use emr_e2e::Outcome;
use emr_sandbox::{AwsStandIn, Call};
use jiff::Timestamp;

/// Lists that a sweep pages through, with what narrows each to a look at one.
const LISTS: &[(&str, &[&str])] = &[
    ("DescribeAccessPoints", &["AccessPointId", "FileSystemId"]),
    (
        "DescribeDBClusterParameterGroups",
        &["DBClusterParameterGroupName"],
    ),
    (
        "DescribeDBClusterSnapshots",
        &["DBClusterSnapshotIdentifier", "DBClusterIdentifier"],
    ),
    ("DescribeDBClusters", &["DBClusterIdentifier"]),
    ("DescribeDBInstances", &["DBInstanceIdentifier"]),
    ("DescribeDBSubnetGroups", &["DBSubnetGroupName"]),
    ("DescribeFileSystems", &["FileSystemId", "CreationToken"]),
    ("DescribeLogGroups", &["logGroupNamePrefix"]),
    ("DescribeSecurityGroups", &[]),
    ("DescribeServerlessCaches", &["ServerlessCacheName"]),
    ("DescribeUserGroups", &["UserGroupId"]),
    ("DescribeUsers", &["UserId"]),
    ("ListAliases", &["KeyId"]),
    ("ListBackupVaults", &[]),
    ("ListSecrets", &[]),
];

/// What a call is to a controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// It changes something.
    Mutation,
    /// A page of a list of everything.
    Sweep,
    /// Any other read.
    Read,
}

/// Sorts a call.
pub(crate) fn sort(call: &Call) -> Sort {
    if call.mutating {
        return Sort::Mutation;
    }
    let operation = call.operation.as_deref().unwrap_or_default();
    let Some((_, narrowing)) = LISTS.iter().find(|(list, _)| *list == operation) else {
        return Sort::Read;
    };
    let narrowed = narrowing
        .iter()
        .any(|field| call.request_summary.get(field).is_some())
        || call
            .request_summary
            .as_object()
            .is_some_and(|fields| fields.values().any(|value| value == "group-name"));
    if narrowed { Sort::Read } else { Sort::Sweep }
}

/// When a call was answered, if it was.
pub(crate) fn answered(call: &Call) -> Option<Timestamp> {
    call.answered.as_deref()?.parse().ok()
}

/// When a call arrived.
pub(crate) fn arrived(call: &Call) -> Option<Timestamp> {
    call.at.parse().ok()
}

/// The calls of one account from some moment on.
#[derive(Debug)]
pub(crate) struct Log {
    account: String,
    since: u64,
    /// In the order of arrival.
    pub(crate) calls: Vec<Call>,
}

impl Log {
    /// What comes from now on.
    pub(crate) async fn from_now(aws: &AwsStandIn, account: &str) -> Outcome<Self> {
        let since = aws.calls("000000000000", u64::MAX >> 1).await?.next;
        Ok(Self {
            account: account.to_owned(),
            since,
            calls: Vec::new(),
        })
    }

    /// Adds what has come meanwhile. The last calls may be under way and are then read again.
    pub(crate) async fn read(&mut self, aws: &AwsStandIn) -> Outcome<()> {
        let new = aws.calls(&self.account, self.since).await?;
        let open = |call: &Call| call.status.is_none() && call.code.is_none();
        for call in new.calls {
            if open(&call) {
                break;
            }
            self.since = call.seq;
            self.calls.push(call);
        }
        Ok(())
    }

    /// Those of an operation that AWS accepted.
    pub(crate) fn accepted<'a>(&'a self, operation: &'a str) -> impl Iterator<Item = &'a Call> {
        self.calls.iter().filter(move |call| {
            call.operation.as_deref() == Some(operation) && call.status == Some(200)
        })
    }

    /// Counts them.
    pub(crate) fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for call in &self.calls {
            let name = call.operation.clone().unwrap_or_default();
            *tally.services.entry(call.service.clone()).or_default() += 1;
            let place = match sort(call) {
                Sort::Mutation => &mut tally.mutations,
                Sort::Sweep => &mut tally.sweeps,
                Sort::Read => &mut tally.reads,
            };
            *place.entry(format!("{}:{name}", call.service)).or_default() += 1;
            if let Some(code) = &call.code {
                let refusal = format!("{}:{name} {code}", call.service);
                *tally.refused.entry(refusal).or_default() += 1;
            }
        }
        tally
    }
}

/// Calls by what they are.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Tally {
    /// By service and operation.
    pub(crate) mutations: BTreeMap<String, u64>,
    /// The same.
    pub(crate) sweeps: BTreeMap<String, u64>,
    /// The same.
    pub(crate) reads: BTreeMap<String, u64>,
    /// All of them by service.
    pub(crate) services: BTreeMap<String, u64>,
    /// What AWS refused, with the code.
    pub(crate) refused: BTreeMap<String, u64>,
}

impl Tally {
    /// Each sort in a sentence, by operation.
    pub(crate) fn told(&self) -> [String; 4] {
        [
            ("Mutations", &self.mutations),
            ("Reads", &self.reads),
            ("Sweep pages", &self.sweeps),
            ("Refused", &self.refused),
        ]
        .map(|(what, counts)| match total(counts) {
            0 => format!("{what}: none."),
            all => format!("{what}: {all} ({}).", listed(counts)),
        })
    }
}

/// The sum of a count by name.
pub(crate) fn total(counts: &BTreeMap<String, u64>) -> u64 {
    counts.values().sum()
}

/// `CreateDBCluster 100, ...`, the most frequent first.
pub(crate) fn listed(counts: &BTreeMap<String, u64>) -> String {
    let mut all: Vec<_> = counts.iter().collect();
    all.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), (*name).clone()));
    let named = all.iter().map(|(name, count)| format!("{name} {count}"));
    named.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn call(operation: &str, mutating: bool, summary: &Value) -> Call {
        let call = json!({"seq": 1, "at": "2026-01-01T00:00:00.5+00:00", "service": "rds",
            "operation": operation, "mutating": mutating, "status": 200, "request_summary": summary});
        serde_json::from_value(call).unwrap()
    }

    #[test]
    fn a_page_of_everything_is_told_from_a_look_at_one() {
        let one = json!({"DBClusterIdentifier": "a"});
        for (operation, mutating, summary, expected) in [
            ("CreateDBCluster", true, &one, Sort::Mutation),
            ("DescribeDBClusters", false, &json!({}), Sort::Sweep),
            ("DescribeDBClusters", false, &one, Sort::Read),
            ("DescribeDBClusterParameters", false, &json!({}), Sort::Read),
            (
                "DescribeSecurityGroups",
                false,
                &json!({"Filter.1.Name": "tag-key"}),
                Sort::Sweep,
            ),
            (
                "DescribeSecurityGroups",
                false,
                &json!({"Filter.1.Name": "group-name"}),
                Sort::Read,
            ),
        ] {
            assert_eq!(
                sort(&call(operation, mutating, summary)),
                expected,
                "{operation} {summary}"
            );
        }
    }

    #[test]
    fn calls_are_counted_by_sort_and_service() {
        let mut refused = call("CreateDBCluster", true, &json!({}));
        (refused.status, refused.code) = (Some(400), Some("Throttling".to_owned()));
        let log = Log {
            account: String::new(),
            since: 0,
            calls: vec![refused, call("DescribeDBClusters", false, &json!({}))],
        };
        let tally = log.tally();
        assert_eq!(
            (
                total(&tally.mutations),
                total(&tally.sweeps),
                total(&tally.reads)
            ),
            (1, 1, 0)
        );
        assert_eq!((tally.services["rds"], total(&tally.refused)), (2, 1));
        assert_eq!(log.accepted("CreateDBCluster").count(), 0);
    }

    #[test]
    fn moments_are_understood() {
        let call = call("X", false, &json!({}));
        assert_eq!(
            arrived(&call).unwrap().to_string(),
            "2026-01-01T00:00:00.5Z"
        );
        assert_eq!(answered(&call), None);
    }
}
