//! The application on stores that a restore made, before anything changes over to them: its Jobs bring what was
//! restored into place and open it, with the credentials that the pods will have.

use emr_api::EmrInstance;
use emr_model::{
    instance::{Application, InstanceSeen, Validated},
    medplum, openemr,
    workload::{Object, Objects, progress::Finding},
};
use emr_runtime::ReconcileError;

use super::{Known, apply, openemr::install::install};
use crate::{Context, emr_instance::gather::World};

/// An application on such stores.
pub(crate) struct TakeOver {
    workload: Workload,
    /// Everything that it consists of there.
    pub(crate) objects: Objects,
}

enum Workload {
    Medplum(Box<medplum::Workload>),
    OpenEmr(Box<openemr::Workload>),
}

impl TakeOver {
    /// On the stores of this world, once they have told where they are.
    pub(crate) async fn of(
        context: &Context,
        object: &EmrInstance,
        world: &World,
        validated: &Validated,
    ) -> Result<Option<Self>, ReconcileError> {
        Ok(match &validated.application {
            Application::Medplum(plan) => {
                let authorities = world.landing.authorities();
                let authorities = authorities
                    .map_err(|error| ReconcileError::slow(error.reason(), error.to_string()))?;
                let known = Known {
                    validated,
                    authorities: &authorities,
                    own: &InstanceSeen::default(),
                };
                let version = &plan.medplum.version;
                let built = super::medplum::workload(context, object, world, plan, &known, version);
                built.map(|(workload, _)| Self {
                    objects: medplum::objects(&workload),
                    workload: Workload::Medplum(Box::new(workload)),
                })
            }
            Application::OpenEmr(_) => {
                let built = super::openemr::for_jobs(context, object, world, validated).await?;
                built.map(|workload| Self {
                    objects: openemr::objects(&workload),
                    workload: Workload::OpenEmr(Box::new(workload)),
                })
            }
        })
    }

    /// One look at the Jobs, which are begun where none runs. Where a person is needed, what was restored does
    /// not open.
    pub(crate) async fn keep(
        &self,
        context: &Context,
    ) -> Result<(Finding, Option<ReconcileError>), ReconcileError> {
        match &self.workload {
            Workload::Medplum(workload) => {
                Box::pin(super::medplum::install(
                    context,
                    workload,
                    &self.objects,
                    None,
                ))
                .await
            }
            Workload::OpenEmr(workload) => {
                apply(context, &self.objects.storage).await?;
                Box::pin(install(context, workload, &self.objects, None, true, None)).await
            }
        }
    }

    /// The names of its Jobs.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = &str> {
        let all = self.objects.restore.iter().chain(&self.objects.install);
        all.map(Object::name)
    }
}
