//! Rooms at rest: copied, so that many runs start from one, and joined, so that many runs make one.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use super::{iam::Roles, room::Room};

impl Room {
    /// The same room for another run, where the roles are `roles`; `None` while AWS is about to do
    /// something in it.
    pub(super) fn copy_at_rest(&self, roles: Arc<Mutex<Roles>>) -> Option<Self> {
        self.later.is_empty().then(|| Self {
            account: self.account.clone(),
            region: self.region.clone(),
            seeded: self.seeded.clone(),
            delays: self.delays.clone(),
            now: self.now,
            seed: self.seed,
            later: BTreeMap::new(),
            scheduled: self.scheduled,
            born: self.born.clone(),
            ec2: self.ec2.clone(),
            groups: self.groups.clone(),
            clusters: self.clusters.clone(),
            instances: self.instances.clone(),
            snapshots: self.snapshots.clone(),
            cache_groups: self.cache_groups.clone(),
            rds: self.rds.clone(),
            db_snapshots: self.db_snapshots.clone(),
            instance_groups: self.instance_groups.clone(),
            cache_users: self.cache_users.clone(),
            caches: self.caches.clone(),
            replication_groups: self.replication_groups.clone(),
            file_systems: self.file_systems.clone(),
            access_points: self.access_points.clone(),
            backup: self.backup.clone(),
            buckets: self.buckets.clone(),
            associations: self.associations.clone(),
            keys: self.keys.clone(),
            secrets: self.secrets.clone(),
            log_groups: self.log_groups.clone(),
            limits: self.limits.clone(),
            roles,
        })
    }

    /// Adds what another room holds and this one does not.
    pub(super) fn join(&mut self, other: Self) {
        fn add<K: Ord, V>(ours: &mut BTreeMap<K, V>, theirs: BTreeMap<K, V>) {
            for (key, value) in theirs {
                ours.entry(key).or_insert(value);
            }
        }
        let roles = other.roles().all.clone();
        add(&mut self.roles().all, roles);
        let of_pods = other.roles().of_pods.clone();
        add(&mut self.roles().of_pods, of_pods);
        add(&mut self.born, other.born);
        add(&mut self.ec2.groups, other.ec2.groups);
        add(&mut self.groups.subnets, other.groups.subnets);
        add(&mut self.groups.parameters, other.groups.parameters);
        add(&mut self.clusters.all, other.clusters.all);
        add(&mut self.clusters.contents, other.clusters.contents);
        add(&mut self.snapshots.contents, other.snapshots.contents);
        add(&mut self.instances.all, other.instances.all);
        add(&mut self.snapshots.all, other.snapshots.all);
        add(&mut self.cache_groups.subnets, other.cache_groups.subnets);
        add(
            &mut self.cache_groups.parameters,
            other.cache_groups.parameters,
        );
        add(
            &mut self.replication_groups.all,
            other.replication_groups.all,
        );
        self.replication_groups
            .snapshots
            .extend(other.replication_groups.snapshots);
        add(&mut self.secrets.former, other.secrets.former);
        add(&mut self.rds.all, other.rds.all);
        add(&mut self.rds.records, other.rds.records);
        add(&mut self.rds.retained, other.rds.retained);
        add(&mut self.db_snapshots.all, other.db_snapshots.all);
        add(&mut self.db_snapshots.records, other.db_snapshots.records);
        add(&mut self.instance_groups, other.instance_groups);
        add(&mut self.cache_users.users, other.cache_users.users);
        add(&mut self.cache_users.groups, other.cache_users.groups);
        add(&mut self.caches.all, other.caches.all);
        add(&mut self.file_systems.all, other.file_systems.all);
        add(&mut self.access_points.all, other.access_points.all);
        add(&mut self.buckets.all, other.buckets.all);
        add(&mut self.associations.all, other.associations.all);
        add(&mut self.backup.vaults, other.backup.vaults);
        add(&mut self.keys.all, other.keys.all);
        add(&mut self.keys.aliases, other.keys.aliases);
        add(&mut self.secrets.all, other.secrets.all);
        add(&mut self.log_groups.all, other.log_groups.all);
        add(&mut self.backup.plans, other.backup.plans);
        self.backup.next_run = None;
        self.backup.fates.extend(other.backup.fates);
        add(&mut self.backup.restores, other.backup.restores);
        self.backup.jobs.extend(other.backup.jobs);
        self.clusters
            .retained_backups
            .extend(other.clusters.retained_backups);
        self.caches.snapshots.extend(other.caches.snapshots);
    }
}
