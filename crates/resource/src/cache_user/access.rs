//! What a cache user may do, compared by meaning.
//!
//! ElastiCache rewrites access strings: `on ~app:* +@read` reads back `on ~app:* -@all +@read`.
//! A comparison of the texts would therefore see drift for ever. The order of the command rules
//! has a meaning (the last one wins) and is kept; the order of everything else has none.
//! Source: ElastiCache user guide, "Specifying permissions using an access string"; Valkey, "ACL".

use std::fmt;

/// What PHP sessions need, and nothing else: any key, since the cache is the application's own,
/// but only these commands.
///
/// | command | sent by phpredis' session handler |
/// |---|---|
/// | `GET`, `GETEX` | to read a session, with `redis.session.early_refresh` too |
/// | `SETEX`, `SET` | to write it; `SET NX PX` to lock it |
/// | `EXPIRE`, `EXISTS`, `DEL` | to keep it alive, to accept a cookie's id, to sign out |
/// | `EVALSHA`, `EVAL` | to release a lock, if it is still ours |
/// | `ECHO`, `PING` | to test a pooled connection, and by the gate before the application |
///
/// `AUTH` and `HELLO` are open to everybody. No `KEYS`, `SCAN`, `FLUSHALL`, `CONFIG`, publish and
/// subscribe, or `SELECT`, which a serverless cache lacks anyway.
/// Source: phpredis, `redis_session.c` and `library.c`.
pub const PHP_SESSIONS: &str =
    "on ~* -@all +get +getex +set +setex +expire +exists +del +eval +evalsha +echo +ping";

/// An access string; equal to another when both allow the same.
#[derive(Clone, Debug)]
pub struct AccessString(String);

impl AccessString {
    /// Wraps an access string, ours or as AWS returned it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As AWS takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the user may sign in, the sorted patterns, and the command rules in order.
    fn meaning(&self) -> (bool, Vec<String>, Vec<String>) {
        let (mut on, mut patterns, mut commands) = (false, Vec::new(), Vec::new());
        for term in self.0.split_whitespace() {
            match term {
                "on" => on = true,
                "off" => on = false,
                // Defaults, which AWS adds or leaves out as it likes.
                "resetchannels" | "sanitize-payload" => {}
                "resetkeys" => patterns.retain(|pattern: &String| pattern.starts_with('&')),
                "allkeys" => patterns.push("~*".into()),
                "allchannels" => patterns.push("&*".into()),
                // What came before counts no longer; at the beginning it is where everybody starts.
                "-@all" | "nocommands" => commands.clear(),
                "allcommands" => commands = vec!["+@all".into()],
                _ if term.starts_with(['+', '-']) => commands.push(term.to_ascii_lowercase()),
                _ => patterns.push(term.to_owned()),
            }
        }
        patterns.sort_unstable();
        patterns.dedup();
        (on, patterns, commands)
    }
}

impl PartialEq for AccessString {
    fn eq(&self, other: &Self) -> bool {
        self.meaning() == other.meaning()
    }
}

impl Eq for AccessString {}

impl fmt::Display for AccessString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for AccessString {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}
