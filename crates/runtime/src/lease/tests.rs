//! The lease on a virtual clock, against the API server in memory.

use kube::Client;
use tokio::time::{advance, sleep, timeout};

use super::*;
use crate::memory::{Fault, MemoryServer};

#[tokio::test(start_paused = true)]
async fn the_turn_depends_on_the_holder_and_on_how_long_it_was_silent() {
    let since = Instant::now();
    let seen = |holder: Option<&str>| Seen {
        holder: holder.map(str::to_owned),
        duration: Duration::from_secs(15),
        since,
    };
    let end = since + Duration::from_secs(15);
    let just_before = end - Duration::from_millis(1);
    let table = [
        (None, since, Decision::Acquire),
        (Some(seen(None)), since, Decision::Acquire),
        (Some(seen(Some(""))), since, Decision::Acquire),
        (Some(seen(Some("me"))), end, Decision::Renew),
        (Some(seen(Some("other"))), just_before, Decision::Wait(end)),
        (Some(seen(Some("other"))), end, Decision::Acquire),
    ];
    for (lease, now, decision) in table {
        assert_eq!(decide(lease.as_ref(), "me", now), decision, "{lease:?}");
    }
}

async fn lead(client: &Client, identity: &str) -> Leadership {
    acquire(client.clone(), Config::new("default", "operator", identity)).await
}

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_leader_renews_and_its_rival_waits() {
    let server = MemoryServer::new(1);
    let client = server.client();
    let one = lead(&client, "one").await;
    let rival = timeout(60 * SECOND, lead(&client, "two")).await;
    assert!(rival.is_err(), "the rival must wait");
    assert!(one.remaining() > 12 * SECOND);
    assert!(one.allows(10 * SECOND));
    assert!(!one.allows(15 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn what_takes_nearly_as_long_as_a_renewal_lasts_waits_for_the_next_one() {
    let server = MemoryServer::new(1);
    let one = lead(&server.client(), "one").await;
    // Between two renewals less than this remains.
    let long = one.remaining().saturating_sub(2 * SECOND);
    let mut waited = 0;
    for _ in 0..40 {
        sleep(SECOND / 4).await;
        waited += i32::from(!one.allows(long));
        let asked = Instant::now();
        assert!(one.permits(long).await);
        assert!(asked.elapsed() <= 2 * SECOND);
    }
    assert!(waited > 0, "it is this case that counts");
    assert!(
        !one.permits(60 * SECOND / 4).await,
        "no renewal lasts as long"
    );
}

#[tokio::test(start_paused = true)]
async fn a_released_lease_is_taken_at_once() {
    let server = MemoryServer::new(1);
    let client = server.client();
    let one = lead(&client, "one").await;
    one.release().await;
    assert!(one.remaining().is_zero() && !one.allows(Duration::ZERO));
    timeout(3 * SECOND, lead(&client, "two")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_cannot_renew_stops_before_its_rival_starts() {
    let server = MemoryServer::new(1);
    let client = server.client();
    let one = lead(&client, "one").await;
    let rival = tokio::spawn({
        let client = client.clone();
        async move {
            let two = lead(&client, "two").await;
            (two, Instant::now())
        }
    });
    sleep(5 * SECOND).await;
    // The first can't write any more; its rival can.
    let mut refused = 0;
    server.fail_with(move |_| {
        refused += 1;
        (refused <= 6).then_some(Fault::LostBefore)
    });
    let failing_since = Instant::now();
    one.lost().await;
    let lost = Instant::now();
    assert!(
        lost <= failing_since + 11 * SECOND,
        "gave up after {:?}",
        lost - failing_since
    );
    assert!(!one.allows(Duration::ZERO));
    let (two, taken) = timeout(60 * SECOND, rival).await.unwrap().unwrap();
    assert!(taken > lost);
    assert!(two.allows(10 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn what_remains_counts_from_the_start_of_the_request() {
    let server = MemoryServer::new(1);
    let one = lead(&server.client(), "one").await;
    server.fail_with(|_| Some(Fault::Refuse(503)));
    let before = one.remaining();
    advance(SECOND).await;
    assert!(one.remaining() + SECOND <= before);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_does_not_cost_the_lease() {
    let server = MemoryServer::new(1);
    let one = lead(&server.client(), "one").await;
    let mut lost = 0;
    server.fail_with(move |_| {
        lost += 1;
        (lost == 1).then_some(Fault::LostAfter)
    });
    sleep(30 * SECOND).await;
    assert!(one.allows(10 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn a_stolen_lease_is_noticed_at_the_next_renewal() {
    let server = MemoryServer::new(1);
    let client = server.client();
    let one = lead(&client, "one").await;
    let api: kube::Api<k8s_openapi::api::coordination::v1::Lease> =
        kube::Api::namespaced(client, "default");
    let mut lease = api.get("operator").await.unwrap();
    lease.spec.as_mut().unwrap().holder_identity = Some("thief".to_owned());
    api.replace("operator", &kube::api::PostParams::default(), &lease)
        .await
        .unwrap();
    timeout(3 * SECOND, one.lost()).await.unwrap();
}
