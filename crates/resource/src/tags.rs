//! Tags of AWS resources.
//!
//! Many values hold the same ones: what is wanted, what is seen, what the view remembers and what a
//! list shows again every minute. They are shared until somebody changes them, so a copy costs
//! nothing and equal ones are mostly the same.

use std::{
    collections::{BTreeMap, btree_map},
    ops::{Deref, DerefMut},
    sync::Arc,
};

/// Tags as users write them.
pub type UserTags = BTreeMap<String, String>;

/// Tags of an AWS resource. Clones share them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tags(Arc<BTreeMap<String, String>>);

impl Tags {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// The names of those that `seen` lacks, or has with another value. What somebody added beside
    /// ours is left.
    pub fn missing_in(&self, seen: &Self) -> Vec<String> {
        let differs = |(name, value): &(&String, &String)| seen.get(*name) != Some(*value);
        let names = self.iter().filter(differs).map(|(name, _)| name);
        names.cloned().collect()
    }
}

impl Deref for Tags {
    type Target = BTreeMap<String, String>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Tags {
    fn deref_mut(&mut self) -> &mut Self::Target {
        Arc::make_mut(&mut self.0)
    }
}

impl From<BTreeMap<String, String>> for Tags {
    fn from(tags: BTreeMap<String, String>) -> Self {
        Self(Arc::new(tags))
    }
}

impl<const N: usize> From<[(String, String); N]> for Tags {
    fn from(tags: [(String, String); N]) -> Self {
        BTreeMap::from(tags).into()
    }
}

impl FromIterator<(String, String)> for Tags {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(tags: T) -> Self {
        BTreeMap::from_iter(tags).into()
    }
}

impl IntoIterator for Tags {
    type Item = (String, String);
    type IntoIter = btree_map::IntoIter<String, String>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

impl<'a> IntoIterator for &'a Tags {
    type Item = (&'a String, &'a String);
    type IntoIter = btree_map::Iter<'a, String, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_changed_alone() {
        let first = Tags::from([("a".to_owned(), "1".to_owned())]);
        let mut second = first.clone();
        assert!(Arc::ptr_eq(&first.0, &second.0));
        second.insert("b".to_owned(), "2".to_owned());
        assert_eq!((first.len(), second.len()), (1, 2));
        assert_ne!(first, second);
    }
}
