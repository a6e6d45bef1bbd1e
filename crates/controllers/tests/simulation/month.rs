//! Clinics that rest: what it costs AWS and Kubernetes to keep them, and that nothing is changed that
//! nobody asked for.
//!
//! A hundred clinics rest for two days by default; `EMR_MONTH_DAYS=30` lets them rest for a month, and
//! `EMR_MONTH_CLINICS` says how many there are. A day of a hundred takes about three seconds of a core,
//! most of which is the operator's own: it compares each resource with what it knows once a minute.

use std::{env, time::Duration};

use tokio::time::{Instant, sleep};

use crate::{clinics, lives, world::World};

const CLINICS: usize = 100;
const DAYS: u64 = 2;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

#[test]
fn days_pass_quietly() {
    let count = number("EMR_MONTH_CLINICS").map_or(CLINICS, |count| count.try_into().unwrap());
    let days = number("EMR_MONTH_DAYS").unwrap_or(DAYS);
    let began = std::time::Instant::now();
    lives::run(async {
        let mut world = World::with(&clinics::manifests(0..count)).await;
        clinics::lift_quotas(&world);
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
        // The first recovery points are told once.
        world.look(|room| room.run_backup_plans(true));
        sleep(Duration::from_hours(30)).await;
        world.kube.compact();
        world.aws.remember_lists(false);
        world.troubles.forget();
        let reads = world.aws.reads();
        let writes = (world.aws.writes(), world.kube.writes());
        let rest = std::time::Instant::now();
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
            rest.elapsed().as_secs_f64(),
            f64::from(read) / minutes
        );
        assert_eq!(writes, (world.aws.writes(), world.kube.writes()));
    });
}
