//! The tree on a terminal; elsewhere a line for each change.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use console::{Term, truncate_str};
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    calls::Calls,
    tree::{BELOW, Clock, Node, Phase, render, seconds, took, visit},
};

/// How long nothing may be printed while something is waited for.
const QUIET: Duration = Duration::from_secs(10);

/// Shows the tree while it grows.
pub(super) struct Screen {
    begun: Instant,
    clock: Clock,
    bar: ProgressBar,
    told: BTreeMap<String, String>,
    printed: Instant,
}

impl Screen {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            bar.set_style(style);
        }
        Self {
            begun: Instant::now(),
            clock: Clock::default(),
            bar,
            told: BTreeMap::new(),
            printed: Instant::now(),
        }
    }

    /// Since when the tree grows.
    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Shows what is seen now, and in a word what is waited for.
    pub(super) fn show(&mut self, nodes: &[Node], calls: &Calls, waits_for: &str) {
        let now = self.elapsed();
        self.clock.note(nodes, now, &|name| calls.begun(name));
        if self.bar.is_hidden() {
            self.tell(nodes, waits_for, now);
        } else {
            let lines = self.fitting(nodes, waits_for, now);
            self.bar.set_message(lines.join("\n"));
            self.bar.tick();
        }
    }

    /// As many lines as the terminal has, each as long as a row.
    fn fitting(&self, nodes: &[Node], waits_for: &str, now: Duration) -> Vec<String> {
        let (height, width) = Term::stderr().size();
        let room = usize::from(height).saturating_sub(3).max(5);
        let mut lines = render(nodes, &self.clock, now, false);
        if lines.len() > room {
            lines = render(nodes, &self.clock, now, true);
        }
        if lines.len() > room {
            let more = lines.len() - room;
            lines.truncate(room);
            lines.push(format!("  … {more} more"));
        }
        lines.push(format!("{:>6}  {waits_for}", seconds(now)));
        let width = usize::from(width).saturating_sub(1);
        let cut = |line: &String| truncate_str(line, width, "…").into_owned();
        lines.iter().map(cut).collect()
    }

    fn tell(&mut self, nodes: &[Node], waits_for: &str, now: Duration) {
        let (clock, told, mut printed) = (&self.clock, &mut self.told, self.printed);
        visit(nodes, &mut |path, node| {
            if node.phase == Phase::Waiting || told.get(path) == Some(&node.state) {
                return;
            }
            let spent = match clock.took(path, now) {
                Some(duration) if node.phase == Phase::Done => format!(" ({})", took(duration)),
                _ => String::new(),
            };
            let of = path.trim_start_matches(BELOW).replace(BELOW, " > ");
            println!("{:>8}  {of}: {}{spent}", seconds(now), node.state);
            told.insert(path.to_owned(), node.state.clone());
            printed = Instant::now();
        });
        if printed.elapsed() >= QUIET {
            println!("{:>8}  {waits_for}", seconds(now));
            printed = Instant::now();
        }
        self.printed = printed;
    }

    /// Leaves the whole tree behind.
    pub(super) fn finish(&mut self, nodes: &[Node]) {
        let now = self.elapsed();
        self.bar.finish_and_clear();
        println!();
        for line in render(nodes, &self.clock, now, false) {
            println!("{line}");
        }
        println!();
    }
}
