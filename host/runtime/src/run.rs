//! The guest's part of an invocation, from a fresh instance to its end.

use std::sync::Arc;

use http::uri::Scheme;
use http::{HeaderMap, Request};
use ouro_core::EnvValue;
use wasmtime::Store;
use wasmtime_wasi::WasiCtx;
use wasmtime_wasi::p2::DynInputStream;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme as WasiScheme};
use wasmtime_wasi_http::{WasiBody, WasiHttpView};

use crate::body::{RequestBody as Body, ResponseBody};
use crate::channel::Channel;
use crate::compile::{Code, Foreign, Javascript};
use crate::console::Console;
use crate::exceeded::Excess;
use crate::guest::{self, Event, Request as GuestRequest, RequestBody};
use crate::invocation::{Entrypoint, Failure};
use crate::limits::Stop;
use crate::meter::Shared;

use crate::state::HostState;
use crate::upgrade::Upgrade;
use crate::worker::LoadedWorker;
use crate::{headers, limits};

/// Runs the guest to its end. The store is gone when it is done, with all that the guest held.
pub(crate) async fn guest(
    worker: Arc<LoadedWorker>,
    code: Arc<Code>,
    shared: Arc<Shared>,
    request: Request<WasiBody>,
    scheme: Scheme,
    authority: String,
    entrypoint: Option<Entrypoint>,
) -> wasmtime::Result<()> {
    match &*code {
        Code::Javascript(code) => {
            let url = Url(&scheme, &authority);
            javascript(&worker, code, shared, request, url, entrypoint).await
        }
        Code::Component(_) if named(&entrypoint) => Err(Stop::NotHttp.into()),
        Code::Component(code) => {
            component(&worker, code, shared, request, &scheme, authority).await
        }
    }
}

/// Runs the handler of an event to its end.
pub(crate) async fn event(
    worker: Arc<LoadedWorker>,
    code: Arc<Code>,
    shared: Arc<Shared>,
    event: Event,
) -> wasmtime::Result<()> {
    let Code::Javascript(code) = &*code else {
        return Err(Stop::NotHttp.into());
    };
    let mut store = store(&worker, WasiCtx::builder().build(), shared.clone()).await?;
    let events = code.events(&mut store).await?;
    let outcome = events.call_run(&mut store, &event, &worker.entries).await?;
    let mut report = shared.report();
    report.outcome = Some(outcome);
    report.served = true;
    Ok(())
}

/// Serves another worker's calls to their end.
pub(crate) async fn serve(
    worker: Arc<LoadedWorker>,
    code: Arc<Code>,
    shared: Arc<Shared>,
    entrypoint: Entrypoint,
    channel: Channel,
) -> wasmtime::Result<()> {
    let Code::Javascript(code) = &*code else {
        return Err(Stop::NotHttp.into());
    };
    let mut store = store(&worker, WasiCtx::builder().build(), shared.clone()).await?;
    let channel = store.data_mut().table.push(channel)?;
    let events = code.events(&mut store).await?;
    let entrypoint = entrypoint.into();
    events
        .call_serve(&mut store, &entrypoint, channel, &worker.entries)
        .await?;
    shared.report().served = true;
    Ok(())
}

impl From<Entrypoint> for guest::Entrypoint {
    fn from(entrypoint: Entrypoint) -> Self {
        Self {
            name: entrypoint.name,
            props: entrypoint.props,
        }
    }
}

fn named(entrypoint: &Option<Entrypoint>) -> bool {
    entrypoint.as_ref().is_some_and(|it| it.name.is_some())
}

/// Scheme and authority that the client asked for.
struct Url<'a>(&'a Scheme, &'a str);

async fn javascript(
    worker: &Arc<LoadedWorker>,
    code: &Javascript,
    shared: Arc<Shared>,
    request: Request<WasiBody>,
    Url(scheme, authority): Url<'_>,
    entrypoint: Option<Entrypoint>,
) -> wasmtime::Result<()> {
    let (mut head, body) = request.into_parts();
    let upgrade = head.extensions.remove::<Upgrade>();
    let body = Body::look(body).await;
    let mut store = store(worker, WasiCtx::builder().build(), shared).await?;
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let request = GuestRequest {
        method: head.method.as_str().to_owned(),
        url: format!("{scheme}://{authority}{path}"),
        headers: flatten(&head.headers, upgrade.is_some()),
        body: match body {
            Body::None => RequestBody::None,
            Body::Whole(bytes) => RequestBody::Bytes(bytes.into()),
            Body::Stream(stream) => {
                let stream: DynInputStream = Box::new(stream);
                RequestBody::Stream(store.data_mut().table.push(stream)?)
            }
        },
    };
    if upgrade.is_some() {
        let place = worker.runtime.0.places.socket(&worker.version().worker);
        store.data_mut().socket_place = Some(place.map_err(Stop::Sockets)?);
    }
    store.data_mut().upgrade = upgrade;
    match entrypoint {
        None => {
            let guest = code.guest(&mut store).await?;
            guest
                .call_fetch(&mut store, &request, &worker.entries)
                .await
        }
        Some(entrypoint) => {
            let events = code.events(&mut store).await?;
            let entrypoint = entrypoint.into();
            events
                .call_fetch(&mut store, &entrypoint, &request, &worker.entries)
                .await
        }
    }
}

/// The fields of the connection are not the guest's affair, but where it may take the connection over.
fn flatten(headers: &HeaderMap, is_upgrade: bool) -> Vec<u8> {
    let mut lines = headers::flatten(headers);
    if is_upgrade {
        lines.extend_from_slice(b"connection:Upgrade\nupgrade:websocket\n");
    }
    lines
}

async fn component(
    worker: &Arc<LoadedWorker>,
    code: &Foreign,
    shared: Arc<Shared>,
    mut request: Request<WasiBody>,
    scheme: &Scheme,
    authority: String,
) -> wasmtime::Result<()> {
    let mut store = store(worker, environment(worker, &shared), shared.clone()).await?;
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    *request.uri_mut() = http::Uri::builder()
        .scheme(scheme.clone())
        .authority(authority)
        .path_and_query(path)
        .build()?;
    let scheme = if *scheme == Scheme::HTTPS {
        WasiScheme::Https
    } else {
        WasiScheme::Http
    };
    let request = store
        .data_mut()
        .http()
        .new_incoming_request(scheme, request)?;
    let outparam = store.data_mut().table.push(outparam(shared))?;
    let instance = code.instance(&mut store).await?;
    instance
        .wasi_http_incoming_handler()
        .call_handle(&mut store, request, outparam)
        .await
}

/// A store in a place of its own.
async fn store(
    worker: &Arc<LoadedWorker>,
    wasi: WasiCtx,
    shared: Arc<Shared>,
) -> wasmtime::Result<Store<HostState>> {
    let entered = worker.enter().await?;
    let engine = &worker.runtime.0.engine;
    let mut store = Store::new(
        engine,
        HostState::new(worker.clone(), wasi, shared, entered),
    );
    store.limiter(|state| state);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(limits::on_tick);
    Ok(store)
}

/// What a program of another language expects of a process: variables, and output that someone reads.
fn environment(worker: &LoadedWorker, shared: &Arc<Shared>) -> WasiCtx {
    let mut wasi = WasiCtx::builder();
    for (name, value) in worker.env() {
        match value {
            EnvValue::Text(text) | EnvValue::Json(text) | EnvValue::Secret(text) => {
                wasi.env(name, text);
            }
            EnvValue::Binding(_) => {}
        }
    }
    wasi.stdout(Console::stdout(shared.clone()))
        .stderr(Console::stderr(shared.clone()))
        .build()
}

/// Takes the response of `wasi:http/incoming-handler`.
fn outparam(shared: Arc<Shared>) -> wasmtime_wasi_http::p2::types::HostResponseOutparam {
    let send = move |response: Result<http::Response<WasiBody>, ErrorCode>| {
        let response = match response {
            Ok(response) => response,
            Err(code) => return shared.report().fail(wasi_failure(&code)),
        };
        let (headers, limits) = (response.headers(), &shared.limits);
        if let Err(exceeded) = headers::check(headers, limits, Excess::ResponseHeaders) {
            return shared.exceed(exceeded);
        }
        let response = response.map(|body| ResponseBody::outgoing(body, &shared));
        let mut report = shared.report();
        report.status = Some(response.status());
        report.response = Some(response);
    };
    wasmtime_wasi_http::p2::types::HostResponseOutparam {
        send: Box::new(send),
    }
}

fn wasi_failure(code: &ErrorCode) -> Failure {
    Failure {
        name: "wasi:http error".into(),
        message: format!("{code:?}"),
        stack: String::new(),
    }
}
