//! What Medplum's servers know: who may ask, and which data migrations there are.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::{Api, Client, ResourceExt as _};
use serde_json::{Value, json};

/// How long a data migration takes.
const MIGRATION: Duration = Duration::from_secs(3);

/// A server.
#[derive(Clone, Debug)]
pub(super) struct Server {
    namespace: String,
    instance: String,
    /// Of its image.
    pub(super) version: String,
    /// The Secret of its configuration.
    config: String,
}

impl Server {
    pub(super) fn of(pod: &Pod) -> Option<Self> {
        let spec = pod.spec.as_ref()?;
        let image = spec.containers.first()?.image.as_deref()?;
        let (_, tag) = image
            .split_once('@')
            .map_or(image, |(name, _)| name)
            .rsplit_once(':')?;
        let mut volumes = spec.volumes.iter().flatten();
        let config = volumes.find_map(|volume| volume.secret.as_ref()?.secret_name.clone())?;
        Some(Self {
            namespace: pod.namespace()?,
            instance: pod.labels().get("app.kubernetes.io/instance")?.clone(),
            version: tag.to_owned(),
            config,
        })
    }
}

/// Someone who signs in.
struct Login {
    challenge: String,
    of: String,
}

/// What all servers share, as they share a database.
pub(super) struct Answers {
    client: Client,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Since when a version of an instance migrates.
    since: BTreeMap<(String, String), Instant>,
    /// Logins by their code.
    logins: BTreeMap<String, Login>,
    /// Whose super administrator a token is of.
    tokens: BTreeMap<String, String>,
    counter: u64,
}

impl State {
    fn word(&mut self, kind: &str) -> String {
        self.counter += 1;
        format!("{kind}-{}", self.counter)
    }
}

impl Answers {
    pub(super) fn new(client: Client) -> Self {
        Self {
            client,
            state: Mutex::default(),
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A code for whoever knows the password that the configuration names.
    pub(super) async fn sign_in(&self, server: &Server, asked: &Value) -> Option<Value> {
        let secrets = Api::<Secret>::namespaced(self.client.clone(), &server.namespace);
        let secret = secrets.get_opt(&server.config).await.ok()??;
        let file = secret.data?.remove("api.json")?;
        let config: Value = serde_json::from_slice(&file.0).ok()?;
        let same = |asked: &Value, known: &Value| asked.is_string() && asked == known;
        let known = same(&asked["email"], &config["defaultSuperAdminEmail"])
            && same(&asked["password"], &config["defaultSuperAdminPassword"])
            && asked["codeChallengeMethod"] == "plain";
        let challenge = asked["codeChallenge"]
            .as_str()
            .filter(|_| known)?
            .to_owned();
        Some(self.with(|state| {
            let code = state.word("code");
            let of = key(server);
            state.logins.insert(code.clone(), Login { challenge, of });
            json!({"login": "login", "code": code})
        }))
    }

    /// A token for a code, once.
    pub(super) fn token(&self, server: &Server, code: &str, verifier: &str) -> Option<Value> {
        self.with(|state| {
            let login = state.logins.remove(code)?;
            if login.challenge != verifier || login.of != key(server) {
                return None;
            }
            let token = state.word("token");
            state.tokens.insert(token.clone(), login.of);
            Some(json!({"token_type": "Bearer", "access_token": token}))
        })
    }

    /// Whether a token is of this instance's super administrator.
    pub(super) fn is_known(&self, server: &Server, token: &str) -> bool {
        self.with(|state| state.tokens.get(token) == Some(&key(server)))
    }

    /// The status of the version's data migration, which begins when it is first asked for.
    fn migration(&self, server: &Server) -> &'static str {
        let began = self.with(|state| {
            let of = (key(server), server.version.clone());
            *state.since.entry(of).or_insert_with(Instant::now)
        });
        if began.elapsed() < MIGRATION {
            "active"
        } else {
            "completed"
        }
    }

    pub(super) fn pending(&self, server: &Server) -> Value {
        let pending = u32::from(self.migration(server) == "active");
        json!({"postDeployMigrations": [1], "pendingPostDeployMigration": pending})
    }

    pub(super) fn jobs(&self, server: &Server) -> Value {
        let job = json!({
            "resourceType": "AsyncJob", "id": "1", "type": "data-migration", "dataVersion": 1,
            "status": self.migration(server), "minServerVersion": server.version,
        });
        json!({"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": job}]})
    }
}

fn key(server: &Server) -> String {
    format!("{}/{}", server.namespace, server.instance)
}
