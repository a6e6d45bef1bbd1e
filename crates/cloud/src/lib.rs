//! AWS: what the operator reads there, and every call it makes.
//!
//! ```text
//! controllers -> Account -> View<R> -> Port<R> -> sdk (or an AWS in memory) -> AWS
//!                  |          |          |
//!                  Permit     Wakeups    Caller: token bucket, time, count, log
//! ```
//!
//! * [`port`]: what is asked of AWS, one trait for all resource types.
//! * [`sdk`]: the ports over the AWS SDK, a file a type. Translation, no decisions.
//! * [`view`]: reads are shared. One sweeper a type serves every object.
//! * [`account`], [`accounts`]: an account and region with all its views; mutations need a
//!   [`Permit`].
//! * [`caller`], [`limits`], [`metrics`]: the one gate that every call passes.
//! * [`quotas`]: what an account may have, read once an hour for all.
//! * [`error`]: what AWS answers, in kinds that say what to do next.
//! * [`permission`]: every AWS action as a row; the IAM policy is generated from it.
//!
//! Nothing here knows a custom resource.

pub mod account;
pub mod accounts;
pub mod caller;
mod census;
pub mod error;
pub mod limits;
#[cfg(feature = "memory")]
pub mod memory;
pub mod metrics;
pub mod permission;
pub mod port;
pub mod quotas;
pub mod sdk;
pub mod view;

pub use account::{Account, Has, Permit};
pub use accounts::{Accounts, AssumeRole, Connect, Target};
pub use caller::Caller;
pub use error::{CloudError, ErrorKind};
pub use metrics::Metrics;
pub use port::{Cursor, Discovery, Page, Port, Ports, Quotas, SecretValue, SecretValues};
pub use quotas::QuotaReading;
pub use view::{View, Wakeups, Watcher};
