//! From a request on the wire to an answer, with what goes wrong on the way.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use kube::client::Body;
use serde_json::Value;
use tower::BoxError;

use super::{
    MemoryServer, State,
    failure::Failure,
    faults::{Fault, Mutation},
    request::Call,
    watch::{AnswerBody, WatchBody},
};

/// Code and body of an answer, or why there is none.
type Outcome = Result<(u16, Value), Failure>;

impl MemoryServer {
    pub(super) async fn answer(
        &self,
        request: Request<Body>,
    ) -> Result<Response<AnswerBody>, BoxError> {
        let (parts, body) = request.into_parts();
        let body = body.collect_bytes().await?;
        let call = match Call::read(&parts.method, &parts.uri, &parts.headers, &body) {
            Ok(call) => call,
            Err(failure) => return respond(failure.code, &failure.body()),
        };
        if self.shared.state().cut.contains(&self.process) {
            return Err("no route to the server".into());
        }
        if call.is_watch() {
            return self.watch(&call);
        }
        let (fault, outcome) = self.arrive(call);
        if matches!(fault, Some(Fault::CrashBefore | Fault::CrashAfter)) {
            self.shared.crashed.notify_one();
            return std::future::pending().await;
        }
        match (fault, outcome) {
            (Some(Fault::Refuse(code)), _) => respond(code, &Failure::of_code(code).body()),
            (Some(Fault::LostBefore), _) | (None, None) => {
                Err("connection lost before the request".into())
            }
            (Some(Fault::DoneButAnswered(code)), _) => {
                respond(code, &Failure::of_code(code).body())
            }
            (Some(Fault::LostAfter), _) => Err("connection lost before the answer".into()),
            (_, Some(Ok((code, object)))) => respond(code, &object),
            (_, Some(Err(failure))) => respond(failure.code, &failure.body()),
            (Some(_), None) => Err("connection lost".into()),
        }
    }

    /// What happens at the server's side, and at once: nothing, if a fault keeps it from arriving.
    fn arrive(&self, call: Call<'_>) -> (Option<Fault>, Option<Outcome>) {
        let mut state = self.shared.state();
        let fault = state.note(&call, &self.process);
        let stopped = matches!(
            fault,
            Some(Fault::Refuse(_) | Fault::LostBefore | Fault::CrashBefore)
        );
        if stopped {
            return (fault, None);
        }
        let outcome = call.perform(&mut state.store);
        self.tell(&state);
        (fault, Some(outcome))
    }

    fn watch(&self, call: &Call<'_>) -> Result<Response<AnswerBody>, BoxError> {
        let mut state = self.shared.state();
        state.reads += 1;
        let path = &call.path;
        if state
            .store
            .kinds
            .find(path.group, path.version, path.plural)
            .is_none()
        {
            let failure = Failure::not_found("resource", path.plural);
            return respond(failure.code, &failure.body());
        }
        let asked = call
            .query("resourceVersion")
            .and_then(|text| text.parse().ok());
        let after = asked
            .filter(|version| *version != 0)
            .unwrap_or(state.store.version);
        let seconds = call
            .query("timeoutSeconds")
            .and_then(|text| text.parse().ok())
            .unwrap_or(300);
        let body = WatchBody::new(
            self,
            call.scope(),
            after,
            state.epoch,
            Duration::from_secs(seconds),
        );
        Ok(Response::new(AnswerBody::Watch(Box::new(body))))
    }
}

impl State {
    /// Counts a request and asks what is to go wrong with it.
    fn note(&mut self, call: &Call<'_>, process: &Arc<str>) -> Option<Fault> {
        if call.method == Method::GET || call.is_dry() {
            self.reads += 1;
            return None;
        }
        let mutation = Mutation {
            nth: self.mutations.len() + 1,
            process: Arc::clone(process),
            method: call.method.clone(),
            plural: call.path.plural.to_owned(),
            namespace: call.path.namespace.map(str::to_owned),
            name: call.path.name.map(str::to_owned),
            subresource: call.path.subresource.map(str::to_owned),
        };
        let fault = self.faults.as_mut().and_then(|hook| hook(&mutation));
        self.mutations.push(mutation);
        fault
    }
}

fn respond(code: u16, body: &Value) -> Result<Response<AnswerBody>, BoxError> {
    Ok(Response::builder()
        .status(StatusCode::from_u16(code)?)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(AnswerBody::Whole(Some(Bytes::from(body.to_string()))))?)
}
