//! One property that is not as it should be, told in words that status and events can show.

use std::fmt;

/// A property, as it is and as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The property in words: "backup retention".
    pub field: &'static str,
    /// As AWS has it.
    pub seen: String,
    /// As it should be.
    pub wanted: String,
}

impl Difference {
    /// `None` when both are equal.
    pub fn between<T: PartialEq + fmt::Debug>(
        field: &'static str,
        seen: &T,
        wanted: &T,
    ) -> Option<Self> {
        (seen != wanted).then(|| Self {
            field,
            seen: format!("{seen:?}"),
            wanted: format!("{wanted:?}"),
        })
    }

    /// "backup retention 7 -> 30, deletion protection false -> true".
    pub fn list(differences: &[Self]) -> String {
        differences
            .iter()
            .map(Self::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} -> {}", self.field, self.seen, self.wanted)
    }
}
