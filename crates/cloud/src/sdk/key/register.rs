//! What is known of the account's keys, so that the search for one that was made and not yet named
//! reads the tags of each key at most once, and one list serves everybody who searches.
//!
//! The tag that says for which alias a key was made is set when the key is made and never changed.

use std::collections::{BTreeMap, BTreeSet};

use emr_resource::ids::KeyAlias;
use tokio::time::Instant;

/// For which alias a key was made.
#[derive(Debug, Default, PartialEq, Eq)]
enum Purpose {
    /// Its tags were not read.
    #[default]
    Unread,
    /// For this one of ours.
    Alias(String),
    /// For none of ours.
    Foreign,
}

/// What is known of a key.
#[derive(Debug, Default)]
struct Known {
    /// The aliases that it was seen under.
    aliases: BTreeSet<String>,
    purpose: Purpose,
}

/// The account's keys.
#[derive(Debug, Default)]
pub(super) struct Register {
    listed_at: Option<Instant>,
    listed: Vec<String>,
    known: BTreeMap<String, Known>,
}

impl Register {
    /// True when the list was asked for at `since` or later.
    pub(super) fn is_listed_since(&self, since: Instant) -> bool {
        self.listed_at.is_some_and(|at| at >= since)
    }

    /// Takes in the list of all keys, which was asked for at `at`.
    pub(super) fn list(&mut self, at: Instant, ids: Vec<String>) {
        self.listed_at = Some(at);
        self.listed = ids;
    }

    /// A key was seen under this alias.
    pub(super) fn named(&mut self, id: &str, alias: &str) {
        let known = self.known.entry(id.to_owned()).or_default();
        known.aliases.insert(alias.to_owned());
    }

    /// A key's tags were read, or set by us: it was made for this alias, or for none of ours.
    pub(super) fn tagged(&mut self, id: &str, made_for: Option<String>) {
        let purpose = made_for.map_or(Purpose::Foreign, Purpose::Alias);
        self.known.entry(id.to_owned()).or_default().purpose = purpose;
    }

    /// A key is gone.
    pub(super) fn forget(&mut self, id: &str) {
        self.known.remove(id);
        self.listed.retain(|listed| listed != id);
    }

    /// The keys whose tags have to be read to know whether one was made for `alias`: a key that has
    /// another name is not looked for under this one.
    pub(super) fn unread(&self, alias: &KeyAlias) -> Vec<String> {
        let unread = |id: &&String| {
            self.known.get(*id).is_none_or(|known| {
                known.purpose == Purpose::Unread
                    && (known.aliases.is_empty() || known.aliases.contains(alias.as_str()))
            })
        };
        self.listed.iter().filter(unread).cloned().collect()
    }

    /// The key that was made for `alias`.
    pub(super) fn made_for(&self, alias: &KeyAlias) -> Option<String> {
        let is_it = |known: &Known| match &known.purpose {
            Purpose::Alias(made_for) => made_for == alias.as_str(),
            Purpose::Unread | Purpose::Foreign => false,
        };
        let mut all = self.known.iter();
        all.find(|(_, known)| is_it(known))
            .map(|(id, _)| id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids<const N: usize>(ids: [&str; N]) -> Vec<String> {
        ids.map(str::to_owned).into()
    }

    #[test]
    fn tags_are_read_once_and_only_of_keys_that_may_be_it() {
        let mut register = Register::default();
        let alias = KeyAlias::new("alias/emr-a");
        register.list(Instant::now(), ids(["1", "2", "3", "4"]));
        register.named("1", "alias/aws/rds");
        register.named("2", "alias/emr-a");
        assert_eq!(register.unread(&alias), ids(["2", "3", "4"]));
        register.tagged("2", None);
        register.tagged("3", Some("alias/emr-b".into()));
        assert_eq!(register.unread(&alias), ids(["4"]));
        assert_eq!(register.made_for(&alias), None);
        register.tagged("4", Some("alias/emr-a".into()));
        assert_eq!(register.made_for(&alias), Some("4".into()));
        assert_eq!(register.made_for(&"alias/emr-b".into()), Some("3".into()));
        register.forget("4");
        assert_eq!(register.made_for(&alias), None);
        assert!(register.unread(&alias).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn an_older_list_does_not_serve_who_asked_later() {
        let mut register = Register::default();
        let before = Instant::now();
        register.list(before, Vec::new());
        assert!(register.is_listed_since(before));
        tokio::time::advance(std::time::Duration::from_secs(1)).await;
        assert!(!register.is_listed_since(Instant::now()));
    }
}
