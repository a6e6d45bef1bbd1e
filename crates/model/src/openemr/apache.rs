//! Apache's limits, which make `replicas x connections` a real bound.
//!
//! The image runs PHP inside Apache's prefork processes, without persistent connections: a request
//! occupies one process and opens one connection to the database, closed when it ends. So
//! `MaxRequestWorkers` bounds the connections of a pod. Requests beyond it wait in the listen
//! queue, and the pods' CPU makes the autoscaler add pods.

use super::{connections::CONNECTIONS_PER_POD, workload::Workload};

/// Apache reads `conf.d` by name, and the last word counts: this sorts behind the image's files.
pub(super) const PATH: &str = "/etc/apache2/conf.d/zz-emr-operator.conf";

/// The file's content.
pub(super) fn conf(workload: &Workload) -> String {
    let limits = include_str!("scripts/apache.conf")
        .replace("@CONNECTIONS@", &CONNECTIONS_PER_POD.to_string());
    if workload.is_fenced() {
        limits + include_str!("scripts/fence.conf")
    } else {
        limits
    }
}
