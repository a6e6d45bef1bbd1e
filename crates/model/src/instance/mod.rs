//! EmrInstance: its children, its own resources in AWS, and what its conditions say.

mod application;
mod backups;
mod children;
mod exposure;
mod moment;
mod no_set;
mod parts;
mod restore;
mod schedule;
mod stack;
mod status;
#[cfg(test)]
mod tests;
pub mod users;
mod validate;

pub use application::{Application, MedplumPlan, OpenEmrPlan, Postgres};
pub use backups::{Held, backup_healthy};
pub use children::{CERTIFICATES, Children, SITES, children};
pub use exposure::{Exposure, exposure, is_fenced, load_balancer};
pub use moment::{Origin, approval, set_at};
pub use no_set::NoSet;
pub use parts::{Part, Parts};
pub use restore::{
    is_for_a_drill, is_released, is_restored, other_half, release_word, set_of_backup,
    set_of_halves,
};
pub use schedule::{Due, due, surplus};
pub use stack::{
    ADMIN, APP, InstanceSeen, InstanceStack, Landing, SIGNING_KEY, desire, plan, teardown,
};
pub use status::{Findings, QUIESCED, Walked, report, resources};
pub use validate::{InstanceError, Validated, validate};
