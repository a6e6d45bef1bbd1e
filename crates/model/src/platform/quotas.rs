//! Whether the account has room for more instances (safety.md 15): a warning before AWS refuses.
//!
//! Nothing is blocked by what is said here. While there is room the message holds no number, so that
//! status stays as it is whatever is created.

use emr_api::conditions::{self, Beside, Verdict};
use emr_resource::{
    ids::{AccountId, Region},
    quota::Usage,
};

use crate::progress::Notice;

/// Part of a quota, in percent, from which on people are warned: raising one takes AWS days.
const WARN_PERCENT: u64 = 80;

/// How much room a quota leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Room {
    /// Enough.
    Enough,
    /// Little: somebody should ask for more.
    Little,
    /// None: AWS refuses the next one.
    None,
}

impl Room {
    /// How much is left of a quota.
    pub const fn of(usage: Usage) -> Self {
        if usage.used >= usage.limit {
            Self::None
        } else if usage.used.saturating_mul(100) >= usage.limit.saturating_mul(WARN_PERCENT) {
            Self::Little
        } else {
            Self::Enough
        }
    }
}

/// The condition that says so. `unread` is why some quotas are not known.
pub fn quota_headroom(
    account: &AccountId,
    region: &Region,
    all: &[Usage],
    unread: Option<&str>,
) -> Beside {
    let mut tight: Vec<_> = all
        .iter()
        .map(|usage| (Room::of(*usage), usage))
        .filter(|(room, _)| *room != Room::Enough)
        .collect();
    // The worst first; among equals in the order of the list.
    tight.sort_by_key(|(room, _)| std::cmp::Reverse(*room));
    let (verdict, notice) = match (tight.first(), unread) {
        (Some((worst, _)), _) => {
            let told: Vec<_> = tight.iter().map(|(_, usage)| line(**usage)).collect();
            let (reason, what) = match worst {
                Room::None => ("QuotaFull", "AWS refuses what is full"),
                Room::Little | Room::Enough => ("QuotaNearlyUsed", "new instances may not fit"),
            };
            let message = format!(
                "in account {account} ({region}) {what}: {}",
                told.join("; ")
            );
            (Verdict::No, Notice::new(reason, message))
        }
        (None, Some(unread)) => {
            let message = format!("it is not known whether new instances fit: {unread}");
            (Verdict::Unknown, Notice::new("QuotasUnknown", message))
        }
        (None, None) => {
            let message = "the account's quotas leave room for new instances";
            (Verdict::Yes, Notice::new("Enough", message))
        }
    };
    Beside {
        kind: conditions::QUOTA_HEADROOM,
        verdict,
        reason: notice.reason,
        message: notice.message,
    }
}

fn line(usage: Usage) -> String {
    let Usage { quota, used, limit } = usage;
    let remedy = if quota.is_adjustable() {
        format!(
            "ask for more of {} {} in Service Quotas, or delete what is not needed",
            quota.service().prefix(),
            quota.code()
        )
    } else {
        "AWS does not raise it: delete what is not needed, or put further instances on a platform in \
         another account"
            .to_owned()
    };
    format!("{used} of {limit} {} are used ({remedy})", quota.name())
}

#[cfg(test)]
mod tests {
    use emr_resource::quota::Quota;

    use super::*;

    const fn usage(quota: Quota, used: u64, limit: u64) -> Usage {
        Usage { quota, used, limit }
    }

    #[test]
    fn a_quota_is_tight_from_eighty_percent_and_full_at_its_limit() {
        for (used, limit, room) in [
            (0, 40, Room::Enough),
            (31, 40, Room::Enough),
            (32, 40, Room::Little),
            (39, 40, Room::Little),
            (40, 40, Room::None),
            // AWS lowered it, or never gave any.
            (41, 40, Room::None),
            (0, 0, Room::None),
            (0, 1, Room::Enough),
            (u64::MAX - 1, u64::MAX, Room::Little),
        ] {
            assert_eq!(
                Room::of(usage(Quota::DbClusters, used, limit)),
                room,
                "{used} of {limit}"
            );
        }
    }

    fn told(all: &[Usage], unread: Option<&str>) -> (Verdict, String, String) {
        let beside = quota_headroom(&"111122223333".into(), &"eu-west-1".into(), all, unread);
        assert_eq!(beside.kind, "QuotaHeadroom");
        (beside.verdict, beside.reason, beside.message)
    }

    #[test]
    fn while_there_is_room_the_message_never_changes() {
        let some = |used| told(&[usage(Quota::DbClusters, used, 40)], None);
        assert_eq!(some(0), some(31));
        assert_eq!(some(0).0, Verdict::Yes);
        assert!(!some(0).2.contains(|c: char| c.is_ascii_digit()));
    }

    #[test]
    fn what_is_tight_is_named_with_use_limit_and_remedy_and_the_worst_comes_first() {
        let all = [
            usage(Quota::DbClusters, 33, 40),
            usage(Quota::DbInstances, 3, 40),
            usage(Quota::DbClusterParameterGroups, 50, 50),
        ];
        let (verdict, reason, message) = told(&all, Some("x is denied"));
        assert_eq!((verdict, reason.as_str()), (Verdict::No, "QuotaFull"));
        assert_eq!(
            message,
            "in account 111122223333 (eu-west-1) AWS refuses what is full: 50 of 50 DB cluster \
             parameter groups are used (AWS does not raise it: delete what is not needed, or put \
             further instances on a platform in another account); 33 of 40 DB clusters are used \
             (ask for more of rds L-952B80B9 in Service Quotas, or delete what is not needed)"
        );
        let (verdict, reason, _) = told(&all[..2], None);
        assert_eq!((verdict, reason.as_str()), (Verdict::No, "QuotaNearlyUsed"));
    }

    #[test]
    fn what_can_not_be_read_is_unknown_and_no_alarm() {
        let (verdict, reason, message) = told(&[usage(Quota::DbClusters, 0, 40)], Some("denied"));
        assert_eq!(
            (verdict, reason.as_str()),
            (Verdict::Unknown, "QuotasUnknown")
        );
        assert!(message.ends_with("denied"), "{message}");
    }
}
