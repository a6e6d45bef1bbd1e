use std::time::Duration;

use super::*;

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn drain(bucket: &mut Bucket, priority: Priority, now: Instant) -> usize {
    std::iter::repeat_with(|| bucket.take(priority, now))
        .take_while(Result::is_ok)
        .count()
}

#[tokio::test(start_paused = true)]
async fn a_burst_then_the_sustained_rate() {
    let now = Instant::now();
    let mut bucket = Bucket::new(Rate::new(6.0, 150.0), now);
    assert_eq!(drain(&mut bucket, Priority::Read, now), 150);
    assert_eq!(drain(&mut bucket, Priority::Read, now + secs(10)), 60);
    assert_eq!(drain(&mut bucket, Priority::Read, now + secs(1000)), 150);
}

#[tokio::test(start_paused = true)]
async fn a_throttle_halves_the_rate_once_and_it_recovers() {
    let now = Instant::now();
    let mut bucket = Bucket::new(Rate::new(8.0, 100.0), now);
    bucket.throttled(now);
    bucket.throttled(now);
    assert!((bucket.rate(now) - 4.0).abs() < 1e-9);
    assert_eq!(drain(&mut bucket, Priority::Mutation, now), 0);
    bucket.throttled(now + secs(2));
    assert!(bucket.rate(now + secs(2)) < 2.2);
    assert!((bucket.rate(now + secs(62)) - 8.0).abs() < 1e-9);
}

#[tokio::test(start_paused = true)]
async fn the_rate_never_falls_to_nothing() {
    let now = Instant::now();
    let mut bucket = Bucket::new(Rate::new(16.0, 16.0), now);
    for second in 0..100 {
        bucket.throttled(now + secs(second));
    }
    assert!(bucket.rate(now + secs(99)) >= 1.0);
}

#[tokio::test(start_paused = true)]
async fn mutations_go_first_and_reads_still_get_a_turn() {
    let now = Instant::now();
    let mut bucket = Bucket::new(Rate::new(1.0, 100.0), now);
    bucket.waiting(Priority::Mutation, true);
    assert!(bucket.take(Priority::Read, now).is_err());
    bucket.waiting(Priority::Read, true);
    assert_eq!(drain(&mut bucket, Priority::Mutation, now), 8);
    assert!(bucket.take(Priority::Read, now).is_ok());
    assert!(bucket.take(Priority::Mutation, now).is_ok());
}

#[tokio::test(start_paused = true)]
async fn waiting_tasks_are_served_at_the_rate() {
    let limiter = Arc::new(Limiter::new(Rate::new(2.0, 1.0)));
    let start = Instant::now();
    let tasks: Vec<_> = (0..11)
        .map(|_| {
            let limiter = Arc::clone(&limiter);
            tokio::spawn(async move { limiter.admit(Priority::Mutation).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let taken = start.elapsed();
    assert!(
        taken >= secs(5) && taken < Duration::from_millis(5100),
        "{taken:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_waiting_holds_nobody_back() {
    let limiter = Arc::new(Limiter::new(Rate::new(0.1, 1.0)));
    limiter.admit(Priority::Mutation).await;
    let waiting = limiter.admit(Priority::Mutation);
    assert!(tokio::time::timeout(secs(1), waiting).await.is_err());
    let start = Instant::now();
    limiter.admit(Priority::Read).await;
    assert!(start.elapsed() < secs(10));
}

#[test]
fn we_take_half_of_what_is_documented_and_never_nothing() {
    let ours = Limits::default().ours(Service::Rds);
    assert_eq!(ours, Rate::new(6.0, 150.0));
    let none = Limits {
        share: 0.0,
        ..Limits::default()
    };
    assert!(none.ours(Service::Kms).burst >= 1.0);
}
