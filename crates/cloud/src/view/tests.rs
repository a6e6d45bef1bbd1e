//! A made-up resource type, and an AWS that holds some of it.

mod failing;
mod ordering;
mod sharing;

use std::{collections::BTreeMap, sync::Mutex};

use async_trait::async_trait;
use emr_resource::{Service, Tags};

use super::*;
use crate::{Cursor, Metrics, Page, account::Unlimited};

#[derive(Debug)]
struct Widget;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    name: String,
    state: String,
    detail: Option<u32>,
}

#[derive(Clone, Debug)]
enum Act {
    Set(Seen),
    Delete(String),
    /// Answered without a word on the widget; its state is foreseen.
    Move(String, &'static str),
}

impl Mutation for Act {
    fn operation(&self) -> &'static str {
        "Act"
    }
    fn target(&self) -> String {
        Widget::changed(self)
    }
    fn describe(&self) -> String {
        format!("act on {}", self.target())
    }
}

impl ResourceType for Widget {
    const NAME: &'static str = "widget";
    const SERVICE: Service = Service::Rds;
    const LISTING: Listing = Listing::Pages;
    type Id = String;
    type Observed = Seen;
    type Change = Act;

    fn id(observed: &Seen) -> Option<String> {
        Some(observed.name.clone())
    }
    fn changed(change: &Act) -> String {
        match change {
            Act::Set(seen) => seen.name.clone(),
            Act::Delete(name) | Act::Move(name, _) => name.clone(),
        }
    }
    fn after(change: &Act, before: &Seen) -> Option<Seen> {
        let Act::Move(_, state) = change else {
            return None;
        };
        Some(Seen {
            state: (*state).into(),
            ..before.clone()
        })
    }
    fn tags(_: &Seen) -> Option<&Tags> {
        None
    }
    fn in_transition(observed: &Seen) -> bool {
        observed.state.ends_with("ing")
    }
    fn lacks_details(observed: &Seen) -> bool {
        observed.detail.is_none()
    }
    fn absorb(listed: &mut Seen, known: &Seen) {
        if listed.state == known.state {
            listed.detail = listed.detail.or(known.detail);
        }
    }
}

fn seen(name: &str, state: &str) -> Seen {
    Seen {
        name: name.into(),
        state: state.into(),
        detail: Some(0),
    }
}

/// What AWS holds, and how it behaves.
#[derive(Default)]
struct World {
    items: BTreeMap<String, Seen>,
    /// What lists show instead, while it is set: they lag behind.
    stale: Option<BTreeMap<String, Seen>>,
    lists_hide_details: bool,
    page_size: usize,
    list_takes: Duration,
    perform_takes: Duration,
    list_fails: Option<ErrorKind>,
    perform_fails: Option<ErrorKind>,
    silent: bool,
    lists: u32,
    reads: u32,
}

struct Aws(Mutex<World>);

impl Aws {
    fn with<T>(&self, f: impl FnOnce(&mut World) -> T) -> T {
        f(&mut self.0.lock().unwrap())
    }

    fn put(&self, item: Seen) {
        self.with(|world| world.items.insert(item.name.clone(), item));
    }
}

#[async_trait]
impl Port<Widget> for Aws {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Seen>, CloudError> {
        let (takes, result) = self.with(|world| {
            world.lists += 1;
            let from: usize = cursor.map_or(0, |cursor| cursor.0.parse().unwrap());
            let mut items: Vec<_> = world
                .stale
                .as_ref()
                .unwrap_or(&world.items)
                .values()
                .cloned()
                .collect();
            if world.lists_hide_details {
                for item in &mut items {
                    item.detail = None;
                }
            }
            let to = (from + world.page_size).min(items.len());
            let next = (to < items.len()).then(|| to.to_string());
            let page = Page::new(items[from..to].to_vec(), next);
            let result = match world.list_fails {
                Some(kind) => Err(CloudError::new(kind, "List", "no")),
                None => Ok(page),
            };
            (world.list_takes, result)
        });
        // The answer is as of the request, and arrives later.
        tokio::time::sleep(takes).await;
        result
    }

    async fn read(&self, id: &String) -> Result<Option<Seen>, CloudError> {
        tokio::task::yield_now().await;
        Ok(self.with(|world| {
            world.reads += 1;
            world.items.get(id).cloned()
        }))
    }

    async fn perform(&self, change: &Act) -> Result<Option<Seen>, CloudError> {
        let takes = self.with(|world| world.perform_takes);
        tokio::time::sleep(takes).await;
        self.with(|world| {
            if let Some(kind) = world.perform_fails
                && kind != ErrorKind::MaybeApplied
            {
                return Err(CloudError::new(kind, "Act", "no"));
            }
            let reply = match change {
                Act::Set(item) => {
                    world.items.insert(item.name.clone(), item.clone());
                    Some(item.clone())
                }
                Act::Delete(name) => {
                    world.items.remove(name);
                    None
                }
                Act::Move(name, state) => {
                    if let Some(item) = world.items.get_mut(name) {
                        item.state = (*state).into();
                    }
                    None
                }
            };
            match world.perform_fails {
                Some(kind) => Err(CloudError::new(kind, "Act", "no answer")),
                None => Ok(reply.filter(|_| !world.silent)),
            }
        })
    }
}

struct Fixture {
    aws: Arc<Aws>,
    view: View<Widget>,
    wakeups: Wakeups,
}

fn fixture(items: &[Seen]) -> Fixture {
    let items = items
        .iter()
        .map(|item| (item.name.clone(), item.clone()))
        .collect();
    let aws = Arc::new(Aws(Mutex::new(World {
        items,
        page_size: 100,
        ..World::default()
    })));
    let wakeups = Wakeups::default();
    let caller = Caller::new("1".into(), "r".into(), Arc::default(), Metrics::default());
    let view = View::new(
        Arc::clone(&aws) as Arc<dyn Port<Widget>>,
        caller,
        wakeups.clone(),
    );
    Fixture { aws, view, wakeups }
}

impl Fixture {
    async fn get(&self, name: &str) -> Option<Seen> {
        self.try_get(name, "me").await.unwrap()
    }

    async fn try_get(&self, name: &str, by: &str) -> Result<Option<Seen>, CloudError> {
        let found = self.view.get(&name.to_owned(), &watcher(by)).await?;
        Ok(found.map(|seen| (*seen).clone()))
    }

    async fn set(&self, item: Seen) {
        self.view
            .perform(&Act::Set(item), &Unlimited)
            .await
            .unwrap();
    }

    async fn shift(&self, name: &str, state: &'static str) {
        let change = Act::Move(name.into(), state);
        self.view.perform(&change, &Unlimited).await.unwrap();
    }

    fn lists(&self) -> u32 {
        self.aws.with(|world| world.lists)
    }

    fn reads(&self) -> u32 {
        self.aws.with(|world| world.reads)
    }

    fn woken(&self) -> Vec<Watcher> {
        std::iter::from_fn(|| self.wakeups.try_next()).collect()
    }
}

fn watcher(name: &str) -> Watcher {
    Watcher {
        kind: "Thing",
        namespace: "a".into(),
        name: name.into(),
    }
}

async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
