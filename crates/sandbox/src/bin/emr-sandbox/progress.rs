//! One moving line on a terminal; plain lines, now and then, elsewhere.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

const QUIET: Duration = Duration::from_secs(10);

/// Shows what a long step is doing.
pub(crate) struct Shown {
    bar: ProgressBar,
    printed: Mutex<Option<Instant>>,
}

impl Shown {
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed:>4} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self {
            bar,
            printed: Mutex::new(None),
        }
    }

    pub(crate) fn line(&self, line: &str) {
        self.bar.set_message(line.to_owned());
        if !self.bar.is_hidden() {
            return;
        }
        let Ok(mut printed) = self.printed.lock() else {
            return;
        };
        if printed.is_none_or(|at| at.elapsed() >= QUIET) {
            eprintln!("{line}");
            *printed = Some(Instant::now());
        }
    }

    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}
