//! Clinics that rest: what it costs AWS and Kubernetes to keep them, and that nothing is changed that
//! nobody asked for.
//!
//! A day of twenty by default; `EMR_MONTH_CLINICS=100 EMR_MONTH_DAYS=30` lives a month of a hundred,
//! which takes about a minute for each day.

use std::{env, fmt::Write as _, time::Duration};

use emr_resource::quota::Quota;
use tokio::time::{Instant, sleep};

use crate::{lives, world::World};

const CLINICS: usize = 20;
const DAYS: u64 = 1;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

fn clinics(count: usize) -> String {
    let mut manifests = "apiVersion: emrstack.dev/v1alpha1
kind: EmrPlatform
metadata: {name: default}
spec: {eks: {clusterName: clinics}}
"
    .to_owned();
    for clinic in 0..count {
        let _ = write!(
            manifests,
            "---
apiVersion: emrstack.dev/v1alpha1
kind: EmrInstance
metadata: {{name: clinic-{clinic:05}, namespace: clinics}}
spec: {{hostname: clinic-{clinic:05}.example.org, openemr: {{version: 8.2.0}}}}
"
        );
    }
    manifests
}

#[test]
fn days_pass_quietly() {
    let count = number("EMR_MONTH_CLINICS").map_or(CLINICS, |count| count.try_into().unwrap());
    let days = number("EMR_MONTH_DAYS").unwrap_or(DAYS);
    let began = std::time::Instant::now();
    lives::run(async {
        let mut world = World::with(&clinics(count)).await;
        world.look(|room| {
            for quota in Quota::ALL {
                room.set_quota(quota, 1_000_000);
            }
        });
        let applied = Instant::now();
        world.start();
        world.until_all_ready(count).await;
        let (hours, calls) = (applied.elapsed().as_secs_f64() / 3600.0, world.aws.writes());
        println!(
            "simulation: {count} clinics Ready after {hours:.1} virtual hours, {calls} changes and \
             {} reads of AWS, in {:.0} s",
            world.aws.reads(),
            began.elapsed().as_secs_f64()
        );
        world.kube.compact();
        world.aws.remember_lists(false);
        world.troubles.forget();
        let reads = world.aws.reads();
        let writes = (world.aws.writes(), world.kube.writes());
        sleep(Duration::from_hours(24 * days)).await;
        let minutes = 24.0 * 60.0 * f64::from(u32::try_from(days).unwrap());
        for (request, times) in world.troubles.counts() {
            println!(
                "simulation: {:.2} a minute: {request:?}",
                f64::from(times) / minutes
            );
        }
        let read = u32::try_from(world.aws.reads() - reads).unwrap();
        println!(
            "simulation: {days} days of {count} clinics in {:.0} s, {:.1} reads of AWS a minute",
            began.elapsed().as_secs_f64(),
            f64::from(read) / minutes
        );
        assert_eq!(writes, (world.aws.writes(), world.kube.writes()));
    });
}
