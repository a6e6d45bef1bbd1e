//! What is read, how often, and who is woken.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_thousand_looks_cost_one_page() {
    let f = fixture(&[seen("x", "ready")]);
    for n in 0..1000 {
        assert!(f.try_get("x", &n.to_string()).await.unwrap().is_some());
    }
    assert_eq!((f.lists(), f.reads()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn settled_is_swept_once_a_minute_and_nobody_is_woken() {
    let f = fixture(&[seen("x", "ready")]);
    f.get("x").await;
    pass(600).await;
    let lists = f.lists();
    assert!((9..=12).contains(&lists), "{lists} sweeps in ten minutes");
    assert!(f.woken().is_empty());
}

#[tokio::test(start_paused = true)]
async fn in_transition_is_swept_every_two_seconds_and_its_end_wakes() {
    let f = fixture(&[seen("x", "creating")]);
    f.get("x").await;
    pass(30).await;
    assert!((15..=17).contains(&f.lists()), "{}", f.lists());
    f.aws.put(seen("x", "ready"));
    pass(4).await;
    assert_eq!(f.woken(), [watcher("me")]);
    assert_eq!(f.get("x").await, Some(seen("x", "ready")));
}

#[tokio::test(start_paused = true)]
async fn the_transitions_of_others_hurry_nobody() {
    let f = fixture(&[seen("x", "ready"), seen("foreign", "creating")]);
    f.get("x").await;
    pass(50).await;
    assert_eq!(f.lists(), 1);
}

#[tokio::test(start_paused = true)]
async fn many_pages_stretch_the_interval_to_the_read_share() {
    let items: Vec<_> = (0..60)
        .map(|n| seen(&format!("{n:03}"), "creating"))
        .collect();
    let f = fixture(&items);
    f.aws.with(|world| world.page_size = 1);
    f.get("000").await;
    let before = f.lists();
    pass(61).await;
    // 60 pages at 3 a second, which is half of our half of RDS's 12.
    let sweeps = (f.lists() - before) / 60;
    assert_eq!(sweeps, 3);
}

#[tokio::test(start_paused = true)]
async fn a_write_brings_the_next_sweep_forward() {
    let f = fixture(&[]);
    f.get("x").await;
    pass(20).await;
    f.set(seen("x", "creating")).await;
    f.aws.put(seen("x", "ready"));
    pass(4).await;
    assert_eq!(f.woken(), [watcher("me")]);
}

#[tokio::test(start_paused = true)]
async fn what_is_awaited_is_swept_for_until_it_comes_or_a_minute_went_by() {
    let f = fixture(&[seen("x", "ready")]);
    f.get("x").await;
    pass(20).await;
    f.view.await_change(&"x".to_owned());
    f.aws.put(seen("x", "resized"));
    pass(1).await;
    assert_eq!(f.woken(), [watcher("me")]);
    let lists = f.lists();
    pass(20).await;
    assert_eq!(f.lists(), lists, "it came");

    f.view.await_change(&"x".to_owned());
    pass(59).await;
    let lists = f.lists() - lists;
    assert!((28..=32).contains(&lists), "{lists}");
    pass(3).await;
    let lists = f.lists();
    pass(40).await;
    assert!(f.lists() - lists <= 1, "it never came");
}

#[tokio::test(start_paused = true)]
async fn of_those_who_ask_for_the_same_change_at_a_time_one_makes_it() {
    let f = fixture(&[]);
    f.aws
        .with(|world| world.perform_takes = Duration::from_secs(1));
    let (x, y) = (Act::Set(seen("x", "a")), Act::Set(seen("y", "a")));
    let wanted = [&x, &x, &y, &x].map(|act| f.view.perform(act, &Unlimited));
    let came = futures::future::join_all(wanted).await;
    let kinds: Vec<_> = came
        .iter()
        .map(|made| made.as_ref().err().map(|error| error.kind))
        .collect();
    let overtaken = Some(ErrorKind::AlreadyExists);
    assert_eq!(kinds, [None, overtaken, None, overtaken]);
    assert!(
        f.view.perform(&x, &Unlimited).await.is_ok(),
        "later, it is made again"
    );
}

#[tokio::test(start_paused = true)]
async fn only_the_watchers_of_what_changed_are_woken_and_the_forgotten_are_not() {
    let f = fixture(&[seen("x", "a"), seen("y", "a")]);
    for by in ["one", "two"] {
        f.try_get("x", by).await.unwrap();
    }
    f.try_get("y", "other").await.unwrap();
    f.view.forget(&watcher("two"));
    f.aws.put(seen("x", "b"));
    pass(70).await;
    assert_eq!(f.woken(), [watcher("one")]);
}

#[tokio::test(start_paused = true)]
async fn what_appears_wakes_who_waits_for_it() {
    let f = fixture(&[]);
    assert_eq!(f.get("x").await, None);
    f.aws.put(seen("x", "ready"));
    pass(70).await;
    assert_eq!(f.woken(), [watcher("me")]);
}

#[tokio::test(start_paused = true)]
async fn details_are_read_once_for_all_then_within_the_hour() {
    let f = fixture(&[seen("x", "ready")]);
    f.aws.with(|world| world.lists_hide_details = true);
    let looks = (0..50).map(|n| {
        let f = &f;
        async move { f.try_get("x", &n.to_string()).await.unwrap() }
    });
    for found in futures::future::join_all(looks).await {
        assert_eq!(found, Some(seen("x", "ready")));
    }
    assert_eq!(f.reads(), 1, "one read for fifty");
    f.woken();
    let drifted = Seen {
        detail: Some(7),
        ..seen("x", "ready")
    };
    f.aws.put(drifted.clone());
    pass(3600).await;
    assert!(f.reads() <= 3, "{}", f.reads());
    assert_eq!(f.woken().len(), 50);
    assert_eq!(f.get("x").await, Some(drifted));
}

#[tokio::test(start_paused = true)]
async fn a_listed_field_that_hints_at_a_change_has_the_details_read_at_once() {
    let f = fixture(&[seen("x", "ready")]);
    f.aws.with(|world| world.lists_hide_details = true);
    f.get("x").await;
    let changed = Seen {
        detail: Some(7),
        ..seen("x", "resized")
    };
    f.aws.put(changed.clone());
    pass(70).await;
    assert_eq!(f.woken(), [watcher("me")]);
    assert_eq!(f.get("x").await, Some(changed));
    assert_eq!(f.reads(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_view_that_nobody_looks_at_reads_nothing() {
    let f = fixture(&[seen("x", "creating")]);
    f.get("x").await;
    f.view.forget(&watcher("me"));
    pass(1).await;
    let lists = f.lists();
    pass(600).await;
    assert_eq!(f.lists(), lists);
    f.aws.put(seen("x", "ready"));
    assert_eq!(
        f.get("x").await,
        Some(seen("x", "ready")),
        "and starts afresh"
    );
}

#[tokio::test(start_paused = true)]
async fn the_sweeper_ends_with_the_view() {
    let f = fixture(&[seen("x", "creating")]);
    f.get("x").await;
    let Fixture { aws, view, .. } = f;
    drop(view);
    pass(60).await;
    assert!(aws.with(|world| world.lists) <= 2);
    assert_eq!(Arc::strong_count(&aws), 1);
}
