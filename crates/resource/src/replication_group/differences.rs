//! What differs between two groups, a call each: AWS takes one modification at a time.

use std::collections::BTreeSet;

use super::{Change, Desired, Details, Observed, Settings, family, plan::number};
use crate::{Difference, Step};

pub(super) fn more_replicas(desired: &Desired, seen: &Observed) -> Step<Change> {
    if desired.replicas <= seen.replicas {
        return Step::Settled;
    }
    Step::change(Change::AddReplicas {
        id: seen.id.clone(),
        replicas: desired.replicas,
    })
}

pub(super) fn fewer_replicas(desired: &Desired, seen: &Observed) -> Step<Change> {
    if desired.replicas >= seen.replicas {
        return Step::Settled;
    }
    Step::change(Change::RemoveReplicas {
        id: seen.id.clone(),
        replicas: desired.replicas,
    })
}

/// Notes the difference and what is to be sent for it.
macro_rules! differ {
    ($all:expr, $into:expr, $field:literal, $seen:expr, $wanted:expr) => {
        if let Some(difference) = Difference::between($field, $seen, &$wanted) {
            $into = Some($wanted);
            $all.push(difference);
        }
    };
}

pub(super) fn settings(desired: &Desired, seen: &Observed, details: &Details) -> Step<Change> {
    let mut new = Settings::default();
    let mut all = Vec::new();
    let wanted = desired.clone();
    differ!(
        all,
        new.description,
        "description",
        &seen.description,
        wanted.description
    );
    // That of another family comes with the upgrade.
    let family = |version| family(&desired.engine, version);
    if family(&desired.engine_version) == family(&details.engine_version) {
        differ!(
            all,
            new.parameter_group,
            "parameter group",
            &details.parameter_group,
            wanted.parameter_group
        );
    }
    let groups = BTreeSet::from([desired.security_group_id.clone()]);
    if let Some(difference) =
        Difference::between("security groups", &details.security_group_ids, &groups)
    {
        new.security_group_id = Some(desired.security_group_id.clone());
        all.push(difference);
    }
    differ!(
        all,
        new.failover,
        "automatic failover and several zones",
        &(seen.automatic_failover, seen.multi_az),
        (wanted.automatic_failover, wanted.multi_az)
    );
    differ!(
        all,
        new.maintenance_window,
        "maintenance window",
        &details.maintenance_window,
        wanted.maintenance_window
    );
    // Without snapshots the window is AWS's.
    if desired.snapshot_retention_days > 0 {
        differ!(
            all,
            new.snapshot_window,
            "snapshot window",
            &seen.snapshot_window,
            wanted.snapshot_window
        );
    }
    differ!(
        all,
        new.snapshot_retention_days,
        "snapshot retention",
        &seen.snapshot_retention_days,
        wanted.snapshot_retention_days
    );
    differ!(
        all,
        new.auto_minor_version_upgrade,
        "automatic minor upgrades",
        &details.auto_minor_version_upgrade,
        true
    );
    modify(seen, new, all)
}

/// Other nodes, once nothing else differs.
pub(super) fn nodes(desired: &Desired, seen: &Observed) -> Step<Change> {
    let difference = Difference::between("node type", &seen.node_type, &desired.node_type);
    let settings = Settings {
        node_type: Some(desired.node_type.clone()),
        ..Settings::default()
    };
    modify(seen, settings, difference.into_iter().collect())
}

/// A higher version, last. A minor version above the wanted one is AWS's doing: it raises it in the
/// maintenance window, and takes none back.
pub(super) fn upgrade(desired: &Desired, seen: &Observed, details: &Details) -> Step<Change> {
    if number(&desired.engine_version) <= number(&details.engine_version) {
        return Step::Settled;
    }
    let differences = Difference::between(
        "engine version",
        &details.engine_version,
        &desired.engine_version,
    );
    let other_group = details.parameter_group != desired.parameter_group;
    let settings = Settings {
        engine_version: Some(desired.engine_version.clone()),
        parameter_group: other_group.then(|| desired.parameter_group.clone()),
        ..Settings::default()
    };
    modify(seen, settings, differences.into_iter().collect())
}

fn modify(seen: &Observed, settings: Settings, differences: Vec<Difference>) -> Step<Change> {
    if differences.is_empty() {
        return Step::Settled;
    }
    Step::change(Change::Modify {
        id: seen.id.clone(),
        settings: Box::new(settings),
        differences,
    })
}
