//! Request limits that AWS raised for somebody: without them an account that was given more would be
//! held to what is documented for all.

use std::str::FromStr;

use emr_cloud::limits::Rate;
use emr_resource::Service;

/// A service and its raised limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Raised {
    /// The service.
    pub(crate) service: Service,
    /// What AWS allows.
    pub(crate) rate: Rate,
}

/// Why a limit is not understood.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum RaisedError {
    /// Not of the form that is asked for.
    #[error("write SERVICE=RATE/BURST, for example rds=50/600")]
    Form,
    /// A service that the operator does not call.
    #[error("the operator calls no service {0:?}; it calls {known}", known = known())]
    Service(String),
    /// Nothing could ever be called.
    #[error("{0:?} is not a number of requests: write one above 0")]
    Number(String),
}

impl FromStr for Raised {
    type Err = RaisedError;

    fn from_str(text: &str) -> Result<Self, RaisedError> {
        let (service, rate) = text.split_once('=').ok_or(RaisedError::Form)?;
        let (per_second, burst) = rate.split_once('/').ok_or(RaisedError::Form)?;
        let service = Service::ALL
            .into_iter()
            .find(|known| known.prefix() == service.trim())
            .ok_or_else(|| RaisedError::Service(service.trim().to_owned()))?;
        let rate = Rate {
            per_second: number(per_second)?,
            burst: number(burst)?,
        };
        Ok(Self { service, rate })
    }
}

fn number(text: &str) -> Result<f64, RaisedError> {
    match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(number),
        _ => Err(RaisedError::Number(text.trim().to_owned())),
    }
}

fn known() -> String {
    Service::ALL.map(Service::prefix).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_service_a_rate_and_a_burst() {
        let rate = Rate {
            per_second: 50.0,
            burst: 600.0,
        };
        let service = Service::Rds;
        assert_eq!("rds=50/600".parse(), Ok(Raised { service, rate }));
        let service = Service::Efs;
        assert_eq!(
            " elasticfilesystem = 50 / 600".parse(),
            Ok(Raised { service, rate })
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        let told = |text: &str| text.parse::<Raised>().unwrap_err().to_string();
        assert!(told("rds").contains("rds=50/600"));
        assert!(told("rds=50").contains("rds=50/600"));
        assert!(told("sqs=1/1").contains("no service \"sqs\"") && told("sqs=1/1").contains("rds"));
        for number in ["0", "-1", "inf", "NaN", "many", ""] {
            assert!(
                told(&format!("rds={number}/1")).contains("above 0"),
                "{number}"
            );
            assert!(
                told(&format!("rds=1/{number}")).contains("above 0"),
                "{number}"
            );
        }
    }
}
