//! The backup plans of a platform: one for each kind of what it covers.
//!
//! | plan | covers what is tagged `emrstack.dev/backup` = | rules |
//! |---|---|---|
//! | `…-database` | `database` | daily, weekly, monthly |
//! | `…-files` | `files` | daily, weekly, monthly |
//! | `…-files-hourly` | `files-hourly` | hourly, daily, weekly, monthly |
//!
//! Three plans serve any number of instances, because AWS counts plans and not what they cover.

use emr_api::emr_platform::{Backup, VaultLock};
use emr_resource::{
    Owner, Tags,
    backup_plan::{Desired, Rule, Schedule, Selection, TimeOfDay, schedule::weekday},
    backup_vault::Lock,
    ids::{Arn, VaultName},
    names, ownership,
};
use jiff::civil::Weekday;

use crate::owner::Covered;

/// Past the hour, so that the hourly one does not begin with the others.
const PAST_THE_HOUR: i8 = 45;

/// The lock as AWS takes it.
pub(super) fn lock(lock: &VaultLock) -> Lock {
    Lock {
        min_retention_days: Some(lock.min_retention_days.into()),
        max_retention_days: lock.max_retention_days.map(Into::into),
        final_after_days: lock.final_after_days.map(Into::into),
    }
}

/// The plans that the spec asks for.
pub(super) fn plans(
    owner: &Owner,
    backup: &Backup,
    vault: &VaultName,
    role_arn: &Arn,
    tags: &Tags,
) -> Vec<Desired> {
    let plan = |covered: Covered| Desired {
        name: names::backup_plan(owner, covered.as_str()),
        rules: rules(backup, vault, covered),
        selection: Selection {
            role_arn: role_arn.clone(),
            tags: vec![(ownership::BACKUP.to_owned(), covered.as_str().to_owned())],
            resources: Vec::new(),
        },
        tags: tags.clone(),
    };
    Covered::ALL.map(plan).into()
}

fn rules(backup: &Backup, vault: &VaultName, covered: Covered) -> Vec<Rule> {
    let rule = |name: &str, schedule: Schedule, kept: u32, cold: u32| Rule {
        name: name.to_owned(),
        schedule: schedule.to_string(),
        vault: vault.clone(),
        cold_after_days: (cold > 0).then_some(cold.into()),
        delete_after_days: Some(kept.into()),
    };
    let Backup {
        hourly,
        daily,
        weekly,
        monthly,
        ..
    } = backup;
    let each_hour = (covered == Covered::FilesHourly).then(|| {
        rule(
            "hourly",
            Schedule::Hourly(PAST_THE_HOUR),
            hourly.retention_days,
            0,
        )
    });
    let day = weekday(&weekly.day).unwrap_or(Weekday::Sunday);
    let monthly_on = i8::try_from(monthly.day).unwrap_or(1);
    each_hour
        .into_iter()
        .chain([
            rule(
                "daily",
                Schedule::Daily(time(&daily.at)),
                daily.retention_days,
                0,
            ),
            rule(
                "weekly",
                Schedule::Weekly(day, time(&weekly.at)),
                weekly.retention_days,
                0,
            ),
            rule(
                "monthly",
                Schedule::Monthly(monthly_on, time(&monthly.at)),
                monthly.retention_days,
                // Aurora can't be kept cold, and would be told to in vain.
                if covered == Covered::Database {
                    0
                } else {
                    monthly.cold_after_days
                },
            ),
        ])
        .collect()
}

/// `02:30`, as the schema has it.
fn time(text: &str) -> TimeOfDay {
    let number = |text: &str| text.parse().unwrap_or_default();
    let (hour, minute) = text.split_once(':').unwrap_or((text, ""));
    TimeOfDay {
        hour: number(hour),
        minute: number(minute),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_plans_keep_for_as_long_as_the_seed_says() {
        let owner = Owner {
            cluster: "clinics".into(),
            kind: "EmrPlatform".into(),
            namespace: String::new(),
            name: "default".into(),
            uid: "platform".into(),
        };
        let plans = plans(
            &owner,
            &Backup::default(),
            &"vault".into(),
            &"arn:role".into(),
            &Tags::new(),
        );
        let told: Vec<_> = plans
            .iter()
            .flat_map(|plan| {
                plan.rules.iter().map(|rule| {
                    let tag = &plan.selection.tags[0].1;
                    let (name, cron) = (&rule.name, &rule.schedule);
                    format!(
                        "{tag} {name} {cron} {:?} {:?}",
                        rule.cold_after_days, rule.delete_after_days
                    )
                })
            })
            .collect();
        assert_eq!(
            told,
            [
                "database daily cron(0 2 * * ? *) None Some(35)",
                "database weekly cron(0 3 ? * SUN *) None Some(90)",
                "database monthly cron(0 4 1 * ? *) None Some(2555)",
                "files daily cron(0 2 * * ? *) None Some(35)",
                "files weekly cron(0 3 ? * SUN *) None Some(90)",
                "files monthly cron(0 4 1 * ? *) Some(90) Some(2555)",
                "files-hourly hourly cron(45 * * * ? *) None Some(35)",
                "files-hourly daily cron(0 2 * * ? *) None Some(35)",
                "files-hourly weekly cron(0 3 ? * SUN *) None Some(90)",
                "files-hourly monthly cron(0 4 1 * ? *) Some(90) Some(2555)",
            ]
        );
        assert!(plans.iter().all(|plan| plan.name.as_str().len() <= 50));
    }
}
