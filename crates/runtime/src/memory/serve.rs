//! From a request on the wire to an answer, with what goes wrong on the way.

use std::time::Duration;

use http::{Request, Response, StatusCode};
use kube::client::Body;
use tower::BoxError;

use super::{
    MemoryServer,
    failure::Failure,
    faults::Fault,
    reply::Reply,
    request::Call,
    watch::{AnswerBody, WatchBody},
};

/// Code and body of an answer, or why there is none.
type Outcome = Result<(u16, Reply), Failure>;

impl MemoryServer {
    pub(super) async fn answer(
        &self,
        request: Request<Body>,
    ) -> Result<Response<AnswerBody>, BoxError> {
        let (parts, body) = request.into_parts();
        let body = body.collect_bytes().await?;
        let call = match Call::read(&parts.method, &parts.uri, &parts.headers, &body) {
            Ok(call) => call,
            Err(failure) => return refuse(failure),
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
            (Some(Fault::Refuse(code) | Fault::DoneButAnswered(code)), _) => {
                refuse(Failure::of_code(code))
            }
            (Some(Fault::LostBefore), _) | (None, None) => {
                Err("connection lost before the request".into())
            }
            (Some(Fault::LostAfter), _) => Err("connection lost before the answer".into()),
            (_, Some(Ok((code, object)))) => respond(code, &object),
            (_, Some(Err(failure))) => refuse(failure),
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
        state.tell();
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
            return refuse(Failure::not_found("resource", path.plural));
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
        let timeout = Duration::from_secs(seconds);
        let body = WatchBody::new(self, &mut state, call.scope(), after, timeout);
        Ok(Response::new(AnswerBody::Watch(Box::new(body))))
    }
}

fn refuse(failure: Failure) -> Result<Response<AnswerBody>, BoxError> {
    respond(failure.code, &Reply::from(failure))
}

fn respond(code: u16, reply: &Reply) -> Result<Response<AnswerBody>, BoxError> {
    Ok(Response::builder()
        .status(StatusCode::from_u16(code)?)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(AnswerBody::Whole(Some(reply.bytes())))?)
}
