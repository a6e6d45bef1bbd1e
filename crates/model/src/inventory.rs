//! The list of AWS resources in status: what people and the progress tree look at.

use emr_api::references::ResourceStatus;

/// What stands in status for a resource that is not there.
pub const MISSING: &str = "missing";

/// One line of the list.
pub fn line(
    kind: &str,
    name: &impl ToString,
    seen: Option<(Option<&str>, &str)>,
) -> ResourceStatus {
    let (arn, state) = seen.map_or((None, MISSING), |(arn, state)| (arn, state));
    ResourceStatus {
        kind: kind.to_owned(),
        name: name.to_string(),
        arn: arn.map(str::to_owned),
        state: state.to_owned(),
    }
}
