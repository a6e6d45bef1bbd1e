//! What a judge asks of a room while a call arrives: the truth, whatever the operator believes.

use emr_resource::{
    ResourceType, Tags,
    ids::DbClusterId,
    ownership::{KIND, UID},
};

use super::room::{Keeps, Room};

impl Room {
    /// How many complete copies hold this: snapshots of the DB cluster, or recovery points of the
    /// file system with this token.
    pub fn copies_of(&self, name: &str) -> usize {
        let snapshots = self.snapshots.all.values();
        // A set that was taken before is none of what is there in the end.
        let last = |tags: &Tags| tags.get(KIND).is_none_or(|kind| kind != "EmrBackup");
        let of_cluster = snapshots
            .filter(|of| of.cluster_id.as_str() == name && of.status == "available")
            .filter(|of| last(&of.tags))
            .count();
        let files = self.file_systems.all.get(&name.into());
        let jobs = files.map_or(0, |files| {
            let jobs = self.backup.jobs.iter();
            jobs.filter(|of| of.resource_arn == files.arn && of.job.state == "COMPLETED")
                .filter(|of| last(&of.tags))
                .count()
        });
        let instances = self.db_snapshots.all.values();
        let of_instance = instances
            .filter(|of| of.instance_id.as_str() == name && of.status == "available")
            .filter(|of| last(&of.tags))
            .count();
        of_cluster + of_instance + jobs
    }

    /// Whose data a DB cluster holds: the cluster that was created empty; and the secret that opens it.
    pub fn data_in(&self, cluster: &str) -> Option<(String, String)> {
        let contents = self.clusters.contents.get(&DbClusterId::new(cluster))?;
        Some((contents.data.0.to_string(), contents.master.to_string()))
    }

    /// The same of a DB instance that stands alone.
    pub fn records_in(&self, instance: &str) -> Option<(String, String)> {
        let records = self.rds.records.get(&instance.into())?;
        Some((records.data.0.to_string(), records.master.to_string()))
    }

    /// Whether a DB instance follows another.
    pub fn is_replica(&self, instance: &str) -> bool {
        let instance = self.rds.all.get(&instance.into());
        instance.is_some_and(|of| of.replica_of.is_some())
    }

    /// The ARNs of all snapshots of DB instances.
    pub fn instance_copies(&self) -> Vec<String> {
        let snapshots = self.db_snapshots.all.values();
        snapshots.map(|of| of.arn.to_string()).collect()
    }

    /// How many recovery points there are that carry this UID.
    pub fn points_of(&self, uid: &str) -> usize {
        let completed = self.completed();
        completed
            .filter(|of| of.tags.get(UID).is_some_and(|of| of == uid))
            .count()
    }

    /// What a person finds in the console who looks for copies: the ARNs of all snapshots, and of all
    /// recovery points.
    pub fn copies(&self) -> (Vec<String>, Vec<String>) {
        let snapshots = self.snapshots.all.values();
        let points = self.completed();
        let points = points.filter_map(|of| of.job.recovery_point_arn.as_ref());
        (
            snapshots.map(|of| of.arn.to_string()).collect(),
            points.map(ToString::to_string).collect(),
        )
    }

    /// The members of a DB cluster that are there.
    pub fn members_of(&self, cluster: &str) -> usize {
        let cluster = DbClusterId::new(cluster);
        let members = self.instances.all.values();
        members
            .filter(|member| member.cluster_id.as_ref() == Some(&cluster))
            .count()
    }

    /// The cluster that a DB instance belongs to.
    pub fn cluster_of(&self, instance: &str) -> Option<String> {
        let member = self.instances.all.get(&instance.into())?;
        member.cluster_id.as_ref().map(ToString::to_string)
    }

    /// The tags of what stands under this name of ours.
    pub fn tags_of(&self, resource_type: &str, name: &str) -> Option<Tags> {
        macro_rules! look {
            ($(($variant:ident, $module:ident)),+ $(,)?) => {
                match resource_type {
                    $(<emr_resource::$module::$variant as ResourceType>::NAME => {
                        tags_of::<emr_resource::$module::$variant>(self, name)
                    })+
                    _ => None,
                }
            };
        }
        emr_resource::for_each_resource_type!(look)
    }

    /// The AUTH tokens that a replication group accepts, newest first.
    pub fn tokens_of(&self, group: &str) -> Vec<String> {
        let group = self.replication_groups.all.get(&group.into());
        let tokens = group.into_iter().flat_map(|(_, tokens)| tokens);
        tokens.map(|token| token.to_string()).collect()
    }

    /// Replication groups by id.
    pub fn replication_groups(&self) -> Vec<String> {
        let ids = self.replication_groups.all.keys();
        ids.map(ToString::to_string).collect()
    }

    /// The final snapshots that were taken of replication groups.
    pub fn cache_snapshots(&self) -> Vec<String> {
        let names = self.replication_groups.snapshots.iter();
        names.map(ToString::to_string).collect()
    }

    /// Every secret value that is kept, so that a scan can look for it.
    pub fn passwords(&self) -> Vec<String> {
        let current = self.secrets.all.values().map(|(_, value)| value);
        let all = current.chain(self.secrets.former.values());
        all.map(|value| value.password.to_string()).collect()
    }
}

fn tags_of<R: ResourceType<Id: for<'a> From<&'a str>>>(room: &Room, name: &str) -> Option<Tags>
where
    Room: Keeps<R>,
{
    R::tags(&Keeps::<R>::read(room, &name.into())?).cloned()
}
