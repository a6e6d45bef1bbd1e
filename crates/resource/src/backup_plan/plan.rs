//! Towards a plan with its rules and its one selection.

use super::{Change, Desired, Details, Observed, Rule};
use crate::{Owner, Step, names, ownership};

fn reading(seen: &Observed) -> Step<Change> {
    Step::wait(
        "ReadingBackupPlan",
        format!("the rules of backup plan {} are being read", seen.name),
    )
}

fn sorted(rules: &[Rule]) -> Vec<&Rule> {
    let mut rules: Vec<_> = rules.iter().collect();
    rules.sort();
    rules
}

/// Creates the plan, has it cover what it should, then puts its rules right: not both at a time,
/// because each tells what the plan is then. Another selection is removed once ours is there, so that
/// nothing is uncovered in between.
pub fn plan(desired: &Desired, observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::change(Change::Create(Box::new(desired.clone())));
    };
    let Some(details) = &seen.details else {
        return reading(seen);
    };
    let what = format!("backup plan {}", seen.name);
    ownership::guard(&what, &details.tags, owner).then(|| {
        selected(desired, seen, details)
            .then(|| rules(desired, seen, details))
            .then(|| unselected(desired, seen, details))
    })
}

fn rules(desired: &Desired, seen: &Observed, details: &Details) -> Step<Change> {
    if sorted(&desired.rules) == sorted(&details.rules) {
        return Step::Settled;
    }
    Step::change(Change::Update {
        name: seen.name.clone(),
        id: seen.id.clone(),
        rules: desired.rules.clone(),
    })
}

fn selected(desired: &Desired, seen: &Observed, details: &Details) -> Step<Change> {
    let wanted = &desired.selection;
    if details.selections.iter().any(|(_, found)| found == wanted) {
        return Step::Settled;
    }
    // What is covered, and how many selections there were, tell a retry from another one that is made
    // after somebody removed ours.
    let parts = [wanted.role_arn.as_str(), &wanted.in_words()];
    let ids = details.selections.iter().map(|(id, _)| id.as_str());
    let parts: Vec<_> = parts.into_iter().chain(ids).collect();
    Step::change(Change::Select {
        seen: Box::new(seen.clone()),
        token: format!("tagged-{}", names::hash(&parts)),
        selection: wanted.clone(),
    })
}

fn unselected(desired: &Desired, seen: &Observed, details: &Details) -> Step<Change> {
    let mut kept = false;
    let others = details.selections.iter().filter(|(_, found)| {
        let ours = *found == desired.selection && !kept;
        kept |= ours;
        !ours
    });
    Step::changes(others.map(|(id, _)| unselect(seen, id)).collect())
}

fn unselect(seen: &Observed, selection: &crate::ids::BackupSelectionId) -> Change {
    Change::Unselect {
        name: seen.name.clone(),
        id: seen.id.clone(),
        selection: selection.clone(),
    }
}

/// Removes a plan of this owner: what it covers first, because AWS wants it so. Recovery points stay.
pub fn remove(observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::Settled;
    };
    let Some(details) = &seen.details else {
        return reading(seen);
    };
    if ownership::claim(&details.tags, owner) != ownership::Claim::Ours {
        return Step::Settled;
    }
    let selections = details.selections.iter();
    Step::changes(selections.map(|(id, _)| unselect(seen, id)).collect()).then(|| {
        Step::change(Change::Delete {
            name: seen.name.clone(),
            id: seen.id.clone(),
        })
    })
}
