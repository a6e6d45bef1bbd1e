//! The kinds of errors: each says what to do next.

/// What an error means for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ErrorKind {
    /// Too many requests; the bucket slows down.
    Throttled,
    /// AWS or the way there is out of order; nothing was sent, or AWS says that it failed.
    Transient,
    /// No answer after sending: it may have been done. The view looks before it is believed.
    MaybeApplied,
    /// A permission is missing.
    AccessDenied,
    /// Our credentials are missing, wrong or expired.
    Credentials,
    /// It does not exist.
    NotFound,
    /// Something of that name or token exists.
    AlreadyExists,
    /// Not in a state in which this can be done; later it can.
    WrongState,
    /// A quota is used up.
    QuotaExceeded,
    /// What only AWS can refuse: an unknown engine version, a bad parameter.
    Invalid,
    /// We may not write: another replica leads, or our lease is about to end (invariant 11).
    NotLeader,
}

impl ErrorKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Throttled,
        Self::Transient,
        Self::MaybeApplied,
        Self::AccessDenied,
        Self::Credentials,
        Self::NotFound,
        Self::AlreadyExists,
        Self::WrongState,
        Self::QuotaExceeded,
        Self::Invalid,
        Self::NotLeader,
    ];

    /// Camel-case reason for conditions, events and metrics.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Throttled => "AwsThrottled",
            Self::Transient | Self::MaybeApplied => "AwsUnavailable",
            Self::AccessDenied => "AwsAccessDenied",
            Self::Credentials => "AwsCredentials",
            Self::NotFound => "AwsNotFound",
            Self::AlreadyExists => "AwsConflict",
            Self::WrongState => "AwsWrongState",
            Self::QuotaExceeded => "AwsQuotaExceeded",
            Self::Invalid => "AwsInvalidRequest",
            Self::NotLeader => "NotLeader",
        }
    }

    /// One sentence on what to do.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Throttled => "Nothing to do: it is tried again more slowly.",
            Self::Transient | Self::MaybeApplied => "Nothing to do: it is tried again.",
            Self::AccessDenied => {
                "Give the operator's role this permission; deploy/iam has the policy."
            }
            Self::Credentials => {
                "Check the operator's AWS credentials: its pod identity or the role it assumes."
            }
            Self::NotFound => "Check that what this refers to exists in this account and region.",
            Self::AlreadyExists => {
                "Something of this name exists: it is looked at again before anything is done."
            }
            Self::WrongState => "Nothing to do: it is tried again once AWS is ready for it.",
            Self::QuotaExceeded => {
                "Ask AWS for a higher quota in Service Quotas, or remove what is not needed."
            }
            Self::Invalid => "Change the spec: AWS does not accept it as it is.",
            Self::NotLeader => "Nothing to do: the leading replica does it.",
        }
    }

    /// True when the same call may well succeed within seconds or minutes by itself.
    pub const fn is_retryable_soon(self) -> bool {
        !self.needs_person() && !matches!(self, Self::NotLeader)
    }

    /// True when it stays like this until somebody changes something.
    pub const fn needs_person(self) -> bool {
        matches!(
            self,
            Self::AccessDenied | Self::Credentials | Self::QuotaExceeded | Self::Invalid
        )
    }

    /// True when what is known of the resource can't be relied on after a mutation failed so.
    pub const fn leaves_doubt(self) -> bool {
        matches!(
            self,
            Self::Transient
                | Self::MaybeApplied
                | Self::NotFound
                | Self::AlreadyExists
                | Self::WrongState
        )
    }
}
