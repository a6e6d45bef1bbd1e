//! Golden files for the sample and each profile, and what must hold whatever they say.

mod config;
mod connections;
mod fixture;
mod golden;
mod progress;
mod rules;
mod schema;
