//! Many runs, each in a runtime and a virtual time of its own, on every core.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Runs something under a virtual clock.
pub(crate) fn run<T>(life: impl Future<Output = T>) -> T {
    runtime().block_on(life)
}

/// A virtual clock, and all that runs by it on this thread.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
}

/// Runs something under a virtual clock. A panic is something that went wrong.
pub(crate) fn caught(life: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let life = AssertUnwindSafe(|| run(life));
    catch_unwind(life).unwrap_or_else(|panic| Err(told(&*panic)))
}

/// Lives every job and hands back what went wrong, each with its job.
pub(crate) fn each<J: Sync + std::fmt::Display>(
    jobs: &[J],
    live: impl AsyncFn(&J) -> Result<(), String> + Sync,
) -> Vec<String> {
    spread(jobs, |job| caught(live(job)))
}

/// Does every job, on every core, and hands back what went wrong.
pub(crate) fn spread<J: Sync + std::fmt::Display>(
    jobs: &[J],
    perform: impl Fn(&J) -> Result<(), String> + Sync,
) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let bad = Mutex::new(Vec::new());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(trouble) = perform(job) {
                        bad.lock().unwrap().push(format!("{job}: {trouble}"));
                    }
                }
            });
        }
    });
    bad.into_inner().unwrap()
}

/// Fails with all that went wrong, the first few in full.
pub(crate) fn assert_all_well(bad: &[String]) {
    let first: Vec<_> = bad.iter().take(3).map(String::as_str).collect();
    assert!(
        bad.is_empty(),
        "{} runs went wrong:\n{}",
        bad.len(),
        first.join("\n\n")
    );
}

fn told(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
        .unwrap_or_else(|| "it panicked".to_owned())
}
