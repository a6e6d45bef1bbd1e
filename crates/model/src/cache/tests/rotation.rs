//! A token takes the place of another.

use emr_api::{
    cache_cluster::{AuthToken, TokenPhase},
    labels,
};
use emr_resource::ids::SecretVersion;

use super::*;

/// One look at a rotation: what is remembered afterwards, what is done, what is handed out.
fn look(
    stack: &CacheStack,
    token: Option<&AuthToken>,
    rolled: Option<&str>,
    seen: &CacheSeen,
) -> (Option<AuthToken>, Vec<String>, Option<SecretVersion>) {
    let remembered = Remembered {
        arn: None,
        token,
        revision: "r2".into(),
        rolled,
    };
    (
        next(stack, &remembered, seen),
        said(&plan(stack, &remembered, seen)),
        handed_out(&remembered, seen),
    )
}

fn phase(token: Option<&AuthToken>) -> Option<TokenPhase> {
    Some(token?.rotation.as_ref()?.phase)
}

#[test]
fn a_token_is_rotated_rolled_and_set_and_the_one_handed_out_is_always_accepted() {
    let stack = queue();
    let at = |modified| ready(&stack, "v2", modified);
    let v = |version: &str| Some(SecretVersion::new(version));
    // What it was made with is known from its tag.
    let (token, done, out) = look(&stack, None, None, &at(1));
    assert_eq!((done, out), (vec![], v("v1")));
    assert_eq!(token.as_ref().unwrap().version, "v1");
    // The new value is noted before anything is done.
    let (token, done, out) = look(&stack, token.as_ref(), None, &at(1));
    assert_eq!(phase(token.as_ref()), Some(TokenPhase::Rotating));
    assert!(done[0].starts_with("RotatingToken"), "{done:?}");
    assert_eq!(out, v("v1"));
    // As long as it is not done, it is done, and the old one is handed out.
    let (same, done, out) = look(&stack, token.as_ref(), Some("r2"), &at(1));
    assert_eq!((&same, out), (&token, v("v1")));
    assert!(done[0].ends_with("beside the old one"), "{done:?}");
    let mut busy = at(2);
    busy.group.as_mut().unwrap().status = "modifying".into();
    let (same, done, out) = look(&stack, token.as_ref(), None, &busy);
    assert_eq!((&same, out), (&token, v("v1")));
    assert!(done[0].starts_with("ModifyingCache"), "{done:?}");
    let (token, done, out) = look(&stack, token.as_ref(), None, &at(2));
    assert_eq!(
        (phase(token.as_ref()), out),
        (Some(TokenPhase::Rolling), v("v2"))
    );
    assert!(done[0].starts_with("RotatingToken"), "{done:?}");
    // Nobody is hurried: what they hold decides.
    for rolled in [None, Some("r1")] {
        let (same, done, out) = look(&stack, token.as_ref(), rolled, &at(2));
        assert_eq!((&same, out), (&token, v("v2")));
        let asked = format!("{}=r2", labels::ROLLED);
        assert!(done[0].contains(&asked), "{done:?}");
    }
    let (token, _, _) = look(&stack, token.as_ref(), Some("r2"), &at(2));
    assert_eq!(phase(token.as_ref()), Some(TokenPhase::Setting));
    let (same, done, out) = look(&stack, token.as_ref(), None, &at(2));
    assert_eq!((&same, out), (&token, v("v2")));
    assert!(done[0].ends_with("the new AUTH token only"), "{done:?}");
    let (token, _, out) = look(&stack, token.as_ref(), None, &at(3));
    assert_eq!(out, v("v2"));
    let settled = AuthToken {
        version: "v2".into(),
        rotation: None,
    };
    assert_eq!(token, Some(settled));
    let (_, done, _) = look(&stack, token.as_ref(), None, &at(3));
    assert_eq!(done, [""; 0]);
}
