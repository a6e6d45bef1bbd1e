//! The rules that cost a clinic its data when they are broken, so that the judge, both matrices, the
//! replicas and the random walks can each be seen to catch that.

use std::sync::Arc;

use emr_resource::{backup_job::BackupJobs, cluster_snapshot::ClusterSnapshot};

use crate::{
    lies::{Liar, Lie, bent_answers},
    matrix::Phase,
};

/// A broken rule that every way of testing has to catch.
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    /// When it is broken.
    pub(crate) phase: Phase,
    pub(crate) lie: fn() -> Lie,
    /// What the judge says then.
    pub(crate) says: &'static str,
}

/// What costs a clinic its data.
pub(crate) const RULES: [Rule; 3] = [
    Rule {
        name: "deletion without waiting for the snapshot",
        phase: Phase::Deletion,
        lie: copies_look_complete,
        says: "without a copy of",
    },
    Rule {
        name: "creation after a loss",
        phase: Phase::Loss,
        lie: the_database_is_forgotten,
        says: "an empty one where a full one was",
    },
    Rule {
        name: "an exact set under load",
        phase: Phase::Backup,
        lie: nobody_is_waited_for,
        says: "pods run, and the set is to be exact",
    },
];

/// It does not wait for the copies: all look complete at once.
pub(crate) fn copies_look_complete() -> Lie {
    Lie::about_aws(|ports| {
        let liar = Liar::<ClusterSnapshot>::of(&ports.cluster_snapshot);
        ports.cluster_snapshot = Arc::new(liar.seeing(|of| of.status = "available".into()));
        let liar = Liar::<BackupJobs>::of(&ports.backup_job);
        ports.backup_job = Arc::new(liar.seeing(|of| {
            for job in &mut of.jobs {
                job.state = "COMPLETED".into();
            }
        }));
    })
}

/// It forgets that there ever was a database.
pub(crate) fn the_database_is_forgotten() -> Lie {
    Lie::about_kubernetes(|client| {
        bent_answers(client, |object| {
            if object["kind"] == "ManagedDatabase"
                && let Some(status) = object["status"].as_object_mut()
            {
                status.remove("arn");
            }
        })
    })
}

/// It takes both halves although the pods have not stopped.
pub(crate) fn nobody_is_waited_for() -> Lie {
    Lie::about_kubernetes(|client| {
        bent_answers(client, |object| {
            if object["kind"] == "EmrBackup" && object["status"]["phase"] == "Quiescing" {
                object["status"]["phase"] = "Copying".into();
            }
        })
    })
}
