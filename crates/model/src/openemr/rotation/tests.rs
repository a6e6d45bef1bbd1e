//! Every order in which operator, Jobs, pods and crashes may follow each other, up to two requests and one
//! loss of the instance: nobody is ever shut out, and each ends with one user that is active.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use emr_api::emr_instance::DatabaseUser::{A, B};

use super::*;
use world::World;

mod world;

/// What led to a state, on a shortest way.
fn story<'a>(before: &[Vec<(usize, &'a str)>], mut nth: usize) -> Vec<&'a str> {
    let mut story = Vec::new();
    while let Some(&(earlier, what)) = before[nth].first() {
        story.insert(0, what);
        nth = earlier;
    }
    story
}

#[test]
fn nobody_is_shut_out_in_any_order_and_one_user_is_left() {
    let mut known = BTreeMap::from([(format!("{:?}", World::installed()), 0)]);
    let mut before: Vec<Vec<(usize, &str)>> = vec![Vec::new()];
    let mut resting = BTreeSet::new();
    let mut to_see = VecDeque::from([(0, World::installed())]);
    while let Some((nth, world)) = to_see.pop_front() {
        assert!(world.serves(), "{:?}: {world:#?}", story(&before, nth));
        if world.rests() {
            resting.insert(nth);
        }
        for (what, after) in world.successors() {
            let next = known.len();
            let found = *known.entry(format!("{after:?}")).or_insert(next);
            if found == next {
                before.push(Vec::new());
                to_see.push_back((found, after));
            }
            before[found].push((nth, what));
        }
    }
    assert!(known.len() > 1000, "{} states", known.len());
    let mut can_rest = resting.clone();
    let mut from: Vec<usize> = resting.into_iter().collect();
    while let Some(nth) = from.pop() {
        for &(earlier, _) in &before[nth] {
            if can_rest.insert(earlier) {
                from.push(earlier);
            }
        }
    }
    let stuck = known.iter().find(|(_, nth)| !can_rest.contains(nth));
    assert_eq!(stuck, None, "it never ends");
}

#[test]
fn a_request_is_carried_out_once() {
    let now = Timestamp::from_second(1_800_000_000).unwrap();
    let mut users = DatabaseUsers::default();
    assert_eq!(revision(&users), None, "nothing rolls before the first");
    let all = Seen {
        wanted: Some("spring"),
        may_begin: true,
        renewed: true,
        switched: true,
        rolled: true,
        retired: true,
        in_use: false,
    };
    let busy = Seen {
        may_begin: false,
        ..all
    };
    assert_eq!(next(&users, &busy, now), users);
    let mut steps = Vec::new();
    for _ in 0..8 {
        users = next(&users, &all, now);
        steps.push(step(&users));
    }
    let wanted = [
        Step::Renew(B),
        Step::Switch(B),
        Step::Roll,
        Step::Retire(A),
        Step::Rest,
    ];
    assert_eq!(steps[..5], wanted);
    assert!(
        steps[5..].iter().all(|step| *step == Step::Rest),
        "{steps:?}"
    );
    assert_eq!(
        (users.active, users.answered.as_deref()),
        (B, Some("spring"))
    );
    assert!(revision(&users).is_some());

    let autumn = Seen {
        wanted: Some("autumn"),
        ..all
    };
    let users = next(&users, &autumn, now);
    assert_eq!(step(&users), Step::Renew(A));
    let version = password_version(&"0b1c5a52-6f0e-4c4e-9b0d-1f6f3d0a9c11".into(), {
        users.rotation.as_ref().unwrap()
    });
    assert!((32..=64).contains(&version.as_str().len()), "{version}");
}
