//! Which knowledge replaces which.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_page_that_began_before_our_write_does_not_override_it() {
    let f = fixture(&[seen("x", "old")]);
    assert_eq!(f.get("x").await, Some(seen("x", "old")));
    // The next sweep is answered with the old state, five seconds after it was asked for.
    f.aws
        .with(|world| world.list_takes = Duration::from_secs(5));
    while f.lists() < 2 {
        pass(1).await;
    }
    f.set(seen("x", "new")).await;
    pass(6).await;
    assert_eq!(f.get("x").await, Some(seen("x", "new")));
    assert_eq!(f.reads(), 0);
    assert!(f.woken().is_empty(), "our own write woke us");
}

#[tokio::test(start_paused = true)]
async fn a_page_that_began_before_it_does_not_override_what_is_foreseen() {
    let f = fixture(&[seen("x", "ready")]);
    assert_eq!(f.get("x").await, Some(seen("x", "ready")));
    f.aws
        .with(|world| world.list_takes = Duration::from_secs(5));
    while f.lists() < 2 {
        pass(1).await;
    }
    f.shift("x", "moving").await;
    assert_eq!(f.get("x").await, Some(seen("x", "moving")));
    pass(6).await;
    assert_eq!(f.get("x").await, Some(seen("x", "moving")));
    assert_eq!(f.reads(), 0, "what is foreseen is not read");
    assert!(f.woken().is_empty(), "our own write woke us");
}

#[tokio::test(start_paused = true)]
async fn what_was_foreseen_wrongly_is_put_right_by_the_next_sweep() {
    let f = fixture(&[seen("x", "ready")]);
    f.get("x").await;
    f.shift("x", "moving").await;
    // AWS is quicker than foreseen, and comes to another end.
    f.aws.put(seen("x", "moved"));
    assert_eq!(f.get("x").await, Some(seen("x", "moving")));
    pass(4).await;
    assert_eq!(f.get("x").await, Some(seen("x", "moved")));
    assert_eq!(f.woken(), [watcher("me")]);
    assert_eq!(f.reads(), 0);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_foreseen_from_what_is_in_doubt() {
    let f = fixture(&[seen("x", "ready")]);
    f.get("x").await;
    f.aws
        .with(|world| world.perform_fails = Some(ErrorKind::MaybeApplied));
    let lost = f.view.perform(&Act::Delete("x".into()), &Unlimited).await;
    assert!(lost.is_err());
    f.aws.with(|world| world.perform_fails = None);
    f.shift("x", "moving").await;
    assert_eq!(f.get("x").await, None, "it was deleted, so it is read");
    assert_eq!(f.reads(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_lags_behind_our_write_is_settled_by_one_read() {
    let f = fixture(&[seen("x", "old")]);
    f.get("x").await;
    let before = f.aws.with(|world| world.items.clone());
    f.aws.with(|world| world.stale = Some(before));
    f.set(seen("x", "new")).await;
    pass(4).await;
    assert_eq!(f.reads(), 1, "the sweeper settles it by itself");
    assert_eq!(f.get("x").await, Some(seen("x", "new")));
    assert!(f.woken().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_we_made_and_a_lagging_list_lacks_is_not_gone() {
    let f = fixture(&[]);
    assert_eq!(f.get("x").await, None);
    f.aws.with(|world| world.stale = Some(BTreeMap::new()));
    f.set(seen("x", "ready")).await;
    for _ in 0..50 {
        pass(1).await;
        assert_eq!(f.get("x").await, Some(seen("x", "ready")));
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_complete_sweep_does_not_show_is_gone() {
    let f = fixture(&[seen("x", "ready"), seen("y", "ready")]);
    f.get("x").await;
    f.aws.with(|world| world.items.remove("x"));
    pass(70).await;
    assert_eq!(f.woken(), [watcher("me")]);
    assert_eq!(f.get("x").await, None);
    assert_eq!(f.reads(), 0);
    assert_eq!(f.view.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_gone_before_the_last_page() {
    let f = fixture(&[seen("a", "ready"), seen("b", "ready"), seen("c", "ready")]);
    f.aws.with(|world| world.page_size = 1);
    f.get("c").await;
    assert_eq!(f.lists(), 3);
    f.aws
        .with(|world| world.list_takes = Duration::from_secs(2));
    for _ in 0..80 {
        pass(1).await;
        assert!(f.get("c").await.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_without_a_reply_is_looked_up_once() {
    let f = fixture(&[seen("x", "old")]);
    f.get("x").await;
    f.aws.with(|world| world.silent = true);
    f.set(seen("x", "new")).await;
    assert_eq!(f.get("x").await, Some(seen("x", "new")));
    assert_eq!(f.get("x").await, Some(seen("x", "new")));
    assert_eq!(f.reads(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_is_seen_at_once_and_a_lagging_list_does_not_revive_it() {
    let f = fixture(&[seen("x", "ready")]);
    f.get("x").await;
    let before = f.aws.with(|world| world.items.clone());
    f.aws.with(|world| world.stale = Some(before));
    f.view
        .perform(&Act::Delete("x".into()), &Unlimited)
        .await
        .unwrap();
    assert_eq!(f.get("x").await, None);
    for _ in 0..30 {
        pass(1).await;
        assert_eq!(f.get("x").await, None);
    }
    f.aws.with(|world| world.stale = None);
    pass(70).await;
    assert_eq!(f.get("x").await, None);
    assert!(f.woken().is_empty());
}

#[tokio::test(start_paused = true)]
async fn confirm_reads_through_whatever_is_known() {
    let f = fixture(&[seen("x", "old")]);
    f.get("x").await;
    f.aws.put(seen("x", "new"));
    let found = f.view.confirm(&"x".to_owned()).await.unwrap();
    assert_eq!(found.map(|seen| seen.state.clone()), Some("new".into()));
    assert_eq!(f.get("x").await, Some(seen("x", "new")));
    assert_eq!(f.reads(), 1);
}

#[tokio::test(start_paused = true)]
async fn something_that_only_single_reads_show_is_not_gone_when_a_list_lacks_it() {
    let f = fixture(&[seen("x", "foreign")]);
    f.aws.with(|world| world.stale = Some(BTreeMap::new()));
    assert_eq!(f.get("x").await, None);
    f.view.confirm(&"x".to_owned()).await.unwrap();
    for _ in 0..20 {
        pass(60).await;
        assert_eq!(f.get("x").await, Some(seen("x", "foreign")));
    }
    assert!(f.reads() <= 1 + 20 / 4, "{} reads", f.reads());
}

#[tokio::test(start_paused = true)]
async fn an_accepted_change_that_aws_shows_late_is_not_asked_for_again() {
    let f = fixture(&[seen("x", "old")]);
    f.get("x").await;
    f.set(seen("x", "new")).await;
    f.aws.put(seen("x", "old"));
    for _ in 0..9 {
        pass(1).await;
        assert_eq!(f.get("x").await, Some(seen("x", "new")));
    }
    f.woken();
    pass(60).await;
    assert_eq!(
        f.get("x").await,
        Some(seen("x", "old")),
        "it was undone after all"
    );
    assert_eq!(f.woken(), [watcher("me")]);
}
