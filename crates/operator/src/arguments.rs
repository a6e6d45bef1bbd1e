//! What the operator can be told. Every option has an environment variable of the same name.

use std::net::SocketAddr;

use clap::{Parser, Subcommand, ValueEnum};

use crate::raised::Raised;

/// Runs electronic medical records on Kubernetes and AWS.
#[derive(Debug, Parser)]
#[command(name = "emr-operator", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the controllers.
    Run(Options),
    /// Prints what is generated from the code.
    Print {
        /// What to print.
        what: What,
    },
}

/// What is generated from the code.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum What {
    /// The custom resource definitions, as YAML.
    Crds,
    /// The roles that the operator needs in Kubernetes, as YAML.
    Rbac,
    /// The policies that the operator needs in AWS, as a JSON list: one alone would exceed IAM's
    /// limit of 6,144 characters.
    Iam,
    /// The reference of the custom resources, as Markdown.
    Reference,
}

#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// The AWS region of platforms that name none.
    #[arg(long, env = "AWS_REGION")]
    pub(crate) region: String,
    /// The namespace of the Lease that replicas elect their leader by.
    #[arg(long, env = "POD_NAMESPACE", default_value = "emr-system")]
    pub(crate) lease_namespace: String,
    /// This replica's name in the Lease.
    #[arg(long, env = "POD_NAME", default_value = "emr-operator")]
    pub(crate) identity: String,
    /// Where health, readiness and metrics are served.
    #[arg(long, env = "EMR_ADMIN_ADDRESS", default_value = "0.0.0.0:8080")]
    pub(crate) admin_address: SocketAddr,
    /// How many objects of a kind are worked on at once.
    #[arg(long, env = "EMR_CONCURRENCY", default_value_t = 32)]
    pub(crate) concurrency: u16,
    /// The share of AWS's documented request limits that the operator takes.
    #[arg(long, env = "EMR_AWS_SHARE", default_value_t = 0.5)]
    pub(crate) aws_share: f64,
    /// Request limits that AWS raised for the accounts, before the share is taken:
    /// `rds=50/600,ec2=20/200` is requests a second, and how many may come at once.
    #[arg(
        long,
        env = "EMR_AWS_LIMITS",
        value_name = "SERVICE=RATE/BURST",
        value_delimiter = ','
    )]
    pub(crate) aws_limits: Vec<Raised>,
    /// What is logged: error, warn, info, debug, or filters by module.
    #[arg(long, env = "EMR_LOG", default_value = "info")]
    pub(crate) log: String,
}
