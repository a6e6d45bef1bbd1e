//! DB parameter groups: those of instances. What holds for the groups of clusters holds for them: an
//! account and region has few, so they are shared by content, and the name carries the content's hash.

use std::time::Duration;

use crate::{
    Listing, Mutation, ResourceType, Service, Step, Tags, ids::ParameterGroupName, parameter_group,
};
pub use parameter_group::{Desired, Details, Observed};

/// The resource type.
#[derive(Debug)]
pub struct DbParameterGroup;

/// One call: the same as for the group of a cluster, under the operation of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change(pub parameter_group::Change);

impl From<parameter_group::Change> for Change {
    fn from(change: parameter_group::Change) -> Self {
        Self(change)
    }
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self.0 {
            parameter_group::Change::Create(_) => "CreateDBParameterGroup",
            parameter_group::Change::Set { .. } => "ModifyDBParameterGroup",
            parameter_group::Change::Delete(_) => "DeleteDBParameterGroup",
        }
    }

    fn target(&self) -> String {
        self.0.target()
    }

    fn describe(&self) -> String {
        self.0
            .describe()
            .replace("DB cluster parameter", "DB parameter")
    }
}

impl ResourceType for DbParameterGroup {
    const NAME: &'static str = "db-parameter-group";
    const SERVICE: Service = Service::Rds;
    const LISTING: Listing = Listing::Pages;
    const DRIFT_WINDOW: Duration = Duration::from_mins(5);
    type Id = ParameterGroupName;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        parameter_group::ParameterGroup::id(observed)
    }

    fn changed(change: &Change) -> Self::Id {
        parameter_group::ParameterGroup::changed(&change.0)
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        parameter_group::ParameterGroup::tags(observed)
    }

    fn in_transition(_: &Observed) -> bool {
        false
    }

    fn lacks_details(observed: &Observed) -> bool {
        parameter_group::ParameterGroup::lacks_details(observed)
    }

    fn absorb(listed: &mut Observed, known: &Observed) {
        parameter_group::ParameterGroup::absorb(listed, known);
    }

    fn after(change: &Change, before: &Observed) -> Option<Observed> {
        parameter_group::ParameterGroup::after(&change.0, before)
    }
}

/// Creates the group and sets its parameters; repairs what somebody changed by hand.
pub fn plan(desired: &Desired, observed: Option<&Observed>, cluster: &str) -> Step<Change> {
    parameter_group::plan(desired, observed, cluster).into_step()
}

/// Deletes the group when `users`, the instances that use it, is zero.
pub fn remove_unused(observed: Option<&Observed>, cluster: &str, users: usize) -> Step<Change> {
    parameter_group::remove_unused(observed, cluster, users).into_step()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn it_is_made_by_the_calls_of_its_own_kind() {
        let desired = Desired {
            name: "emr-postgres16-a".into(),
            family: "postgres16".into(),
            description: "x".into(),
            parameters: BTreeMap::from([("rds.force_ssl".to_owned(), "1".to_owned())]),
            tags: Tags::new(),
        };
        let Step::Change(made) = plan(&desired, None, "clinics") else {
            panic!("expected a change")
        };
        assert_eq!(made[0].operation(), "CreateDBParameterGroup");
        assert_eq!(
            made[0].describe(),
            "create DB parameter group emr-postgres16-a"
        );
    }
}
