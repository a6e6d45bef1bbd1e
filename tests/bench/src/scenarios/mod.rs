//! What is measured, a file each.

pub(crate) mod clusters;
pub(crate) mod databases;
pub(crate) mod idle;
pub(crate) mod limited;
pub(crate) mod overhead;
pub(crate) mod reaction;
pub(crate) mod steady;
