//! What ACK's rds-controller v1.11.1 took for a thousand `DBCluster`s (cluster only, available at once,
//! 20 workers), on a real kube-apiserver with an emulator at 50 ms latency. Not measured here.

/// AWS requests.
pub(crate) const REQUESTS: f64 = 8043.0;
/// Reads for each mutation.
pub(crate) const READS: f64 = 7.0;
/// Seconds until all were available.
pub(crate) const WALL: f64 = 50.0;
/// Seconds of processor time.
pub(crate) const PROCESSOR: f64 = 8.7;
/// MiB resident.
pub(crate) const RESIDENT: f64 = 95.0;
/// Seconds between polls while something is created.
pub(crate) const POLL: f64 = 30.0;

/// What another number of objects is held to, in proportion.
#[expect(clippy::cast_precision_loss, reason = "some thousand objects")]
pub(crate) fn scale(objects: usize) -> f64 {
    objects as f64 / 1000.0
}
