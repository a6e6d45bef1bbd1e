//! One account and region: what it holds, and what AWS is about to do in it by itself.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use emr_resource::{
    ResourceType,
    ids::{AccountId, Arn, Region},
};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::{
    backup::Backup, buckets::Buckets, cache_groups::CacheGroups, cache_users::CacheUsers,
    caches::Caches, clusters::Clusters, db_snapshots::DbSnapshots, delays::Delays, ec2::Ec2,
    efs::FileSystems, groups::Groups, iam::Roles, instance_groups::InstanceGroups,
    instances::Instances, keys::Keys, logs::LogGroups, pods::Associations, points::AccessPoints,
    quotas::Limits, rds::RdsInstances, replication_groups::ReplicationGroups, secrets::Secrets,
    seed::Seeded, snapshots::Snapshots,
};

/// Why a call is refused: AWS's code, and a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) code: &'static str,
    pub(super) message: String,
}

/// Refuses with AWS's code.
pub(super) fn refuse<T>(code: &'static str, message: impl Into<String>) -> Result<T, Refused> {
    Err(Refused {
        code,
        message: message.into(),
    })
}

/// Refuses unless `condition` holds.
pub(super) fn ensure(
    condition: bool,
    code: &'static str,
    message: impl Into<String>,
) -> Result<(), Refused> {
    if condition {
        Ok(())
    } else {
        refuse(code, message)
    }
}

/// A part of a list: only what is on a page is copied, however much there is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) from: usize,
    pub(super) most: usize,
}

impl Window {
    /// What lies in it, as `show` has it.
    pub(super) fn show<T, U>(
        self,
        all: impl IntoIterator<Item = T>,
        show: impl FnMut(T) -> U,
    ) -> Vec<U> {
        let all = all.into_iter().skip(self.from).take(self.most);
        all.map(show).collect()
    }
}

/// What a room must do for a resource type.
pub(super) trait Keeps<R: ResourceType> {
    /// As the list call shows them: details that it leaves out are left out.
    fn list(&self, window: Window) -> Vec<R::Observed>;
    /// As single reads show it.
    fn read(&self, id: &R::Id) -> Option<R::Observed>;
    /// One mutating call, and what its reply tells.
    fn change(&mut self, change: &R::Change) -> Result<Option<R::Observed>, Refused>;
}

/// What AWS does by itself after a while.
pub(super) type Later = Box<dyn FnOnce(&mut Room) + Send + Sync>;

/// One account and region.
pub struct Room {
    pub(super) account: AccountId,
    pub(super) region: Region,
    pub(super) seeded: Seeded,
    pub(super) delays: Delays,
    pub(super) now: Timestamp,
    pub(super) seed: u64,
    pub(super) later: BTreeMap<(Timestamp, u64), Later>,
    pub(super) scheduled: u64,
    pub(super) born: BTreeMap<String, u32>,
    pub(super) ec2: Ec2,
    pub(super) groups: Groups,
    pub(super) clusters: Clusters,
    pub(super) instances: Instances,
    pub(super) snapshots: Snapshots,
    pub(super) cache_groups: CacheGroups,
    pub(super) rds: RdsInstances,
    pub(super) db_snapshots: DbSnapshots,
    pub(super) instance_groups: InstanceGroups,
    pub(super) cache_users: CacheUsers,
    pub(super) caches: Caches,
    pub(super) replication_groups: ReplicationGroups,
    pub(super) file_systems: FileSystems,
    pub(super) access_points: AccessPoints,
    pub(super) backup: Backup,
    pub(super) buckets: Buckets,
    pub(super) associations: Associations,
    pub(super) keys: Keys,
    pub(super) secrets: Secrets,
    pub(super) log_groups: LogGroups,
    pub(super) roles: Arc<Mutex<Roles>>,
    pub(super) limits: Limits,
}

impl std::fmt::Debug for Room {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Room({}, {})", self.account, self.region)
    }
}

impl Room {
    pub(super) fn new(
        seed: u64,
        account: &AccountId,
        region: &Region,
        delays: Delays,
        roles: Arc<Mutex<Roles>>,
    ) -> Self {
        let seeded = Seeded::new(seed, account, region);
        let mut ec2 = Ec2::default();
        ec2.seed(&seeded);
        Self {
            account: account.clone(),
            region: region.clone(),
            seeded,
            delays,
            now: Timestamp::UNIX_EPOCH,
            seed,
            later: BTreeMap::new(),
            scheduled: 0,
            born: BTreeMap::new(),
            ec2,
            groups: Groups::default(),
            clusters: Clusters::default(),
            instances: Instances::default(),
            snapshots: Snapshots::default(),
            cache_groups: CacheGroups::default(),
            rds: RdsInstances::default(),
            db_snapshots: DbSnapshots::default(),
            instance_groups: InstanceGroups::default(),
            cache_users: CacheUsers::default(),
            caches: Caches::default(),
            replication_groups: ReplicationGroups::default(),
            file_systems: FileSystems::default(),
            access_points: AccessPoints::default(),
            backup: Backup::default(),
            buckets: Buckets::default(),
            associations: Associations::default(),
            keys: Keys::default(),
            secrets: Secrets::default(),
            log_groups: LogGroups::default(),
            roles,
            limits: Limits::default(),
        }
    }

    /// Does what AWS would have done by itself until `now`, in the order of time.
    pub(super) fn settle(&mut self, now: Timestamp) {
        while let Some(entry) = self.later.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let ((at, _), later) = entry.remove_entry();
            self.now = at;
            later(self);
        }
        self.now = now;
        self.run_plans(now);
    }

    /// Has AWS do something after a while.
    pub(super) fn after(
        &mut self,
        time: Duration,
        later: impl FnOnce(&mut Self) + Send + Sync + 'static,
    ) {
        self.scheduled += 1;
        let time = SignedDuration::try_from(time).unwrap_or_default();
        let at = self.now.checked_add(time).unwrap_or(self.now);
        self.later.insert((at, self.scheduled), Box::new(later));
    }

    /// An id of AWS's own, derived from `what` and how often that was made: another order of calls
    /// gives the same ids, and what is made anew another one.
    pub(super) fn next_id(&mut self, prefix: &str, what: &str) -> String {
        let times = self.born.entry(format!("{prefix}/{what}")).or_default();
        *times += 1;
        let text = format!(
            "{}/{}/{}/{prefix}/{what}/{times}",
            self.seed, self.account, self.region
        );
        format!("{prefix}{}", hex(&text, 17))
    }

    pub(super) fn roles(&self) -> MutexGuard<'_, Roles> {
        self.roles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn arn(&self, service: &str, resource: &str) -> Arn {
        Arn::new(format!(
            "arn:aws:{service}:{}:{}:{resource}",
            self.region, self.account
        ))
    }
}

/// So many hexadecimal digits that stand for `text`.
pub(super) fn hex(text: &str, digits: usize) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a string can't fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex.truncate(digits);
    hex
}
