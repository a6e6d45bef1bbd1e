use super::*;

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
