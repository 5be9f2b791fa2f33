//! Other workers of this node: requests and conversations, by service binding, and requests by host name.

use std::sync::Arc;

use http::Request;
use http_body_util::BodyExt;
use ouro_core::WorkerVersion;
use ouro_runtime::{
    Caller, Channel, ChannelError, Entrypoint, HostState, InvocationError, LoadedWorker, Local,
    LocalBody, Message, Origin, OutboundEnd, OutboundFuture, ServiceTarget,
};
use wasmtime::component::Resource;
use wasmtime_wasi::p2::{DynPollable, subscribe};
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::p2::types::{HostFutureIncomingResponse, HostOutgoingRequest};

use crate::generated::ouro::host::service::{self, Error, Host, HostChannel, Target};
use crate::grants::Grants;

/// Marks the text of an error that the worker itself threw: `exception:`, its class, `:` and its message. The engine throws it again.
const EXCEPTION: &str = "exception";

/// Most bytes of one message; Cloudflare has the same limit.
const MESSAGE_BYTES_MAX: usize = 32 << 20;
/// Most byte sequences of one message.
const BLOBS_MAX: usize = 10_000;

/// Whom a target means.
struct Callee {
    local: Arc<dyn Local>,
    worker: Arc<LoadedWorker>,
    entrypoint: Entrypoint,
}

/// Whether one worker may call another: those of one organization may, and nobody the management API, which is the platform's.
/// The API makes no other bindings; here it holds whatever stands in a version's configuration.
fn may_call(caller: &WorkerVersion, callee: &WorkerVersion) -> bool {
    caller.organization == callee.organization && !callee.is_management()
}

fn resolve(caller: &Caller, target: &ServiceTarget) -> Result<Callee, Error> {
    let grants = caller.worker().grants::<Grants>();
    let local = grants.and_then(|grants| grants.shared.local.get()).cloned();
    let local = local.ok_or_else(|| Error::Unavailable("the gateway has not started".into()))?;
    let binding = match target {
        ServiceTarget::Own(name) => {
            return Ok(Callee {
                local,
                worker: caller.worker().clone(),
                entrypoint: Entrypoint {
                    name: Some(name.clone()).filter(|name| name != "default"),
                    props: None,
                },
            });
        }
        ServiceTarget::Binding(binding) => binding,
    };
    let service = grants.and_then(|grants| grants.service(binding));
    let service = service.ok_or_else(|| {
        Error::NotGranted(format!("the version has no service binding `{binding}`"))
    })?;
    let worker = local
        .worker(&service.worker)
        .filter(|callee| may_call(caller.worker().version(), callee.version()));
    let worker = worker.ok_or_else(|| {
        Error::Unavailable(format!(
            "the worker of the service binding `{binding}` has no live version, or was deleted after this version was made"
        ))
    })?;
    let props = service.props.as_ref();
    Ok(Callee {
        local,
        worker,
        entrypoint: Entrypoint {
            name: service.entrypoint.clone(),
            props: props.and_then(|props| serde_json::to_string(props).ok()),
        },
    })
}

/// Sends a request to a service.
pub(crate) fn send(
    caller: &Caller,
    target: &ServiceTarget,
    request: Request<WasiBody>,
) -> OutboundFuture {
    let callee = match resolve(caller, target) {
        Ok(callee) => callee,
        Err(error) => return failed(text(error)),
    };
    let origin = match caller.call() {
        Ok(origin) => origin,
        Err(error) => return failed(error.to_string()),
    };
    let Callee {
        local,
        worker,
        entrypoint,
    } = callee;
    Box::new(async move {
        let answer = local
            .call(worker, entrypoint, request.map(inwards), origin)
            .await;
        match answer {
            Ok(response) => Ok((response.map(outwards), end())),
            Err(error) => Err(internal(describe(&error))),
        }
    })
}

/// Answers a request for a URL of this node without the network; `None` where it is for others.
pub(crate) fn send_local(
    local: &Arc<dyn Local>,
    caller: &Caller,
    request: Request<WasiBody>,
) -> OutboundFuture {
    let origin = match caller.call() {
        Ok(origin) => origin,
        Err(error) => return failed(error.to_string()),
    };
    let answer = local.fetch(request.map(inwards), origin);
    Box::new(async move { Ok((answer.await.map(outwards), end())) })
}

pub(crate) fn inwards(body: WasiBody) -> LocalBody {
    body.map_err(|error| format!("{error:?}").into())
        .boxed_unsync()
}

fn outwards(body: LocalBody) -> WasiBody {
    body.map_err(|error| internal(error.to_string()))
        .boxed_unsync()
}

fn end() -> OutboundEnd {
    Box::new(async { Ok(()) })
}

pub(crate) fn failed(text: String) -> OutboundFuture {
    Box::new(async move { Err(internal(text)) })
}

fn internal(text: String) -> wasmtime_wasi_http::Error {
    wasmtime_wasi_http::Error::InternalError(Some(text))
}

/// An exception keeps its class and message; its stack is the other worker's own affair, and what went wrong in the host nobody's but the
/// operator's.
fn describe(error: &InvocationError) -> String {
    match error {
        InvocationError::Exception(failure) => {
            format!("{EXCEPTION}:{}:{}", failure.name, failure.message)
        }
        error => error.for_callers(),
    }
}

fn text(error: Error) -> String {
    match error {
        Error::NotGranted(text)
        | Error::Unavailable(text)
        | Error::Limit(text)
        | Error::Invalid(text)
        | Error::Closed(text) => text,
    }
}

fn target(target: Target) -> ServiceTarget {
    match target {
        Target::Binding(name) => ServiceTarget::Binding(name),
        Target::OwnExport(name) => ServiceTarget::Own(name),
    }
}

impl Host for HostState {
    fn fetch(
        &mut self,
        to: Target,
        request: Resource<HostOutgoingRequest>,
    ) -> wasmtime::Result<Result<Resource<HostFutureIncomingResponse>, Error>> {
        match self.fetch_service(target(to), request) {
            Ok(future) => Ok(Ok(future)),
            Err(error) => Ok(Err(Error::Invalid(format!("{:?}", error.downcast()?)))),
        }
    }
}

impl HostChannel for HostState {
    fn connect(&mut self, to: Target) -> wasmtime::Result<Result<Resource<Channel>, Error>> {
        match connect(self.caller(), &target(to)) {
            Ok(channel) => Ok(Ok(self.table.push(channel)?)),
            Err(error) => Ok(Err(error)),
        }
    }

    fn send(
        &mut self,
        this: Resource<Channel>,
        message: service::Message,
    ) -> wasmtime::Result<Result<(), Error>> {
        let size = message.text.len() + message.blobs.iter().map(Vec::len).sum::<usize>();
        if size > MESSAGE_BYTES_MAX || message.blobs.len() > BLOBS_MAX {
            return Ok(Err(Error::Limit(format!(
                "a message between workers of {size} bytes in {} parts is over the limit of {MESSAGE_BYTES_MAX} bytes in {BLOBS_MAX} parts",
                message.blobs.len()
            ))));
        }
        let message = Message {
            text: message.text,
            blobs: message.blobs,
        };
        Ok(self.table.get(&this)?.send(message).map_err(Error::from))
    }

    fn receive(
        &mut self,
        this: Resource<Channel>,
    ) -> wasmtime::Result<Result<Option<service::Message>, Error>> {
        let received = self.table.get(&this)?.receive();
        Ok(received
            .map(|message| message.map(|Message { text, blobs }| service::Message { text, blobs }))
            .map_err(Error::from))
    }

    fn subscribe(&mut self, this: Resource<Channel>) -> wasmtime::Result<Resource<DynPollable>> {
        subscribe(&mut self.table, this)
    }

    fn drop(&mut self, this: Resource<Channel>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

fn connect(caller: &Caller, target: &ServiceTarget) -> Result<Channel, Error> {
    let counted = caller.subrequest();
    counted.map_err(|exceeded| Error::Limit(exceeded.to_string()))?;
    let callee = resolve(caller, target)?;
    let origin: Origin = caller
        .call()
        .map_err(|error| Error::Limit(error.to_string()))?;
    Ok(callee.worker.serve(callee.entrypoint, origin))
}

impl From<ChannelError> for Error {
    fn from(error: ChannelError) -> Self {
        match error {
            ChannelError::Closed(text) => Self::Closed(text),
            ChannelError::Limit(text) => Self::Limit(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use ouro_core::ports::artifacts::ArtifactError;
    use ouro_runtime::{Failure, LoadError};

    use super::*;

    #[test]
    fn a_caller_learns_what_was_thrown_and_nothing_of_the_host() {
        let thrown = InvocationError::Exception(Failure {
            name: "RangeError".into(),
            message: "too far".into(),
            stack: "at secret".into(),
        });
        assert_eq!(describe(&thrown), "exception:RangeError:too far");
        let hidden = "/srv/data/artifacts";
        for error in [
            InvocationError::Trapped(hidden.into()),
            InvocationError::Load(LoadError::Artifact(ArtifactError::Unavailable(
                hidden.into(),
            ))),
        ] {
            assert!(!describe(&error).contains(hidden), "{error}");
        }
        let limit = InvocationError::ExceededCpu { limit_ms: 30 };
        assert!(describe(&limit).contains("30 ms"));
    }
}
