//! What a room holds, for assertions: sorted lines that name no id of AWS's own and no UID, so
//! that two runs that came to the same end compare equal.

use std::collections::{BTreeMap, BTreeSet};

use emr_resource::{
    Tags,
    file_system::FileSystem,
    key::ALIAS_TAG,
    names,
    ownership::{KIND, NAME, UID},
    replication_group::TOKEN_TAG,
};

use super::room::{Keeps, Room};

/// Lines by resource type.
pub type Inventory = BTreeMap<&'static str, Vec<String>>;

/// Each as it is written out.
pub(super) fn all<T: std::fmt::Debug>(values: impl IntoIterator<Item = T>) -> Vec<String> {
    let values = values.into_iter();
    values.map(|value| format!("{value:?}")).collect()
}

impl Room {
    /// Everything there is.
    pub fn inventory(&self) -> Inventory {
        let mut inventory = self.raw();
        let plain = self.plain();
        for lines in inventory.values_mut() {
            for line in lines.iter_mut() {
                for (from, to) in &plain {
                    *line = line.replace(from, to);
                }
            }
            lines.sort();
        }
        inventory.retain(|_, lines| !lines.is_empty());
        inventory
    }

    /// DB clusters by name.
    pub fn clusters(&self) -> Vec<String> {
        self.clusters.all.keys().map(ToString::to_string).collect()
    }

    /// DB instances that stand alone, replicas too, by name.
    pub fn rds_instances(&self) -> Vec<String> {
        self.rds.all.keys().map(ToString::to_string).collect()
    }

    /// A DB instance that stands alone, as it is.
    pub fn rds_instance(&self, id: &str) -> Option<emr_resource::rds_instance::Observed> {
        self.rds.all.get(&id.into()).cloned()
    }

    /// Lasting ids of deleted DB instances whose automated backups were kept.
    pub fn retained_instances(&self) -> Vec<String> {
        self.rds.retained.keys().cloned().collect()
    }

    /// File systems by token.
    pub fn file_systems(&self) -> Vec<String> {
        let tokens = self.file_systems.all.keys();
        tokens.map(ToString::to_string).collect()
    }

    /// Buckets by name.
    pub fn buckets(&self) -> Vec<String> {
        self.buckets.all.keys().map(ToString::to_string).collect()
    }

    #[allow(clippy::too_many_lines, reason = "a line for each type")]
    fn raw(&self) -> Inventory {
        let mut map = Inventory::new();
        map.insert("security-group", all(self.ec2.groups.values()));
        map.insert("db-subnet-group", all(self.groups.subnets.values()));
        map.insert("parameter-group", all(self.groups.parameters.values()));
        map.insert(
            "db-cluster",
            all(self.clusters.all.values().map(|cluster| {
                let mut cluster = cluster.clone();
                cluster.members.sort_by(|a, b| a.id.cmp(&b.id));
                // Which member writes changes by itself; how many do does not.
                let writers = cluster.members.iter().filter(|of| of.is_writer).count();
                for member in &mut cluster.members {
                    member.is_writer = false;
                }
                let contents = self.clusters.contents.get(&cluster.id);
                (cluster, writers, contents)
            })),
        );
        let retained = self.clusters.retained_backups.iter();
        map.insert("retained-backup", all(retained.map(|(id, _)| id)));
        map.insert("db-instance", all(self.instances.all.values()));
        map.insert(
            "snapshot",
            all(self.snapshots.all.values().map(|snapshot| {
                let mut snapshot = snapshot.clone();
                snapshot.taken_at = None;
                snapshot
            })),
        );
        map.insert("db-parameter-group", all(self.instance_groups.values()));
        let instances = self.rds.all.iter();
        map.insert(
            "rds-instance",
            all(instances.map(|(id, instance)| (instance, self.rds.records.get(id)))),
        );
        let snapshots = self.db_snapshots.all.values();
        map.insert(
            "db-snapshot",
            all(snapshots.map(|snapshot| {
                let mut snapshot = snapshot.clone();
                snapshot.taken_at = None;
                snapshot
            })),
        );
        map.insert("retained-instance", all(self.rds.retained.values()));
        map.insert("cache-user", all(self.cache_users.users.values()));
        map.insert("cache-user-group", all(self.cache_users.groups.values()));
        map.insert("cache-snapshot", all(&self.caches.snapshots));
        map.insert(
            "cache",
            all(self.caches.all.values().map(|cache| {
                let mut cache = cache.clone();
                cache.created_at = None;
                cache
            })),
        );
        map.insert(
            "cache-subnet-group",
            all(self.cache_groups.subnets.values()),
        );
        map.insert(
            "cache-parameter-group",
            all(self.cache_groups.parameters.values()),
        );
        map.insert(
            "replication-group-snapshot",
            all(&self.replication_groups.snapshots),
        );
        map.insert(
            "replication-group",
            all(self.replication_groups.all.values().map(|(group, tokens)| {
                let mut group = group.clone();
                (group.created_at, group.token_modified_at) = (None, None);
                // Which version it was made with differs from run to run.
                if let Some(tags) = &mut group.tags {
                    tags.remove(TOKEN_TAG);
                }
                (group, tokens.len())
            })),
        );
        let tokens = self.file_systems.all.keys();
        map.insert(
            "file-system",
            all(tokens.map(|token| {
                let mut files = Keeps::<FileSystem>::read(self, token);
                if let Some(details) = files.as_mut().and_then(|files| files.details.as_mut()) {
                    details.mount_targets.sort_by(|a, b| a.zone.cmp(&b.zone));
                    for target in &mut details.mount_targets {
                        target.id = "fsmt".into();
                    }
                }
                (files, &self.file_systems.all[token].folders)
            })),
        );
        map.insert("access-point", all(self.access_points.all.values()));
        map.extend(self.backup_lines());
        map.insert("backup-role", all(self.roles().all.values()));
        map.insert("pod-role", all(self.roles().of_pods.values()));
        let associations = self.associations.all.values();
        map.insert(
            "pod-identity-association",
            all(associations.map(|of| (&of.identity, &of.role_arn, &of.tags))),
        );
        map.insert("bucket", all(self.buckets.all.iter()));
        map.insert(
            "secret",
            all(self.secrets.all.values().map(|(secret, value)| {
                let mut secret = secret.clone();
                secret.version = None;
                (secret, &value.username)
            })),
        );
        map.insert("log-group", all(self.log_groups.all.values()));
        map.insert(
            "key",
            all(self.keys.all.iter().map(|(id, key)| {
                let mut aliases = self.keys.aliases.iter();
                let alias = aliases.find(|(_, of)| *of == id).map(|(alias, _)| alias);
                (id, alias, &key.state, key.rotation, &key.tags)
            })),
        );
        map
    }

    /// What stands for ids that depend on UIDs: of keys their alias, of objects kind and name.
    fn plain(&self) -> Vec<(String, String)> {
        let mut plain = BTreeSet::new();
        let mut secrets = Vec::new();
        for (secret, _) in self.secrets.all.values() {
            let arn = secret.arn.as_str();
            let end = arn.len() - 6;
            secrets.push((arn.to_owned(), format!("{}SUFFIX", &arn[..end])));
        }
        for (id, key) in &self.keys.all {
            let alias = key.tags.get(ALIAS_TAG);
            let alias = alias.map_or("key", String::as_str).to_owned();
            secrets.push((id.to_string(), alias));
        }
        for tags in self.all_tags() {
            if let (Some(uid), Some(kind), Some(name)) =
                (tags.get(UID), tags.get(KIND), tags.get(NAME))
            {
                plain.insert((uid.clone(), format!("UID({kind}/{name})")));
                plain.insert((names::hash(&[uid]), format!("UID({kind}/{name})")));
            }
        }
        secrets.into_iter().chain(plain).collect()
    }

    fn all_tags(&self) -> Vec<Tags> {
        let mut all: Vec<Tags> = Vec::new();
        all.extend(self.ec2.groups.values().map(|of| of.tags.clone()));
        all.extend(
            self.groups
                .subnets
                .values()
                .filter_map(|of| of.tags.clone()),
        );
        all.extend(self.clusters.all.values().map(|of| of.tags.clone()));
        all.extend(self.snapshots.all.values().map(|of| of.tags.clone()));
        all.extend(self.rds.all.values().map(|of| of.tags.clone()));
        all.extend(self.db_snapshots.all.values().map(|of| of.tags.clone()));
        all.extend(self.file_systems.all.values().map(|of| of.tags.clone()));
        all.extend(self.buckets.all.values().map(|of| of.tags.clone()));
        all.extend(self.backup.jobs.iter().map(|of| of.tags.clone()));
        all.extend(
            self.cache_users
                .users
                .values()
                .filter_map(|of| of.tags.clone()),
        );
        let groups = self.replication_groups.all.values();
        all.extend(groups.filter_map(|(of, _)| of.tags.clone()));
        all.extend(self.secrets.all.values().map(|(of, _)| of.tags.clone()));
        all.extend(self.keys.all.values().map(|of| of.tags.clone()));
        all
    }
}
