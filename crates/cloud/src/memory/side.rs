//! The ports over the rooms: one implementation for all resource types.

use std::sync::Arc;

use async_trait::async_trait;
use emr_resource::{
    Mutation, ResourceType, Service,
    ids::{SecretName, VpcId},
    network::{CallerIdentity, EksCluster, Subnet},
};
use tokio::time::sleep;

use super::{
    Memory,
    fault::{Call, Fault},
    room::{Keeps, Refused, Room},
};
use crate::{
    Caller, CloudError, Cursor, Discovery, ErrorKind, Page, Port, Ports, SecretValue, SecretValues,
};

/// Few on a page, so that paging is used.
const PAGE: usize = 20;

/// What a change came to.
type Outcome<R> = Result<Option<<R as ResourceType>::Observed>, Refused>;

/// One account and region, as one caller sees it.
#[derive(Clone)]
struct Side {
    memory: Memory,
    caller: Caller,
}

macro_rules! define_ports {
    ($(($variant:ident, $module:ident)),+ $(,)?) => {
        pub(super) fn ports(memory: &Memory, caller: &Caller) -> Ports {
            let side = Arc::new(Side {
                memory: memory.clone(),
                caller: caller.clone(),
            });
            Ports {
                $($module: Arc::clone(&side) as Arc<dyn Port<emr_resource::$module::$variant>>,)+
                discovery: Arc::clone(&side) as Arc<dyn Discovery>,
                secret_values: side,
            }
        }
    };
}
emr_resource::for_each_resource_type!(define_ports);

/// What a service answers in place of doing anything.
fn refusal(service: Service, operation: &'static str, kind: ErrorKind) -> CloudError {
    let code = match kind {
        ErrorKind::Throttled => "Throttling",
        ErrorKind::Transient => "InternalFailure",
        ErrorKind::AccessDenied => "AccessDenied",
        ErrorKind::Credentials => "ExpiredToken",
        ErrorKind::NotFound => "ResourceNotFoundException",
        ErrorKind::AlreadyExists => "ResourceExistsException",
        ErrorKind::WrongState => "ConflictException",
        ErrorKind::QuotaExceeded => "LimitExceeded",
        ErrorKind::Invalid => "ValidationError",
        ErrorKind::MaybeApplied => return lost(operation),
        ErrorKind::NotLeader => return CloudError::not_leader(operation),
    };
    CloudError::answered(service, operation, code, "as the simulation wants it")
}

fn lost(operation: &'static str) -> CloudError {
    CloudError::new(ErrorKind::MaybeApplied, operation, "the connection broke")
}

impl Side {
    /// A read: there, a look, and back.
    async fn look<T: Send>(
        &self,
        service: Service,
        operation: &'static str,
        look: impl Fn(&Room) -> Result<T, Refused> + Send + Sync,
    ) -> Result<T, CloudError> {
        let call = || async {
            let latency = self.memory.latency();
            sleep(latency).await;
            let seen = {
                let now = self.memory.now();
                let mut state = self.memory.state();
                state.reads += 1;
                look(state.room(self.caller.account(), self.caller.region(), now))
            };
            sleep(latency / 2).await;
            seen.map_err(|no| CloudError::answered(service, operation, no.code, no.message))
        };
        self.caller.read(service, operation, call).await
    }

    /// A change: there, the effect unless a fault forbids it, and back unless a fault forbids it.
    async fn send<R: ResourceType>(
        &self,
        change: &R::Change,
    ) -> Result<Option<R::Observed>, CloudError>
    where
        Room: Keeps<R>,
    {
        let (service, operation) = (R::SERVICE, change.operation());
        let latency = self.memory.latency();
        sleep(latency).await;
        let (fault, outcome) = self.arrive::<R>(change);
        match (fault, outcome) {
            (Some(Fault::CrashBefore | Fault::CrashAfter), _) => {
                self.memory.crashed.notify_one();
                std::future::pending().await
            }
            (Some(Fault::LostBefore | Fault::LostAfter), _) | (None, None) => Err(lost(operation)),
            (Some(Fault::Refuse(kind)), _) => Err(refusal(service, operation, kind)),
            (None, Some(Err(no))) => {
                sleep(latency / 2).await;
                Err(CloudError::answered(
                    service, operation, no.code, no.message,
                ))
            }
            (None, Some(Ok(reply))) => {
                sleep(latency / 2).await;
                Ok(reply)
            }
        }
    }

    /// What happens at AWS's side, and at once.
    fn arrive<R: ResourceType>(&self, change: &R::Change) -> (Option<Fault>, Option<Outcome<R>>)
    where
        Room: Keeps<R>,
    {
        let now = self.memory.now();
        let mut state = self.memory.state();
        let call = Call {
            nth: state.mutations.len() + 1,
            account: self.caller.account().clone(),
            region: self.caller.region().clone(),
            service: R::SERVICE,
            operation: change.operation(),
            target: change.target(),
            describe: change.describe(),
        };
        let mut hook = state.hook.take();
        let room = state.room(&call.account, &call.region, now);
        let fault = hook.as_mut().and_then(|hook| hook(&call, room));
        let outcome = match fault {
            None | Some(Fault::LostAfter | Fault::CrashAfter) => Some(room.perform::<R>(change)),
            Some(Fault::Refuse(_) | Fault::LostBefore | Fault::CrashBefore) => None,
        };
        state.hook = hook;
        state.mutations.push(call);
        (fault, outcome)
    }
}

impl Room {
    fn perform<R: ResourceType>(
        &mut self,
        change: &R::Change,
    ) -> Result<Option<R::Observed>, Refused>
    where
        Self: Keeps<R>,
    {
        self.change(change)
    }
}

#[async_trait]
impl<R: ResourceType> Port<R> for Side
where
    Room: Keeps<R>,
{
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<R::Observed>, CloudError> {
        let from: usize = cursor.and_then(|cursor| cursor.0.parse().ok()).unwrap_or(0);
        let all = self
            .look(R::SERVICE, "List", |room| Ok(Keeps::<R>::list(room)))
            .await?;
        let to = from.saturating_add(PAGE);
        let next = (all.len() > to).then(|| to.to_string());
        Ok(Page::new(
            all.into_iter().skip(from).take(PAGE).collect(),
            next,
        ))
    }

    async fn read(&self, id: &R::Id) -> Result<Option<R::Observed>, CloudError> {
        self.look(R::SERVICE, "Describe", |room| {
            Ok(Keeps::<R>::read(room, id))
        })
        .await
    }

    async fn perform(&self, change: &R::Change) -> Result<Option<R::Observed>, CloudError> {
        let call = self.send::<R>(change);
        self.caller
            .mutate(R::SERVICE, change.operation(), call)
            .await
    }
}

#[async_trait]
impl Discovery for Side {
    async fn caller_identity(&self) -> Result<CallerIdentity, CloudError> {
        let identity = |room: &Room| {
            let arn = format!("arn:aws:sts::{}:assumed-role/emr/memory", room.account);
            Ok(CallerIdentity {
                account: room.account.clone(),
                arn: arn.as_str().into(),
            })
        };
        self.look(Service::Sts, "GetCallerIdentity", identity).await
    }

    async fn eks_cluster(&self, name: &str) -> Result<Option<EksCluster>, CloudError> {
        let cluster = |room: &Room| {
            let cluster = &room.seeded.cluster;
            Ok((cluster.name == name).then(|| cluster.clone()))
        };
        self.look(Service::Eks, "DescribeCluster", cluster).await
    }

    async fn subnets(&self, vpc: &VpcId) -> Result<Vec<Subnet>, CloudError> {
        let subnets = |room: &Room| {
            let of_vpc = |subnet: &&Subnet| subnet.vpc_id == *vpc;
            Ok(room.seeded.subnets.iter().filter(of_vpc).cloned().collect())
        };
        self.look(Service::Ec2, "DescribeSubnets", subnets).await
    }
}

#[async_trait]
impl SecretValues for Side {
    async fn read(&self, name: &SecretName) -> Result<SecretValue, CloudError> {
        let value = |room: &Room| room.secrets.value(name);
        self.look(Service::SecretsManager, "GetSecretValue", value)
            .await
    }
}
