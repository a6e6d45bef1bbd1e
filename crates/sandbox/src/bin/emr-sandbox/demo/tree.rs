//! What is shown: nodes with a state, and the lines they make.

use std::{collections::BTreeMap, time::Duration};

use console::style;

use super::LOOK;

/// How far something has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It has not begun.
    Waiting,
    /// Something works on it.
    Working,
    /// It is as it should be.
    Done,
    /// It needs a person.
    Stuck,
}

/// A line with those below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) state: String,
    pub(super) phase: Phase,
    pub(super) children: Vec<Node>,
}

impl Node {
    pub(super) fn new(name: impl Into<String>, state: impl Into<String>, phase: Phase) -> Self {
        Self {
            name: name.into(),
            state: state.into(),
            phase,
            children: Vec::new(),
        }
    }
}

/// Since when each node has been worked on, and when it was done.
#[derive(Debug, Default)]
pub(super) struct Clock(BTreeMap<String, Times>);

#[derive(Debug, Default, Clone, Copy)]
struct Times {
    begun: Option<Duration>,
    done: Option<Duration>,
}

impl Clock {
    /// Notes what is seen at `now`, counted from the start. `asked` knows since when a node has
    /// been worked on, if that was before it was seen.
    pub(super) fn note(
        &mut self,
        nodes: &[Node],
        now: Duration,
        asked: &dyn Fn(&str) -> Option<Duration>,
    ) {
        visit(nodes, &mut |path, node| {
            let times = self.0.entry(path.to_owned()).or_default();
            if node.phase != Phase::Waiting {
                times
                    .begun
                    .get_or_insert_with(|| asked(&node.name).unwrap_or(now));
            }
            if node.phase == Phase::Done {
                times.done.get_or_insert(now);
            } else {
                times.done = None;
            }
        });
    }

    /// How long a node took, or has taken so far.
    pub(super) fn took(&self, path: &str, now: Duration) -> Option<Duration> {
        let times = self.0.get(path)?;
        Some(times.done.unwrap_or(now).saturating_sub(times.begun?))
    }
}

/// Between the names of a path; names hold slashes.
pub(super) const BELOW: char = '\n';

/// Calls `seen` for every node, with the names that lead to it.
pub(super) fn visit(nodes: &[Node], seen: &mut dyn FnMut(&str, &Node)) {
    below("", nodes, seen);
}

fn below(path: &str, nodes: &[Node], seen: &mut dyn FnMut(&str, &Node)) {
    for node in nodes {
        let path = format!("{path}{BELOW}{}", node.name);
        seen(&path, node);
        below(&path, &node.children, seen);
    }
}

/// The tree as lines; `folded` leaves out what is below nodes that are done.
pub(super) fn render(nodes: &[Node], clock: &Clock, now: Duration, folded: bool) -> Vec<String> {
    let mut rows = Vec::new();
    branches("", "", nodes, folded, &mut rows);
    let width = |of: fn(&Row<'_>) -> usize| rows.iter().map(of).max().unwrap_or_default();
    let (left, middle) = (
        width(|row| row.branch.chars().count() + row.node.name.chars().count()),
        width(|row| row.node.state.chars().count()),
    );
    rows.iter()
        .map(|row| {
            let room = left - row.branch.chars().count();
            let name = &row.node.name;
            let state = match row.node.phase {
                Phase::Waiting => "to come",
                _ => row.node.state.as_str(),
            };
            let took = clock.took(&row.path, now).map(took).unwrap_or_default();
            let mark = mark(row.node.phase);
            let line = format!("{}{name:<room$}  {state:<middle$} {took:>8}", row.branch);
            format!("{mark} {}", line.trim_end())
        })
        .collect()
}

struct Row<'a> {
    branch: String,
    path: String,
    node: &'a Node,
}

fn branches<'a>(stem: &str, path: &str, nodes: &'a [Node], folded: bool, rows: &mut Vec<Row<'a>>) {
    for (index, node) in nodes.iter().enumerate() {
        let last = index + 1 == nodes.len();
        let root = path.is_empty();
        let (branch, below) = match (root, last) {
            (true, _) => ("", ""),
            (false, true) => ("└─ ", "   "),
            (false, false) => ("├─ ", "│  "),
        };
        let path = format!("{path}{BELOW}{}", node.name);
        rows.push(Row {
            branch: format!("{stem}{branch}"),
            path: path.clone(),
            node,
        });
        if !(folded && node.phase == Phase::Done) {
            branches(
                &format!("{stem}{below}"),
                &path,
                &node.children,
                folded,
                rows,
            );
        }
    }
}

fn mark(phase: Phase) -> String {
    match phase {
        Phase::Waiting => style("○").dim(),
        Phase::Working => style("◐").yellow(),
        Phase::Done => style("●").green(),
        Phase::Stuck => style("✗").red(),
    }
    .to_string()
}

/// How long something took. Looks are apart, so what is shorter can't be told.
pub(super) fn took(duration: Duration) -> String {
    if duration < 2 * LOOK {
        return "at once".to_owned();
    }
    seconds(duration)
}

/// A duration as people say it.
pub(super) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(phase: Phase) -> Vec<Node> {
        let mut root = Node::new("Root r", "Ready", phase);
        root.children.push(Node::new("a", "available", Phase::Done));
        root.children
            .push(Node::new("b", "missing", Phase::Waiting));
        vec![root]
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn lines_are_aligned_and_say_how_long_it_took() {
        console::set_colors_enabled(false);
        let mut clock = Clock::default();
        clock.note(&sample(Phase::Working), at(1), &|_| None);
        clock.note(&sample(Phase::Done), at(3), &|_| None);
        let lines = render(&sample(Phase::Done), &clock, at(9), false);
        let expected = [
            "● Root r  Ready        2.0 s",
            "● ├─ a    available  at once",
            "○ └─ b    to come",
        ];
        assert_eq!(lines, expected);
        assert_eq!(render(&sample(Phase::Done), &clock, at(9), true).len(), 1);
    }

    #[test]
    fn what_falls_back_is_counted_on() {
        let mut clock = Clock::default();
        for (phase, second) in [(Phase::Done, 1), (Phase::Working, 2)] {
            clock.note(&sample(phase), at(second), &|_| None);
        }
        assert_eq!(clock.took("\nRoot r", at(5)), Some(at(4)));
        assert_eq!(clock.took("\nRoot r\nb", at(5)), None);
    }

    #[test]
    fn what_was_asked_for_before_it_was_seen_counts_from_then() {
        let mut clock = Clock::default();
        let asked = |name: &str| (name == "a").then_some(at(2));
        clock.note(&sample(Phase::Working), at(6), &asked);
        assert_eq!(clock.took("\nRoot r\na", at(9)), Some(at(4)));
        assert_eq!(clock.took("\nRoot r", at(9)), Some(at(3)));
    }
}
