//! People's hands in the account, behind the operator's back.

use emr_resource::{Tags, bucket::Details as Told, db_cluster::Settings, ids::DbClusterId};

use zeroize::Zeroizing;

use super::room::{Room, hex};
use crate::SecretValue;

impl Room {
    /// Somebody deleted a cluster with its members, snapshot or not.
    pub fn tamper_lose_cluster(&mut self, id: &str) -> bool {
        let id = DbClusterId::new(id);
        let of_cluster = |of: &Option<DbClusterId>| of.as_ref() == Some(&id);
        self.instances
            .all
            .retain(|_, member| !of_cluster(&member.cluster_id));
        self.clusters.all.remove(&id).is_some()
    }

    /// Somebody deleted a DB instance that stands alone, snapshot or not.
    pub fn tamper_lose_instance(&mut self, id: &str) -> bool {
        self.rds.records.remove(&id.into());
        self.rds.all.remove(&id.into()).is_some()
    }

    /// Somebody changed settings of a DB instance that stands alone, or AWS grew its storage.
    pub fn tamper_instance(
        &mut self,
        id: &str,
        change: impl FnOnce(&mut emr_resource::rds_instance::Settings),
    ) -> bool {
        let instance = self.rds.all.get_mut(&id.into());
        instance.map(|of| change(&mut of.settings)).is_some()
    }

    /// Somebody deleted a file system with everything about it.
    pub fn tamper_lose_file_system(&mut self, token: &str) -> bool {
        let Some(files) = self.file_systems.all.remove(&token.into()) else {
            return false;
        };
        let points = &mut self.access_points.all;
        points.retain(|_, point| point.file_system_id != files.id);
        true
    }

    /// Somebody deleted every cache.
    pub fn tamper_lose_caches(&mut self) -> usize {
        std::mem::take(&mut self.caches.all).len()
    }

    /// Somebody deleted the mount target of a file system in one zone.
    pub fn tamper_lose_mount_target(&mut self, token: &str) -> bool {
        let files = self.file_systems.all.get_mut(&token.into());
        files.is_some_and(|files| files.targets.pop().is_some())
    }

    /// Somebody changed settings of a cluster.
    pub fn tamper_cluster(&mut self, id: &str, change: impl FnOnce(&mut Settings)) -> bool {
        let cluster = self.clusters.all.get_mut(&id.into());
        cluster
            .map(|cluster| change(&mut cluster.settings))
            .is_some()
    }

    /// Somebody replaced the tags of a cluster. Hands back those that it had.
    pub fn tamper_tags(&mut self, id: &str, tags: Tags) -> Option<Tags> {
        let cluster = self.clusters.all.get_mut(&id.into())?;
        Some(std::mem::replace(&mut cluster.tags, tags))
    }

    /// Somebody opened every security group whose name ends like this to the world.
    pub fn tamper_open(&mut self, suffix: &str) -> usize {
        let open = emr_resource::security_group::IngressRule {
            protocol: "tcp".into(),
            ports: Some((3306, 3306)),
            source: emr_resource::security_group::Source::Ipv4("0.0.0.0/0".into()),
        };
        let groups = self.ec2.groups.values_mut();
        let ours = groups.filter(|group| group.name.as_str().ends_with(suffix));
        ours.map(|group| group.ingress.insert(open.clone())).count()
    }

    /// Somebody disabled every key.
    pub fn tamper_disable_keys(&mut self) {
        for key in self.keys.all.values_mut() {
            key.state = "Disabled".into();
        }
    }

    /// A snapshot that is being taken will fail.
    pub fn tamper_fail_snapshots(&mut self) {
        for snapshot in self.snapshots.all.values_mut() {
            snapshot.status = "failed".into();
        }
    }

    /// Somebody emptied every backup plan: its last rule and all that it covers. How many those were.
    pub fn tamper_plans(&mut self) -> usize {
        let plans = self.backup.plans.values_mut();
        let details = plans.filter_map(|planned| planned.plan.details.as_mut());
        details
            .map(|details| {
                details.rules.pop();
                details.selections.clear();
            })
            .count()
    }

    /// Somebody took a tag from every cluster and file system that had it. How many those were.
    pub fn tamper_untag(&mut self, name: &str) -> usize {
        let clusters = self.clusters.all.values_mut().map(|of| &mut of.tags);
        let files = self.file_systems.all.values_mut().map(|of| &mut of.tags);
        let all = clusters.chain(files);
        all.filter_map(|tags| tags.remove(name)).count()
    }

    /// Somebody deleted every replication group.
    pub fn tamper_lose_replication_groups(&mut self) -> usize {
        std::mem::take(&mut self.replication_groups.all).len()
    }

    /// Somebody put a new value into every secret whose name holds this. How many those were.
    pub fn tamper_replace_secrets(&mut self, part: &str) -> usize {
        let names = self.secrets.all.keys();
        let names: Vec<_> = names
            .filter(|name| name.as_str().contains(part))
            .cloned()
            .collect();
        for name in &names {
            let id = self.next_id("", &format!("secret/{name}"));
            let Some((secret, value)) = self.secrets.all.get_mut(name) else {
                continue;
            };
            let new = SecretValue {
                username: value.username.clone(),
                password: Zeroizing::new(hex(&id, 32)),
                private_key: value.private_key.clone(),
            };
            let old = std::mem::replace(value, new);
            if let Some(version) = secret.version.replace(id.as_str().into()) {
                self.secrets.former.insert((name.clone(), version), old);
            }
        }
        names.len()
    }

    /// Somebody wrote an object into a bucket, or deleted the last version of the last one.
    pub fn tamper_objects(&mut self, bucket: &str, there: bool) -> bool {
        let bucket = self.buckets.all.get_mut(&bucket.into());
        bucket.map(|bucket| bucket.empty = !there).is_some()
    }

    /// Somebody deleted a bucket with everything in it.
    pub fn tamper_lose_bucket(&mut self, bucket: &str) -> bool {
        self.buckets.all.remove(&bucket.into()).is_some()
    }

    /// Somebody told a bucket something else.
    pub fn tamper_bucket(&mut self, bucket: &str, tell: impl FnOnce(&mut Told)) -> bool {
        let bucket = self.buckets.all.get_mut(&bucket.into());
        bucket.map(tell).is_some()
    }
}
