//! What the operator is seen to do, a file a subject.

use std::{future::Future, pin::Pin, sync::Arc};

use crate::{Outcome, World};

pub mod admission;
pub mod crashes;
pub mod deletion;
pub mod drift;
pub mod lives;
pub mod medplum;
pub mod objects;
pub mod outages;
pub mod permissions;
pub mod platform;
pub mod postgresql;
pub mod quiet;
pub mod rds_postgres;
pub mod refusals;
mod remains;
pub mod restores;
pub mod sample;
pub mod scaling;
pub mod secrecy;
pub mod sets;
pub mod storm;
pub mod updates;
pub mod upgrades;

/// A running scenario.
pub type Running = Pin<Box<dyn Future<Output = Outcome> + Send>>;
/// A scenario, by name.
pub type Scenario = (&'static str, fn(Arc<World>) -> Running);

macro_rules! scenarios {
    ($($module:ident :: $name:ident),+ $(,)?) => {
        [$((
            concat!(stringify!($module), "::", stringify!($name)),
            (|world| Box::pin($module::$name(world))) as fn(Arc<World>) -> Running,
        )),+]
    };
}

/// Those that share the world, side by side.
pub fn shared() -> Vec<Scenario> {
    scenarios![
        // They take the longest, so they start first.
        refusals::by_aws_stall_and_recover,
        drift::is_repaired_and_lost_data_is_not_replaced,
        storm::leaves_what_a_calm_day_leaves,
        outages::of_aws_lose_nothing,
        restores::bring_an_instance_back_beside_and_in_place,
        platform::finds_the_network_and_makes_what_instances_share,
        platform::one_zone_stalls_and_recovers,
        sets::are_taken_while_nothing_runs_and_go_together,
        postgresql::is_made_from_the_sample_and_stays_what_it_is,
        objects::are_guarded_let_in_changed_and_outlive_their_store,
        medplum::becomes_ready_as_its_samples_ask,
        rds_postgres::is_made_from_the_sample_and_grows,
        sample::becomes_ready_with_everything_in_place,
        lives::are_told_so_that_kstatus_is_right,
        updates::are_made_in_place_and_a_replacement_is_refused,
        drift::foreign_and_orphaned_resources_are_left_alone,
        deletion::keeps_a_snapshot_of_both_halves,
        deletion::retain_leaves_everything,
        deletion::delete_needs_a_confirmation,
        deletion::of_a_child_by_hand_waits,
        deletion::of_the_namespace_keeps_what_must_remain,
        refusals::by_the_api_server_name_the_field,
        secrecy::keeps_passwords_to_secrets,
        secrecy::the_longest_names_stay_apart,
        admission::production_goes_only_when_confirmed,
        admission::data_goes_only_as_planned_or_confirmed,
        admission::platforms_and_crds_go_only_when_confirmed,
        admission::a_deleted_namespace_keeps_production,
        admission::the_chart_grants_what_the_operator_runs_under,
    ]
    .into()
}

/// Those that follow when the world is quiet, one after the other. The last looks back at all.
pub fn afterwards() -> Vec<Scenario> {
    scenarios![
        quiet::a_second_apply_and_a_restart_change_nothing,
        crashes::of_the_leader_are_taken_over,
        permissions::every_call_is_within_the_policy,
    ]
    .into()
}

/// Those that stop nodes, in a world of their own.
pub fn disruptive() -> Vec<Scenario> {
    scenarios![
        scaling::follows_load_and_survives_a_zone,
        permissions::every_call_is_within_the_policy,
    ]
    .into()
}

/// Those that kill the operator or the API server, one after the other, in a world of their own.
pub fn interrupted() -> Vec<Scenario> {
    scenarios![
        crashes::leave_no_trace,
        upgrades::walk_two_minors_and_survive_a_kill,
        outages::of_the_api_server_lose_nothing,
        permissions::every_call_is_within_the_policy,
    ]
    .into()
}
