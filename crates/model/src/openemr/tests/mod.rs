//! Golden files for the sample and each profile, and what must hold whatever they say.

mod connections;
mod fixture;
mod golden;
mod names;
mod network;
mod pod;
mod progress;
mod rotation;
mod rules;
mod scripts;
