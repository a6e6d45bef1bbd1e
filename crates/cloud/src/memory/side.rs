//! The ports over the rooms: one implementation for all resource types.

use std::sync::Arc;

use async_trait::async_trait;
use emr_resource::{Mutation, ResourceType, Service};
use tokio::time::sleep;

use super::{
    Memory, State,
    fault::{Call, Fault, Read},
    room::{Keeps, Refused, Room, Window},
};
use crate::{
    Caller, CloudError, Cursor, Discovery, ErrorKind, Page, Port, Ports, Quotas,
    caller::ATTEMPT_TIMEOUT,
};

/// As many on a page as RDS gives at most.
const PAGE: usize = 100;

/// What a change came to.
type Outcome<R> = Result<Option<<R as ResourceType>::Observed>, Refused>;

/// One account and region, as one caller sees it.
#[derive(Clone)]
pub(super) struct Side {
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
                quotas: Arc::clone(&side) as Arc<dyn Quotas>,
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
    /// A read: there, a look, and back. `look` is told whether the answer is to be stale.
    pub(super) async fn look<T: Send>(
        &self,
        service: Service,
        read: Read,
        look: impl Fn(&mut State, &Side, bool) -> Result<T, Refused> + Send + Sync,
    ) -> Result<T, CloudError> {
        let operation = read.operation;
        let call = || async {
            let latency = self.memory.latency();
            sleep(latency).await;
            let (fault, seen) = {
                let mut state = self.memory.state();
                state.reads += 1;
                let fault = state.read_hook.as_mut().and_then(|hook| hook(&read));
                let as_before = fault == Some(Fault::Stale);
                (fault, look(&mut state, self, as_before))
            };
            if let Some(error) = self.stopped(fault, service, operation).await {
                return Err(error);
            }
            sleep(latency / 2).await;
            seen.map_err(|no| CloudError::answered(service, operation, no.code, no.message))
        };
        self.caller.read(service, operation, call).await
    }

    /// What comes of a fault in place of an answer, if anything does.
    async fn stopped(
        &self,
        fault: Option<Fault>,
        service: Service,
        operation: &'static str,
    ) -> Option<CloudError> {
        match fault? {
            Fault::Stale => None,
            Fault::Refuse(kind) => Some(refusal(service, operation, kind)),
            Fault::LostBefore | Fault::LostAfter => Some(lost(operation)),
            Fault::TimedOutBefore | Fault::TimedOutAfter => {
                sleep(ATTEMPT_TIMEOUT).await;
                Some(lost(operation))
            }
            Fault::CrashBefore | Fault::CrashAfter => {
                self.memory.crashed.notify_one();
                std::future::pending().await
            }
        }
    }

    /// The account and region as of now.
    pub(super) fn room<'a>(&self, state: &'a mut State) -> &'a mut Room {
        let now = self.memory.now();
        state.room(self.caller.account(), self.caller.region(), now)
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
        if let Some(error) = self.stopped(fault, service, operation).await {
            return Err(error);
        }
        sleep(latency / 2).await;
        match outcome {
            Some(Ok(reply)) => Ok(reply),
            Some(Err(no)) => Err(CloudError::answered(
                service, operation, no.code, no.message,
            )),
            // Every fault that keeps a call from being done has ended above.
            None => Err(lost(operation)),
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
            process: Arc::clone(&self.memory.process),
            account: self.caller.account().clone(),
            region: self.caller.region().clone(),
            service: R::SERVICE,
            resource_type: R::NAME,
            operation: change.operation(),
            target: change.target(),
            describe: change.describe(),
        };
        let mut hook = state.hook.take();
        let room = state.room(&call.account, &call.region, now);
        let fault = hook.as_mut().and_then(|hook| hook(&call, room));
        let done = fault.is_none_or(Fault::is_done);
        let outcome = done.then(|| room.perform::<R>(change));
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

/// What a page shows from `from` on, or showed the last time, and whether another follows.
fn page<R: ResourceType>(
    state: &mut State,
    side: &Side,
    from: usize,
    as_before: bool,
) -> (Vec<R::Observed>, bool)
where
    Room: Keeps<R>,
{
    let caller = &side.caller;
    let place = || {
        let (account, region) = (caller.account().clone(), caller.region().clone());
        (account, region, R::NAME, from)
    };
    if as_before {
        let before = state.answered.get(&place());
        let before = before.and_then(|before| before.downcast_ref::<(Vec<R::Observed>, bool)>());
        return before.cloned().unwrap_or_default();
    }
    // One more than fits tells whether there are more.
    let most = PAGE + 1;
    let mut items = Keeps::<R>::list(side.room(state), Window { from, most });
    let more = items.len() > PAGE;
    items.truncate(PAGE);
    if state.remembers_lists {
        let answer = Box::new((items.clone(), more));
        state.answered.insert(place(), answer);
    }
    (items, more)
}

#[async_trait]
impl<R: ResourceType> Port<R> for Side
where
    Room: Keeps<R>,
{
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<R::Observed>, CloudError> {
        let from: usize = cursor.and_then(|cursor| cursor.0.parse().ok()).unwrap_or(0);
        let read = Read {
            operation: "List",
            resource_type: R::NAME,
            target: String::new(),
        };
        let (items, more) = self
            .look(R::SERVICE, read, |state, side, as_before| {
                Ok(page::<R>(state, side, from, as_before))
            })
            .await?;
        let next = more.then(|| (from + PAGE).to_string());
        Ok(Page::new(items, next))
    }

    async fn read(&self, id: &R::Id) -> Result<Option<R::Observed>, CloudError> {
        let read = Read {
            operation: "Describe",
            resource_type: R::NAME,
            target: id.to_string(),
        };
        let one = |state: &mut State, side: &Self, _| Ok(Keeps::<R>::read(side.room(state), id));
        self.look(R::SERVICE, read, one).await
    }

    async fn perform(&self, change: &R::Change) -> Result<Option<R::Observed>, CloudError> {
        let call = self.send::<R>(change);
        self.caller
            .mutate(R::SERVICE, change.operation(), call)
            .await
    }
}
