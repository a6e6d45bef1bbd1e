//! Serverless caches.

use std::collections::{BTreeMap, BTreeSet};

use emr_resource::{
    ids::CacheName,
    quota::Quota,
    serverless_cache::{Change, Desired, Endpoint, Observed, ServerlessCache, Settings},
};

use super::room::{Keeps, Refused, Room, Window, ensure, refuse};

const WRONG_STATE: &str = "InvalidServerlessCacheStateFault";

#[derive(Clone, Default)]
pub(super) struct Caches {
    pub(super) all: BTreeMap<CacheName, Observed>,
    /// Names of final snapshots.
    pub(super) snapshots: BTreeSet<String>,
}

impl Caches {
    /// Source: ElastiCache API reference, `ModifyServerlessCache`.
    fn available(&mut self, name: &CacheName) -> Result<&mut Observed, Refused> {
        let Some(cache) = self.all.get_mut(name) else {
            return refuse("ServerlessCacheNotFoundFault", format!("{name} not found"));
        };
        let message = format!("cache {name} is {}", cache.status);
        ensure(cache.is_available(), WRONG_STATE, message)?;
        Ok(cache)
    }
}

impl Room {
    /// Source: ElastiCache API reference, `CreateServerlessCache`: two or three subnets in zones
    /// of their own, an active user group of the same engine.
    fn create_cache(&mut self, desired: &Desired) -> Result<Option<Observed>, Refused> {
        let name = &desired.name;
        let exists = self.caches.all.contains_key(name);
        ensure(
            !exists,
            "ServerlessCacheAlreadyExistsFault",
            format!("{name} exists"),
        )?;
        let version = matches!(
            (desired.engine.as_str(), desired.major_version.as_str()),
            ("valkey", "7" | "8") | ("redis", "7")
        );
        ensure(version, "InvalidParameterValue", "no such engine version")?;
        self.within_quota(
            Quota::ServerlessCaches,
            "ServerlessCacheQuotaForCustomerExceededFault",
        )?;
        let mut zones = BTreeSet::new();
        for id in &desired.subnet_ids {
            match self.seeded.subnet(id) {
                Some(subnet) => zones.insert(&subnet.zone),
                None => return refuse("InvalidParameterValue", format!("no subnet {id}")),
            };
        }
        let apart = zones.len() == desired.subnet_ids.len() && (2..=3).contains(&zones.len());
        ensure(
            apart,
            "InvalidParameterValue",
            "two or three subnets, each in its own zone",
        )?;
        let group = self.ec2.has(&desired.security_group_id);
        ensure(group, "InvalidParameterValue", "no such security group")?;
        self.check_key(&desired.kms_key_arn, "InvalidParameterValue")?;
        let users = self.cache_users.group(&desired.user_group_id)?;
        let same = users.engine == desired.engine;
        ensure(
            same,
            "InvalidParameterCombination",
            "the user group is for another engine",
        )?;
        let cache = Observed {
            name: name.clone(),
            arn: self.arn("elasticache", &format!("serverlesscache:{name}")),
            created_at: Some(self.now),
            status: "creating".into(),
            description: desired.description.clone(),
            endpoint: None,
            reader_endpoint: None,
            engine: desired.engine.clone(),
            major_version: desired.major_version.clone(),
            full_version: None,
            max_data_gb: Some(desired.max_data_gb),
            max_ecpu: Some(desired.max_ecpu),
            kms_key_arn: Some(desired.kms_key_arn.clone()),
            security_group_ids: [desired.security_group_id.clone()].into(),
            subnet_ids: desired.subnet_ids.clone(),
            user_group_id: Some(desired.user_group_id.clone()),
            snapshot_retention_days: desired.snapshot_retention_days,
            daily_snapshot_time: desired.daily_snapshot_time.clone(),
            tags: Some(desired.tags.clone()),
        };
        self.caches.all.insert(name.clone(), cache.clone());
        let suffix = self.next_id("", name.as_str());
        let (host, name) = (
            format!("{name}-{}.serverless.cache.amazonaws.com", &suffix[..6]),
            name.clone(),
        );
        self.after(self.delays.cache_creating, move |room| {
            if let Some(cache) = room.caches.all.get_mut(&name)
                && cache.status == "creating"
            {
                let endpoint = |port| Endpoint {
                    address: host.clone(),
                    port,
                };
                cache.status = "available".into();
                cache.endpoint = Some(endpoint(6379));
                cache.reader_endpoint = Some(endpoint(6380));
                cache.full_version = Some(format!("{}.0", cache.major_version));
            }
        });
        Ok(Some(cache))
    }

    /// A major version is raised, alone. Source: ElastiCache API reference,
    /// `ModifyServerlessCache`.
    fn modify_cache(&mut self, name: &CacheName, settings: &Settings) -> Result<(), Refused> {
        let seen = self.caches.available(name)?.clone();
        let mut cache = seen.clone();
        if let Some(version) = &settings.major_version {
            let alone = Settings {
                major_version: Some(version.clone()),
                ..Settings::default()
            };
            ensure(
                alone == *settings,
                "InvalidParameterCombination",
                "ask for it alone",
            )?;
            let raised = version.parse::<u32>().ok() > cache.major_version.parse().ok();
            ensure(raised, "InvalidParameterCombination", "it can't be lowered")?;
            cache.major_version.clone_from(version);
        }
        if let Some(id) = &settings.security_group_id {
            let known = self.ec2.has(id);
            ensure(known, "InvalidParameterValue", "no such security group")?;
            cache.security_group_ids = [id.clone()].into();
        }
        if let Some(id) = &settings.user_group_id {
            self.cache_users.group(id)?;
            cache.user_group_id = Some(id.clone());
        }
        if let Some((data, ecpu)) = settings.limits {
            (cache.max_data_gb, cache.max_ecpu) = (Some(data), Some(ecpu));
        }
        if let Some(description) = &settings.description {
            cache.description.clone_from(description);
        }
        if let Some(days) = settings.snapshot_retention_days {
            cache.snapshot_retention_days = days;
        }
        if settings.daily_snapshot_time.is_some() {
            cache
                .daily_snapshot_time
                .clone_from(&settings.daily_snapshot_time);
        }
        cache.status = "modifying".into();
        self.caches.all.insert(name.clone(), cache);
        let name = name.clone();
        self.after(self.delays.modifying, move |room| {
            if let Some(cache) = room.caches.all.get_mut(&name)
                && cache.status == "modifying"
            {
                cache.status = "available".into();
            }
        });
        Ok(())
    }

    fn delete_cache(
        &mut self,
        name: &CacheName,
        snapshot: Option<&String>,
    ) -> Result<Option<Observed>, Refused> {
        self.caches.available(name)?;
        if let Some(snapshot) = snapshot {
            let taken = self.caches.snapshots.contains(snapshot);
            let code = "ServerlessCacheSnapshotAlreadyExistsFault";
            ensure(!taken, code, format!("{snapshot} exists"))?;
        }
        let cache = self.caches.available(name)?;
        cache.status = "deleting".into();
        let mut reply = cache.clone();
        reply.tags = None;
        self.caches.snapshots.extend(snapshot.cloned());
        let name = name.clone();
        self.after(self.delays.deleting, move |room| {
            room.caches.all.remove(&name);
        });
        Ok(Some(reply))
    }
}

impl Keeps<ServerlessCache> for Room {
    fn list(&self, window: Window) -> Vec<Observed> {
        let untagged = |cache: &Observed| Observed {
            tags: None,
            ..cache.clone()
        };
        window.show(self.caches.all.values(), untagged)
    }

    fn read(&self, id: &CacheName) -> Option<Observed> {
        self.caches.all.get(id).cloned()
    }

    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        match change {
            Change::Create(desired) => self.create_cache(desired),
            Change::Modify { name, settings, .. } => {
                self.modify_cache(name, settings)?;
                Ok(None)
            }
            Change::Delete {
                name,
                final_snapshot,
            } => self.delete_cache(name, final_snapshot.as_ref()),
        }
    }
}
