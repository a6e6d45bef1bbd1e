//! How an AUTH token takes the place of another without anybody being shut out (safety.md 9).
//!
//! ```text
//! the secret has a new value -> Rotating: ROTATE, both are valid
//!                            -> Rolling:  the Secret holds the new one; pods take it up
//!                            -> Setting:  SET, only the new one is valid
//! ```
//! Invariant: the token that is handed out is always one that the cache accepts, and the old one is
//! taken away only after `emrstack.dev/rolled` says that nobody holds it any more. No clock decides
//! that: who still holds the old one when a day is over would be shut out.
//!
//! A phase is noted before its call, with the time that AWS gives for the last change of the token.
//! Another time means that the call was done, whoever crashed meanwhile.

use emr_api::{
    cache_cluster::{AuthToken, CacheClusterStatus, TokenPhase, TokenRotation},
    labels,
};
use emr_resource::{
    Change, Step,
    ids::{Arn, SecretVersion},
    replication_group::{Observed, Strategy, Token, replace_token},
};

use super::{CacheSeen, CacheStack, status::ours};

/// What status remembers of a replication group, and what its consumers say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered<'a> {
    /// Its ARN, once it was ready.
    pub arn: Option<Arn>,
    /// Its token.
    pub token: Option<&'a AuthToken>,
    /// The revision of the Secret that they would hold now.
    pub revision: String,
    /// The revision with which all of them were started.
    pub rolled: Option<&'a str>,
}

impl<'a> Remembered<'a> {
    /// What a status tells; `revision` and `rolled` come from the objects themselves.
    pub fn of(
        status: Option<&'a CacheClusterStatus>,
        revision: String,
        rolled: Option<&'a str>,
    ) -> Self {
        Self {
            arn: status
                .and_then(|status| status.arn.as_deref())
                .map(Arn::new),
            token: status.and_then(|status| status.auth_token.as_ref()),
            revision,
            rolled,
        }
    }

    fn has_rolled(&self) -> bool {
        self.rolled == Some(self.revision.as_str())
    }
}

fn modified_at(group: &Observed) -> Option<String> {
    group.token_modified_at.map(|at| at.to_string())
}

/// Whether the call of a phase was done, and AWS is done with it.
fn is_done(rotation: &TokenRotation, group: &Observed) -> bool {
    group.is_available() && modified_at(group) != rotation.token_modified_at
}

fn current(seen: &CacheSeen) -> Option<String> {
    let secret = seen.secret.as_ref()?;
    secret.version.as_ref().map(ToString::to_string)
}

/// The version of the secret to hand out: one that the cache accepts.
pub fn handed_out(remembered: &Remembered<'_>, seen: &CacheSeen) -> Option<SecretVersion> {
    let group = seen.group.as_ref();
    let Some(token) = remembered.token else {
        return group.and_then(Observed::first_token);
    };
    let version = match &token.rotation {
        None => &token.version,
        Some(rotation) if rotation.phase == TokenPhase::Rotating => {
            if group.is_some_and(|group| is_done(rotation, group)) {
                &rotation.version
            } else {
                &token.version
            }
        }
        Some(rotation) => &rotation.version,
    };
    Some(SecretVersion::new(version))
}

/// The next call, or what is waited for.
pub(super) fn plan(
    stack: &CacheStack,
    remembered: &Remembered<'_>,
    seen: &CacheSeen,
) -> Step<Change> {
    let (Some(token), Some(group)) = (remembered.token, ours(stack, seen)) else {
        return Step::Settled;
    };
    let noted = |what: &str| {
        let message = format!("the AUTH token of replication group {} {what}", group.id);
        Step::wait("RotatingToken", message)
    };
    let Some(rotation) = &token.rotation else {
        return match current(seen) {
            Some(version) if version != token.version => noted("is about to be replaced"),
            _ => Step::Settled,
        };
    };
    let replace = |strategy| {
        let token = Token {
            secret: stack.secret.name.clone(),
            version: SecretVersion::new(&rotation.version),
        };
        replace_token(group, token, strategy).into_step()
    };
    match rotation.phase {
        TokenPhase::Rotating | TokenPhase::Setting if is_done(rotation, group) => {
            noted("was replaced; what follows is next")
        }
        TokenPhase::Rotating => replace(Strategy::Rotate),
        TokenPhase::Setting => replace(Strategy::Set),
        TokenPhase::Rolling if remembered.has_rolled() => noted("is about to be the only one"),
        TokenPhase::Rolling => Step::wait(
            "WaitingForConsumers",
            format!(
                "replication group {} accepts the old and the new AUTH token, and the Secret holds \
                 the new one. Once nothing uses the old one any more, annotate this CacheCluster \
                 with {}={}: the old one is then taken away. Who rolls an application's pods does so.",
                group.id,
                labels::ROLLED,
                remembered.revision
            ),
        ),
    }
}

/// What status is to remember after this look. Each step is written before the next call.
pub fn next(
    stack: &CacheStack,
    remembered: &Remembered<'_>,
    seen: &CacheSeen,
) -> Option<AuthToken> {
    let old = remembered.token.cloned();
    let Some(group) = ours(stack, seen) else {
        return old;
    };
    let Some(mut token) = old else {
        return Some(AuthToken {
            version: group.first_token()?.to_string(),
            rotation: None,
        });
    };
    let Some(rotation) = &mut token.rotation else {
        let version = current(seen).filter(|version| *version != token.version);
        // One thing after the other: AWS refuses a token while it works on something else.
        token.rotation = version
            .filter(|_| group.is_available())
            .map(|version| TokenRotation {
                version,
                phase: TokenPhase::Rotating,
                token_modified_at: modified_at(group),
            });
        return Some(token);
    };
    match rotation.phase {
        TokenPhase::Rotating if is_done(rotation, group) => {
            rotation.phase = TokenPhase::Rolling;
            rotation.token_modified_at = None;
        }
        TokenPhase::Rolling if remembered.has_rolled() && group.is_available() => {
            rotation.phase = TokenPhase::Setting;
            rotation.token_modified_at = modified_at(group);
        }
        TokenPhase::Setting if is_done(rotation, group) => {
            return Some(AuthToken {
                version: rotation.version.clone(),
                rotation: None,
            });
        }
        _ => {}
    }
    Some(token)
}
