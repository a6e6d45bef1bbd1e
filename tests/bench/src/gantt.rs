//! What lasted from when to when, and which chain of it made the whole as long as it was.

use std::fmt::Write as _;

/// Something that was told to last.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Span {
    /// What it is.
    pub(crate) name: String,
    /// Seconds from the beginning.
    pub(crate) from: f64,
    /// The same.
    pub(crate) to: f64,
}

impl Span {
    /// How long it lasted.
    pub(crate) fn length(&self) -> f64 {
        self.to - self.from
    }
}

/// The places in `spans` of those that follow one another up to `end`: from there back, each time the one that
/// ended last before the one after it began.
pub(crate) fn chain(spans: &[Span], end: f64) -> Vec<usize> {
    let mut chain = Vec::new();
    let mut before = end;
    while let Some((place, span)) = spans
        .iter()
        .enumerate()
        .filter(|(place, span)| span.to <= before && span.length() > 0.0 && !chain.contains(place))
        .max_by(|(_, one), (_, other)| one.to.total_cmp(&other.to))
    {
        chain.push(place);
        before = span.from;
    }
    chain.reverse();
    chain
}

/// A line for each span, in the order in which they began; those of the chain are `#`.
pub(crate) fn chart(spans: &[Span], chain: &[usize], end: f64, width: usize) -> String {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by(|one, other| spans[*one].from.total_cmp(&spans[*other].from));
    let names = spans.iter().map(|span| span.name.len()).max();
    let names = names.unwrap_or_default();
    let mut text = String::new();
    for place in order {
        let span = &spans[place];
        let (from, to) = (column(span.from, end, width), column(span.to, end, width));
        let mark = if chain.contains(&place) { "#" } else { "-" };
        let bar = format!("{}{}", " ".repeat(from), mark.repeat((to - from).max(1)));
        let _ = writeln!(
            text,
            "{:<names$} |{bar:<width$}| {:5.1} to {:5.1} s",
            span.name, span.from, span.to
        );
    }
    text
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a column of a line"
)]
fn column(at: f64, end: f64, width: usize) -> usize {
    ((at / end * width as f64).round().max(0.0) as usize).min(width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans() -> Vec<Span> {
        [
            ("cache", 1.0, 6.0),
            ("cluster", 1.0, 11.0),
            ("writer", 11.5, 17.5),
            ("pod", 18.0, 20.0),
            ("late", 19.0, 30.0),
        ]
        .map(|(name, from, to)| Span {
            name: name.to_owned(),
            from,
            to,
        })
        .to_vec()
    }

    #[test]
    fn the_chain_is_what_the_end_waited_for() {
        let spans = spans();
        let chain = chain(&spans, 20.5);
        let names: Vec<&str> = chain
            .iter()
            .map(|place| spans[*place].name.as_str())
            .collect();
        assert_eq!(names, ["cluster", "writer", "pod"]);
    }

    #[test]
    fn the_chart_marks_the_chain() {
        let spans = spans();
        let text = chart(&spans[..3], &[1, 2], 20.0, 20);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "cluster | ##########         |   1.0 to  11.0 s");
        assert!(lines[0].starts_with("cache   | -----"), "{text}");
    }
}
