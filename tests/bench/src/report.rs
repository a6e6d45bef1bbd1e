//! What a scenario hands back: figures beside their targets, printed as a table.

use std::fmt;

/// One figure.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Row {
    figure: String,
    measured: String,
    target: String,
    ratio: String,
    met: Option<bool>,
}

impl Row {
    /// A figure with what was measured.
    pub(crate) fn new(figure: impl Into<String>, measured: impl Into<String>) -> Self {
        Self {
            figure: figure.into(),
            measured: measured.into(),
            ..Self::default()
        }
    }

    /// What was to be reached, and whether it was.
    pub(crate) fn target(mut self, target: impl Into<String>, met: bool) -> Self {
        self.target = target.into();
        self.met = Some(met);
        self
    }

    /// What was to be reached, where this run can't tell whether it was.
    pub(crate) fn aim(mut self, target: impl Into<String>) -> Self {
        self.target = target.into();
        self
    }

    /// The same for a target that holds for `full` size only: a smaller run can't tell.
    pub(crate) fn target_at(self, full: bool, target: &str, met: bool) -> Self {
        if full {
            self.target(target, met)
        } else {
            self.aim(format!("{target}, at full size"))
        }
    }

    /// How the figure relates to ACK's: `theirs` in words, and ours as a multiple of it.
    pub(crate) fn beside_ack(mut self, theirs: &str, ours: f64, acks: f64) -> Self {
        self.ratio = format!("{:.2} × ({theirs})", ours / acks);
        self
    }
}

/// The figures of a scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Report {
    title: String,
    rows: Vec<Row>,
    notes: Vec<String>,
}

impl Report {
    /// Nothing measured yet.
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// Adds a figure.
    pub(crate) fn row(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Adds a paragraph below the table.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Whether no target was missed.
    pub(crate) fn met(&self) -> bool {
        self.rows.iter().all(|row| row.met != Some(false))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "### {}\n", self.title)?;
        writeln!(f, "| Figure | Ratio to ACK | Measured | Target | Met |")?;
        writeln!(f, "|---|---|---|---|---|")?;
        for row in &self.rows {
            let met = match row.met {
                Some(true) => "yes",
                Some(false) => "**no**",
                None => "",
            };
            let Row {
                figure,
                ratio,
                measured,
                target,
                ..
            } = row;
            writeln!(f, "| {figure} | {ratio} | {measured} | {target} | {met} |")?;
        }
        self.notes
            .iter()
            .try_for_each(|note| writeln!(f, "\n{note}"))
    }
}

/// The value below which the given part of all lies; nothing without values.
pub(crate) fn quantile(values: &[f64], part: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list of some thousand values"
    )]
    let place = (last as f64 * part.clamp(0.0, 1.0)).ceil() as usize;
    sorted.get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_target_is_told() {
        let mut report = Report::new("clusters");
        report.row(
            Row::new("wall", "20 s")
                .target("17 s", false)
                .beside_ack("50 s", 20.0, 50.0),
        );
        assert!(!report.met());
        let text = report.to_string();
        assert!(
            text.contains("| wall | 0.40 × (50 s) | 20 s | 17 s | **no** |"),
            "{text}"
        );
    }

    #[test]
    fn a_small_run_does_not_claim_a_target() {
        let row = |full| Row::new("memory", "80 MiB").target_at(full, "≤ 100 MiB", true);
        assert_eq!((row(true).met, row(false).met), (Some(true), None));
        assert_eq!(row(false).target, "≤ 100 MiB, at full size");
    }

    #[test]
    fn quantiles_are_values_that_were_seen() {
        let values = [3.0, 1.0, 2.0, 4.0];
        assert_eq!(quantile(&values, 0.5), Some(3.0));
        assert_eq!(quantile(&values, 0.99), Some(4.0));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
