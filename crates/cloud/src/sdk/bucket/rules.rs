//! What a bucket does with objects by itself, and whose pages it lets in: rules, in S3's words and in
//! ours. What is not word for word what we would have said is told as another's.

use std::collections::BTreeSet;

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, CorsConfiguration, CorsRule,
    ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter,
    NoncurrentVersionExpiration, Transition, TransitionStorageClass,
};
use aws_smithy_types::error::operation::BuildError;
use emr_resource::bucket::Lifecycle;

use super::{super::wire::unbuilt, settings::days};
use crate::CloudError;

/// The name of our one lifecycle rule.
const RULE: &str = "emrstack";
/// What pages may do, by URLs that somebody signed for them.
const METHODS: [&str; 3] = ["GET", "HEAD", "PUT"];
/// How long browsers remember what pages may do.
const CORS_SECONDS: i32 = 3600;
/// Stands for rules that are not ours, so that they differ from any of ours.
const OTHER_RULES: &str = "(other rules)";

/// One rule for all objects.
pub(super) fn to_lifecycle(
    lifecycle: &Lifecycle,
    operation: &'static str,
) -> Result<BucketLifecycleConfiguration, CloudError> {
    let built = rule(lifecycle).and_then(|rule| {
        let rules = BucketLifecycleConfiguration::builder().rules(rule);
        rules.build()
    });
    built.map_err(|error| unbuilt(operation, &error))
}

fn rule(lifecycle: &Lifecycle) -> Result<LifecycleRule, BuildError> {
    let transition = |after: Option<u32>, class| {
        let to = |after| Transition::builder().days(days(after)).storage_class(class);
        after.map(|after| to(after).build())
    };
    let transitions = [
        transition(
            lifecycle.infrequent_access_after_days,
            TransitionStorageClass::StandardIa,
        ),
        transition(
            lifecycle.glacier_after_days,
            TransitionStorageClass::GlacierIr,
        ),
    ];
    let transitions: Vec<_> = transitions.into_iter().flatten().collect();
    let noncurrent = lifecycle.noncurrent_expire_after_days.map(|after| {
        let expiration = NoncurrentVersionExpiration::builder();
        expiration.noncurrent_days(days(after)).build()
    });
    // A mark of deletion that hides nothing any more goes along; S3 takes either days or that.
    let expiration = match (lifecycle.expire_after_days, &noncurrent) {
        (Some(after), _) => Some(LifecycleExpiration::builder().days(days(after)).build()),
        (None, Some(_)) => {
            let marks = LifecycleExpiration::builder().expired_object_delete_marker(true);
            Some(marks.build())
        }
        (None, None) => None,
    };
    let abort = lifecycle.abort_incomplete_uploads_after_days.map(|after| {
        let abort = AbortIncompleteMultipartUpload::builder();
        abort.days_after_initiation(days(after)).build()
    });
    LifecycleRule::builder()
        .id(RULE)
        .filter(LifecycleRuleFilter::builder().prefix("").build())
        .status(ExpirationStatus::Enabled)
        .set_transitions((!transitions.is_empty()).then_some(transitions))
        .set_noncurrent_version_expiration(noncurrent)
        .set_expiration(expiration)
        .set_abort_incomplete_multipart_upload(abort)
        .build()
}

/// What is not word for word what we would have said is told as other rules.
pub(super) fn from_lifecycle(rules: &[LifecycleRule]) -> Lifecycle {
    let others = |lifecycle| Lifecycle {
        other_rules: true,
        ..lifecycle
    };
    let [one] = rules else {
        let none = Lifecycle::default();
        return if rules.is_empty() { none } else { others(none) };
    };
    let number = |days: Option<i32>| u32::try_from(days?).ok();
    let after = |class: &TransitionStorageClass| {
        let mut all = one.transitions().iter();
        let found = all.find(|of| of.storage_class() == Some(class));
        number(found.and_then(Transition::days))
    };
    let noncurrent = one.noncurrent_version_expiration();
    let abort = one.abort_incomplete_multipart_upload();
    let lifecycle = Lifecycle {
        infrequent_access_after_days: after(&TransitionStorageClass::StandardIa),
        glacier_after_days: after(&TransitionStorageClass::GlacierIr),
        expire_after_days: number(one.expiration().and_then(LifecycleExpiration::days)),
        noncurrent_expire_after_days: number(
            noncurrent.and_then(NoncurrentVersionExpiration::noncurrent_days),
        ),
        abort_incomplete_uploads_after_days: number(
            abort.and_then(AbortIncompleteMultipartUpload::days_after_initiation),
        ),
        other_rules: false,
    };
    if is_ours(one, &lifecycle) {
        lifecycle
    } else {
        others(lifecycle)
    }
}

/// S3 may give an empty filter where an empty prefix was written, and transitions in another order.
fn is_ours(one: &LifecycleRule, lifecycle: &Lifecycle) -> bool {
    let Ok(ours) = rule(lifecycle) else {
        return false;
    };
    let whole = one.filter().is_some_and(|filter| {
        let all = LifecycleRuleFilter::builder().build();
        let prefixed = LifecycleRuleFilter::builder().prefix("").build();
        *filter == all || *filter == prefixed
    });
    whole
        && one.id() == ours.id()
        && one.status() == ours.status()
        && one.transitions().len() == ours.transitions().len()
        && one.expiration() == ours.expiration()
        && one.noncurrent_version_transitions().is_empty()
        && one.noncurrent_version_expiration() == ours.noncurrent_version_expiration()
        && one.abort_incomplete_multipart_upload() == ours.abort_incomplete_multipart_upload()
}

pub(super) fn to_cors(
    origins: &BTreeSet<String>,
    operation: &'static str,
) -> Result<CorsConfiguration, CloudError> {
    let rule = cors_rule(origins).map_err(|error| unbuilt(operation, &error))?;
    let rules = CorsConfiguration::builder().cors_rules(rule);
    rules.build().map_err(|error| unbuilt(operation, &error))
}

fn cors_rule(origins: &BTreeSet<String>) -> Result<CorsRule, BuildError> {
    CorsRule::builder()
        .set_allowed_origins(Some(origins.iter().cloned().collect()))
        .set_allowed_methods(Some(METHODS.map(str::to_owned).into()))
        .allowed_headers("*")
        .expose_headers("ETag")
        .max_age_seconds(CORS_SECONDS)
        .build()
}

pub(super) fn from_cors(rules: &[CorsRule]) -> BTreeSet<String> {
    let mut origins: BTreeSet<String> = BTreeSet::new();
    for rule in rules {
        let named: BTreeSet<_> = rule.allowed_origins().iter().cloned().collect();
        let ours = cors_rule(&named).ok();
        let same = ours.is_some_and(|ours| {
            let methods = |rule: &CorsRule| -> BTreeSet<String> {
                rule.allowed_methods().iter().cloned().collect()
            };
            methods(&ours) == methods(rule)
                && ours.allowed_headers() == rule.allowed_headers()
                && ours.expose_headers() == rule.expose_headers()
                && ours.max_age_seconds() == rule.max_age_seconds()
        });
        if !same || rules.len() > 1 {
            origins.insert(OTHER_RULES.to_owned());
        }
        origins.extend(named);
    }
    origins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_survive_the_way_to_s3_and_back() {
        let none = Lifecycle::default();
        for lifecycle in [
            Lifecycle {
                infrequent_access_after_days: Some(90),
                glacier_after_days: Some(365),
                noncurrent_expire_after_days: Some(400),
                abort_incomplete_uploads_after_days: Some(7),
                ..none.clone()
            },
            Lifecycle {
                expire_after_days: Some(365),
                noncurrent_expire_after_days: Some(1),
                ..none.clone()
            },
        ] {
            let there = to_lifecycle(&lifecycle, "x").unwrap();
            assert_eq!(from_lifecycle(there.rules()), lifecycle);
        }
        assert_eq!(from_lifecycle(&[]), none);
        let origins = BTreeSet::from(["https://a".to_owned(), "https://b".to_owned()]);
        let there = to_cors(&origins, "x").unwrap();
        assert_eq!(from_cors(there.cors_rules()), origins);
    }

    #[test]
    fn rules_of_somebody_elses_never_look_like_ours() {
        let wanted = Lifecycle {
            glacier_after_days: Some(365),
            abort_incomplete_uploads_after_days: Some(7),
            ..Lifecycle::default()
        };
        let ours = rule(&wanted).unwrap();
        let mut named = ours.clone();
        named.id = Some("theirs".into());
        let mut narrow = ours.clone();
        narrow.filter = Some(LifecycleRuleFilter::builder().prefix("logs/").build());
        let mut off = ours.clone();
        off.status = ExpirationStatus::Disabled;
        let mut deletes = ours.clone();
        let at_once = NoncurrentVersionExpiration::builder()
            .noncurrent_days(30)
            .newer_noncurrent_versions(1);
        deletes.noncurrent_version_expiration = Some(at_once.build());
        for rules in [
            vec![named],
            vec![narrow],
            vec![off],
            vec![deletes],
            vec![ours.clone(), ours],
        ] {
            let seen = from_lifecycle(&rules);
            assert!(seen.other_rules, "{rules:?}");
        }
        let origins = BTreeSet::from(["https://a".to_owned()]);
        let mut wide = cors_rule(&origins).unwrap();
        wide.allowed_methods.push("DELETE".into());
        assert!(from_cors(&[wide]).contains(OTHER_RULES));
    }
}
