//! All parts together.

use std::path::PathBuf;

use crate::{
    AwsStandIn, AwsStandInOptions, Binaries, ControlPlane, ControlPlaneOptions, IngressStandIn,
    MedplumStandIn, Operator, OperatorOptions, Progress, Result, eks, ingress_stand_in,
    medplum_stand_in,
};

/// What a sandbox should have.
#[derive(Debug, Clone, Default)]
pub struct SandboxOptions {
    /// The Kubernetes side.
    pub control_plane: ControlPlaneOptions,
    /// The AWS side.
    pub aws: AwsStandInOptions,
}

/// A running control plane with an AWS stand-in. Dropping it stops everything.
pub struct Sandbox {
    _ingress: IngressStandIn,
    _medplum: MedplumStandIn,
    /// The Kubernetes side.
    pub control_plane: ControlPlane,
    /// The AWS side.
    pub aws: AwsStandIn,
}

impl Sandbox {
    /// Builds what is missing, starts both sides side by side, and returns when they are ready.
    pub async fn start(options: &SandboxOptions, progress: Progress<'_>) -> Result<Self> {
        let binaries = Binaries::ensure(progress)?;
        progress("starting the control plane and the AWS stand-in");
        let (control_plane, aws) = tokio::try_join!(
            ControlPlane::start(&binaries, &options.control_plane),
            AwsStandIn::start(&binaries, &options.aws),
        )?;
        Self::of(control_plane, aws).await
    }

    /// Another cluster, which knows nothing, beside the same AWS: the one that was there is lost.
    pub async fn rebuild(self, options: &ControlPlaneOptions) -> Result<Self> {
        let Self {
            _ingress: ingress,
            _medplum: medplum,
            control_plane,
            aws,
        } = self;
        let binaries = control_plane.binaries().clone();
        drop((ingress, medplum, control_plane));
        Self::of(ControlPlane::start(&binaries, options).await?, aws).await
    }

    async fn of(control_plane: ControlPlane, aws: AwsStandIn) -> Result<Self> {
        eks::install(&control_plane.client()).await?;
        let ingress = ingress_stand_in(control_plane.client());
        let medplum = medplum_stand_in(control_plane.client());
        Ok(Self {
            _ingress: ingress,
            _medplum: medplum,
            control_plane,
            aws,
        })
    }

    /// Runs the operator in this sandbox.
    pub async fn operator(&self, options: &OperatorOptions) -> Result<Operator> {
        Operator::start(&self.control_plane, &self.aws, options).await
    }

    /// The kubeconfig of a cluster admin.
    pub fn kubeconfig(&self) -> PathBuf {
        self.control_plane.kubeconfig()
    }
}
