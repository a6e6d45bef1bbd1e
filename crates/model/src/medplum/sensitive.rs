//! Credentials on their way into the configuration's Secret. They are wiped from memory when they go, and
//! `Debug` tells nothing of them.

use std::fmt;

use zeroize::Zeroizing;

/// Everything secret in the server's configuration.
pub struct Sensitive {
    /// The application's database user of the moment.
    pub database: Credentials,
    /// The token of the cache's default user: the server gives no user name.
    pub cache_token: Zeroizing<String>,
    /// What signs links to documents.
    pub signing_key: SigningKey,
    /// The first super administrator, by mail address; `None` for restored data, which has one. The server
    /// reads it while there is no user at all.
    pub super_admin: Option<Credentials>,
    /// The user of the mail server, where there is one.
    pub mail: Option<Credentials>,
}

impl Sensitive {
    /// Nothing secret: for a configuration that is compared and never used.
    pub fn blank() -> Self {
        let nobody = || Credentials {
            username: String::new(),
            password: Zeroizing::default(),
        };
        Self {
            database: nobody(),
            cache_token: Zeroizing::default(),
            signing_key: SigningKey {
                id: String::new(),
                pem: Zeroizing::default(),
                passphrase: Zeroizing::default(),
            },
            super_admin: Some(nobody()),
            mail: Some(nobody()),
        }
    }
}

/// A name and a password.
pub struct Credentials {
    /// The name, or the mail address.
    pub username: String,
    /// The password.
    pub password: Zeroizing<String>,
}

/// An RSA key of 2048 bits that was made once: links that it signed are refused under another.
pub struct SigningKey {
    /// Its id.
    pub id: String,
    /// It, as encrypted PEM.
    pub pem: Zeroizing<String>,
    /// What opens it.
    pub passphrase: Zeroizing<String>,
}

/// Defines `Debug` that tells nothing.
macro_rules! silent {
    ($($name:ident),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )+};
}

silent!(Sensitive, Credentials, SigningKey);
