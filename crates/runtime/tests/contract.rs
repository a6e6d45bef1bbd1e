//! What controllers lean on, asked of the API server in memory and of a real one.
//!
//! The same functions run on both. The real one is named by `EMR_KUBECONFIG`; without it, only the
//! server in memory is asked.
#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod contract {
    pub mod applying;
    pub mod lifetimes;
    pub mod objects;
    pub mod upkeep;
    pub mod watching;
    pub mod widget;
}

use contract::{applying, lifetimes, objects, upkeep, watching, widget};
use emr_runtime::memory::MemoryServer;
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};

/// Which server answers.
#[derive(Clone)]
pub enum Server {
    Memory(MemoryServer),
    Real,
}

impl Server {
    /// Lets garbage be collected; the real server has no controller manager in this suite.
    pub fn collects_garbage(&self) -> bool {
        match self {
            Self::Memory(server) => {
                server.collect_garbage();
                true
            }
            Self::Real => false,
        }
    }
}

async fn real() -> Option<Client> {
    let path = std::env::var_os("EMR_KUBECONFIG")?;
    let file = Kubeconfig::read_from(path).unwrap();
    let config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default())
        .await
        .unwrap();
    Some(Client::try_from(config).unwrap())
}

macro_rules! contract {
    ($($module:ident::$name:ident),* $(,)?) => {
        mod in_memory {
            $(
                #[tokio::test]
                async fn $name() {
                    let server = super::MemoryServer::new(7);
                    server.define(&super::widget::crd());
                    let client = server.client();
                    let place = super::widget::namespace(&client, stringify!($name)).await;
                    super::$module::$name(client, &place, super::Server::Memory(server)).await;
                }
            )*
        }
        mod real {
            $(
                #[tokio::test]
                async fn $name() {
                    let Some(client) = super::real().await else { return };
                    super::widget::install(&client).await;
                    let place = super::widget::namespace(&client, stringify!($name)).await;
                    super::$module::$name(client, &place, super::Server::Real).await;
                }
            )*
        }
    };
}

contract! {
    objects::a_second_creation_is_a_conflict,
    objects::a_replacement_at_an_old_version_is_refused,
    objects::a_merge_patch_names_the_version_it_saw,
    objects::the_generation_counts_the_spec_and_not_the_status,
    objects::status_and_spec_are_written_apart,
    objects::defaults_of_the_schema_are_filled_in,
    lifetimes::finalizers_hold_an_object,
    lifetimes::a_deletion_checks_the_uid,
    objects::an_unchanged_write_makes_no_version,
    objects::lists_select_by_label,
    objects::only_metadata_is_answered_when_asked,
    lifetimes::nothing_is_created_in_a_terminating_namespace,
    lifetimes::what_lost_its_owner_goes,
    objects::unknown_things_are_not_found,
    applying::an_apply_settles,
    applying::what_we_drop_is_removed,
    applying::what_others_own_stays,
    applying::lists_merge_by_key,
    applying::a_forced_apply_takes_ownership,
    applying::an_unforced_apply_conflicts,
    applying::a_field_that_somebody_changed_is_put_back,
    applying::a_key_that_somebody_changed_is_ours_no_longer,
    upkeep::prune_deletes_what_is_ours_and_unwanted,
    upkeep::a_status_is_written_only_if_it_differs,
    upkeep::our_finalizer_comes_and_goes,
    watching::a_watch_starts_at_a_version,
    watching::a_watch_by_label_sees_objects_leave,
    watching::a_watcher_follows,
}
