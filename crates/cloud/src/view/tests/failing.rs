//! When AWS does not answer, or not as hoped.

use super::*;

struct Refused;

#[async_trait]
impl Permit for Refused {
    async fn allows(&self, _: Duration) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn until_the_first_sweep_succeeds_its_error_is_the_answer() {
    let f = fixture(&[seen("x", "ready")]);
    f.aws
        .with(|world| world.list_fails = Some(ErrorKind::AccessDenied));
    let error = f.try_get("x", "me").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::AccessDenied);
    f.aws.with(|world| world.list_fails = None);
    pass(3).await;
    assert_eq!(f.woken(), [watcher("me")], "who was refused is told");
    assert!(f.get("x").await.is_some());
}

#[tokio::test(start_paused = true)]
async fn failed_sweeps_are_repeated_ever_more_slowly() {
    let f = fixture(&[]);
    f.aws
        .with(|world| world.list_fails = Some(ErrorKind::Transient));
    f.try_get("x", "me").await.unwrap_err();
    pass(600).await;
    let lists = f.lists();
    assert!(
        (10..=20).contains(&lists),
        "{lists} attempts in ten minutes"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_known_serves_for_a_while_then_the_error_is_told() {
    let f = fixture(&[seen("x", "ready")]);
    f.get("x").await;
    f.aws
        .with(|world| world.list_fails = Some(ErrorKind::Transient));
    pass(200).await;
    assert!(f.get("x").await.is_some());
    assert!(f.woken().is_empty());
    pass(300).await;
    assert_eq!(f.woken(), [watcher("me")]);
    assert_eq!(
        f.try_get("x", "me").await.unwrap_err().kind,
        ErrorKind::Transient
    );
    assert!(f.view.age().unwrap() > Duration::from_secs(450));
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_fate_is_unknown_is_looked_up_before_it_is_believed() {
    let f = fixture(&[]);
    f.get("x").await;
    f.aws
        .with(|world| world.perform_fails = Some(ErrorKind::MaybeApplied));
    let change = Act::Set(seen("x", "ready"));
    f.view.perform(&change, &Unlimited).await.unwrap_err();
    assert_eq!(f.get("x").await, Some(seen("x", "ready")));
    assert_eq!(f.reads(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_begun_although_it_failed_is_followed_closely() {
    let f = fixture(&[]);
    f.get("x").await;
    f.aws
        .with(|world| world.perform_fails = Some(ErrorKind::MaybeApplied));
    let change = Act::Set(seen("x", "creating"));
    f.view.perform(&change, &Unlimited).await.unwrap_err();
    assert_eq!(f.get("x").await, Some(seen("x", "creating")));
    f.aws.put(seen("x", "ready"));
    pass(4).await;
    assert_eq!(f.woken(), [watcher("me")], "not only after a minute");
}

#[tokio::test(start_paused = true)]
async fn a_conflict_has_what_is_there_looked_up() {
    let f = fixture(&[]);
    f.get("x").await;
    f.aws.put(seen("x", "foreign"));
    f.aws
        .with(|world| world.perform_fails = Some(ErrorKind::AlreadyExists));
    let change = Act::Set(seen("x", "ready"));
    f.view.perform(&change, &Unlimited).await.unwrap_err();
    assert_eq!(f.get("x").await, Some(seen("x", "foreign")));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_leaves_no_doubt() {
    let f = fixture(&[]);
    f.get("x").await;
    f.aws
        .with(|world| world.perform_fails = Some(ErrorKind::Invalid));
    let change = Act::Set(seen("x", "ready"));
    f.view.perform(&change, &Unlimited).await.unwrap_err();
    assert_eq!(f.get("x").await, None);
    assert_eq!(f.reads(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_never_comes_is_given_up_and_looked_up() {
    let f = fixture(&[]);
    f.get("x").await;
    f.aws
        .with(|world| world.perform_takes = Duration::from_mins(1));
    let change = Act::Set(seen("x", "ready"));
    let error = f.view.perform(&change, &Unlimited).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::MaybeApplied);
    f.aws.put(seen("x", "ready"));
    assert_eq!(f.get("x").await, Some(seen("x", "ready")));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_dropped_half_way_is_looked_up() {
    let f = fixture(&[]);
    f.get("x").await;
    f.aws
        .with(|world| world.perform_takes = Duration::from_secs(5));
    let change = Act::Set(seen("x", "ready"));
    let dropped = tokio::time::timeout(Duration::from_secs(1), f.view.perform(&change, &Unlimited));
    assert!(dropped.await.is_err());
    f.aws.put(seen("x", "ready"));
    assert_eq!(f.get("x").await, Some(seen("x", "ready")));
}

#[tokio::test(start_paused = true)]
async fn without_a_permit_nothing_is_sent() {
    let f = fixture(&[]);
    let change = Act::Set(seen("x", "ready"));
    let error = f.view.perform(&change, &Refused).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotLeader);
    assert!(f.aws.with(|world| world.items.is_empty()));
}

#[tokio::test(start_paused = true)]
async fn the_permit_is_asked_after_the_wait_for_the_bucket() {
    struct UntilNow(Instant);
    #[async_trait]
    impl Permit for UntilNow {
        async fn allows(&self, time: Duration) -> bool {
            Instant::now() + time <= self.0
        }
    }
    let f = fixture(&[]);
    let limiter = f.view.0.caller.limiter(Service::Rds);
    for _ in 0..150 {
        limiter.admit(Priority::Mutation).await;
    }
    limiter.throttled();
    // Enough for the call, not for the wait before it.
    let permit = UntilNow(Instant::now() + ATTEMPT_TIMEOUT + LEASE_MARGIN);
    let error = f
        .view
        .perform(&Act::Set(seen("x", "ready")), &permit)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotLeader);
}
