//! What a store holds for one invocation, and what plugs into it from above.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, Response, StatusCode};
use ouro_core::ports::builder::EngineKind;
use ouro_core::version::Limits;
use ouro_core::{ConsoleLevel, EnvValue, WorkerVersion};
use tokio_util::sync::CancellationToken;
use wasmtime::component::{Linker, Resource, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::HttpResult;
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler;
use wasmtime_wasi_http::p2::body::{HostOutgoingBody, StreamContext};
use wasmtime_wasi_http::p2::types::{HostFutureIncomingResponse, HostOutgoingRequest};
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView,
    WasiHttpHooks, WasiHttpView,
};

use crate::body::ResponseBody;
use crate::coding::Decoders;
use crate::exceeded::{Exceeded, Excess};
use crate::headers;
use crate::meter::{Hold, Shared};
use crate::origin::Caller;
use crate::places::{Entered, SocketPlace};
use crate::upgrade::Upgrade;
use crate::worker::LoadedWorker;

/// The answer to an outbound request: the response, and a future that drives its connection and ends with it.
pub type OutboundFuture =
    Box<dyn Future<Output = Result<(http::Response<WasiBody>, OutboundEnd), Error>> + Send>;
pub type OutboundEnd = Box<dyn Future<Output = Result<(), Error>> + Send>;

/// What a version was granted, as the bindings keep it. Shared by all invocations of the version.
pub type Grants = Arc<dyn Any + Send + Sync>;

/// What workers may import beyond WASI. Implemented by `ouro-bindings`.
pub trait Bindings: Send + Sync + 'static {
    /// Adds the host functions; the privileged ones for `EngineKind::Management` alone.
    fn link(&self, linker: &mut Linker<HostState>, kind: EngineKind) -> wasmtime::Result<()>;

    /// Called once per loaded version. It opens nothing yet.
    fn grants(&self, version: &WorkerVersion, env: &[(String, EnvValue)]) -> Grants;

    /// Sends an outbound HTTP request: to a service, where one is named, else to wherever its URL says.
    fn send(
        &self,
        caller: &Caller,
        service: Option<ServiceTarget>,
        request: http::Request<WasiBody>,
        options: RequestOptions,
    ) -> OutboundFuture;
}

/// Whom a service request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceTarget {
    /// The name of a service binding.
    Binding(String),
    /// An entrypoint of the worker that calls.
    Own(String),
}

/// One invocation's data in its store.
pub struct HostState {
    /// Resources that the guest holds.
    pub table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
    pub(crate) shared: Arc<Shared>,
    pub(crate) memory_bytes: u64,
    pub(crate) memory_bytes_limit: u64,
    decoders: Option<Decoders>,
    pub(crate) upgrade: Option<Upgrade>,
    /// Where there is an upgrade.
    pub(crate) socket_place: Option<SocketPlace>,
    extensions: Vec<Box<dyn Any + Send>>,
    _entered: Entered,
}

impl HostState {
    pub(crate) fn new(
        worker: Arc<LoadedWorker>,
        wasi: WasiCtx,
        shared: Arc<Shared>,
        entered: Entered,
    ) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(resources_max(&shared.limits));
        Self {
            table,
            wasi,
            http: WasiHttpCtx::new(),
            outbound: Outbound {
                caller: Caller {
                    worker,
                    shared: shared.clone(),
                },
                service: None,
            },
            memory_bytes: 0,
            memory_bytes_limit: shared
                .limits
                .memory_bytes
                .min(crate::config::MEMORY_BYTES_CEILING),
            shared,
            decoders: None,
            upgrade: None,
            socket_place: None,
            extensions: Vec::new(),
            _entered: entered,
        }
    }

    /// The worker that runs.
    pub fn worker(&self) -> &Arc<LoadedWorker> {
        &self.outbound.caller.worker
    }

    /// The invocation, as what it asks for is told of it.
    pub fn caller(&self) -> &Caller {
        &self.outbound.caller
    }

    /// Sends an outbound request to a service instead of the network.
    ///
    /// # Errors
    /// The request is not a valid one.
    pub fn fetch_service(
        &mut self,
        target: ServiceTarget,
        request: Resource<HostOutgoingRequest>,
    ) -> HttpResult<Resource<HostFutureIncomingResponse>> {
        self.outbound.service = Some(target);
        let future = outgoing_handler::Host::handle(&mut self.http(), request, None);
        self.outbound.service = None;
        future
    }

    /// What the version was granted, where the bindings gave it as a `T`.
    pub fn grants<T: 'static>(&self) -> Option<&T> {
        self.worker().grants()
    }

    /// State that the bindings keep for this invocation, one of each type, made at its first use.
    pub fn extension<T: Default + Send + 'static>(&mut self) -> &mut T {
        let at = self.extensions.iter().position(|it| it.is::<T>());
        let at = at.unwrap_or_else(|| {
            self.extensions.push(Box::<T>::default());
            self.extensions.len() - 1
        });
        match self.extensions[at].downcast_mut() {
            Some(it) => it,
            None => unreachable!("it was found by its type"),
        }
    }

    /// The count of bodies that are being decoded.
    pub(crate) fn decoders(&mut self) -> &Decoders {
        self.decoders.get_or_insert_default()
    }

    /// The handshake that the request is, where it is one.
    pub fn upgrade(&self) -> Option<&Upgrade> {
        self.upgrade.as_ref()
    }

    /// # Errors
    /// The header section of the response is over its limit.
    pub fn check_response_headers(&self, headers: &HeaderMap) -> Result<(), Exceeded> {
        headers::check(headers, &self.shared.limits, Excess::ResponseHeaders)
    }

    /// Counts a use of a binding that is no subrequest.
    ///
    /// # Errors
    /// It is one too many.
    pub fn operation(&self) -> Result<(), Exceeded> {
        self.shared.operation()
    }

    /// WebSockets that the invocation may have open at once.
    pub fn websockets_max(&self) -> u64 {
        self.shared.limits.websockets
    }

    /// A place for a WebSocket to another server.
    ///
    /// # Errors
    /// So many are open: on this node, or of this worker.
    pub fn outbound_socket(&self) -> Result<SocketPlace, u32> {
        let worker = self.worker();
        let places = &worker.runtime.0.places;
        places.outbound_socket(&worker.version().worker)
    }

    /// Answers the request with status 101. False where it is answered already.
    pub fn switch_protocols(&self, headers: HeaderMap) -> bool {
        let mut report = self.shared.report();
        if report.status.is_some() {
            return false;
        }
        let mut response = Response::new(ResponseBody::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        *response.headers_mut() = headers;
        report.status = Some(StatusCode::SWITCHING_PROTOCOLS);
        report.response = Some(response);
        true
    }

    /// Time does not count against the invocation's wall limit until the answer is dropped.
    pub fn hold(&self) -> Hold {
        self.shared.hold()
    }

    /// Runs beside the guest. Draining waits for it.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.worker().runtime.0.tracker.spawn(task);
    }

    /// Cancelled when this node is about to stop: connections that could go on for hours end now.
    pub fn going_away(&self) -> CancellationToken {
        self.worker().runtime.0.going_away.clone()
    }

    /// CPU time that the invocation may still use.
    pub fn cpu_left(&self) -> Duration {
        let allowed = Duration::from_millis(self.shared.limits.cpu_ms);
        let used = self.shared.cpu_ns_so_far(crate::meter::thread_cpu_ns());
        allowed.saturating_sub(Duration::from_nanos(used))
    }

    /// Adds CPU time that work for this invocation took on another thread.
    pub fn charge_cpu(&self, used: Duration) {
        self.shared.charge(used);
    }

    /// Adds a console line to the record of the invocation.
    pub fn log(&self, level: ConsoleLevel, message: String) {
        self.shared.log(level, message);
    }
}

impl Drop for HostState {
    /// A body that the guest leaves open is not whole, and whoever reads it is told so.
    fn drop(&mut self) {
        let left = self.table.iter_mut();
        for body in left.filter_map(|it| it.downcast_mut::<HostOutgoingBody>()) {
            let (ended, _) = HostOutgoingBody::new(StreamContext::Response, None, 1, 1);
            std::mem::replace(body, ended).abort();
        }
    }
}

/// Handles that a guest may have at once. What they stand for is memory of the host that no limit counts.
fn resources_max(limits: &Limits) -> usize {
    // Response, body, stream and pollable of each.
    let conversations = limits.subrequests.saturating_add(limits.websockets);
    let all = conversations.saturating_mul(4).saturating_add(1_024);
    usize::try_from(all).unwrap_or(usize::MAX)
}

impl WasiView for HostState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for HostState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.outbound,
        }
    }
}

struct Outbound {
    caller: Caller,
    /// For the request that is being handed over.
    service: Option<ServiceTarget>,
}

impl WasiHttpHooks for Outbound {
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        DEFAULT_FORBIDDEN_HEADERS.contains(name)
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _end: OutboundEnd,
    ) -> OutboundFuture {
        let bindings = self.caller.worker.runtime.bindings();
        let service = self.service.take();
        bindings.send(&self.caller, service, request, options.unwrap_or_default())
    }
}
