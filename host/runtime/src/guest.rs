//! The private contract with the JavaScript engine: `ouro:host/guest`, which it exports, and `ouro:host/invocation`, which it imports.

use http::{HeaderMap, Response, StatusCode, header};
use wasmtime::Store;
use wasmtime::component::{HasSelf, InstancePre, Linker, Resource};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, subscribe};

use crate::body::ResponseBody as Body;
use crate::coding::{Coding, Decoded};
use crate::exceeded::Exceeded;
use crate::headers::{self, is_bodiless};
use crate::invocation::Failure;
use crate::limits::Stop;
use crate::pipe::{BodyWriter, Forwarding, pipe};
use crate::state::HostState;

mod generated {
    wasmtime::component::bindgen!({
        path: "../../wit",
        inline: "
            package ouro:runtime;
            world javascript {
                import ouro:host/invocation@0.1.0;
                export ouro:host/guest@0.1.0;
                export ouro:host/events@0.1.0;
            }
        ",
        imports: { default: trappable },
        exports: { default: async },
        require_store_data_send: true,
        with: {
            "wasi:io": wasmtime_wasi::p2::bindings::io,
            "wasi:http": wasmtime_wasi_http::p2::bindings::http,
            "ouro:host/invocation.body-writer": crate::pipe::BodyWriter,
            "ouro:host/invocation.forwarding": crate::pipe::Forwarding,
            "ouro:host/service.channel": crate::channel::Channel,
        },
    });
}

use generated::exports::ouro::host::events::GuestIndices as EventsIndices;
use generated::exports::ouro::host::guest::GuestIndices;
use generated::ouro::host::invocation;

pub use generated::exports::ouro::host::events::{
    Batch, Email, EmailOutcome, Event, Forward, MessageBody, Outcome as EventOutcome, QueueMessage,
    QueueOutcome, Reply, Retry, Scheduled, ScheduledOutcome,
};
pub(crate) use generated::exports::ouro::host::events::{Entrypoint, Guest as Events};
pub(crate) use generated::exports::ouro::host::guest::{Guest, Request, RequestBody};
pub(crate) use generated::ouro::host::env::{Entry, Value};

/// The engine's code for all workers whose memories are of one size; each invocation looks up what it calls.
pub(crate) struct JavascriptPre {
    code: InstancePre<HostState>,
    guest: GuestIndices,
    events: EventsIndices,
}

impl JavascriptPre {
    pub fn new(code: InstancePre<HostState>) -> wasmtime::Result<Self> {
        Ok(Self {
            guest: GuestIndices::new(&code)?,
            events: EventsIndices::new(&code)?,
            code,
        })
    }

    /// A fresh instance, for a request.
    pub async fn guest(&self, store: &mut Store<HostState>) -> wasmtime::Result<Guest> {
        let instance = self.code.instantiate_async(&mut *store).await?;
        self.guest.load(store, &instance)
    }

    /// A fresh instance, for anything else.
    pub async fn events(&self, store: &mut Store<HostState>) -> wasmtime::Result<Events> {
        let instance = self.code.instantiate_async(&mut *store).await?;
        self.events.load(store, &instance)
    }
}

pub(crate) fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    invocation::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

impl invocation::Host for HostState {
    fn respond(
        &mut self,
        status: u16,
        headers: Vec<u8>,
        body: invocation::ResponseBody,
    ) -> wasmtime::Result<Option<Resource<BodyWriter>>> {
        let (status, mut headers) = head(status, &headers).map_err(Stop::InvalidResponse)?;
        self.check_response_headers(&headers)
            .map_err(Stop::Exceeded)?;
        if self.shared.report().status.is_some() {
            return Err(Stop::InvalidResponse("the request is answered already".into()).into());
        }
        // RFC 9110 6.4.1: no body whatever the handler says.
        let bodiless = self.shared.is_head || is_bodiless(status);
        let (body, writer) = match body {
            invocation::ResponseBody::None => (Body::empty(), None),
            invocation::ResponseBody::Bytes(bytes) if bodiless => {
                if self.shared.is_head && !headers.contains_key(header::CONTENT_LENGTH) {
                    headers.insert(header::CONTENT_LENGTH, bytes.len().into());
                }
                (Body::empty(), None)
            }
            invocation::ResponseBody::Bytes(bytes) => {
                let limit = self.shared.limits.response_body_bytes;
                if bytes.len() as u64 > limit {
                    return Err(Stop::Exceeded(Exceeded::response_body(limit)).into());
                }
                (Body::full(bytes.into()), None)
            }
            invocation::ResponseBody::Streamed => {
                let (writer, reader) = pipe(bodiless);
                let body = if bodiless {
                    Body::empty()
                } else {
                    Body::piped(reader, &self.shared)
                };
                let writer = writer.limited(&self.shared);
                (body, Some(self.table.push(writer)?))
            }
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        let mut report = self.shared.report();
        report.status = Some(status);
        report.response = Some(response);
        Ok(writer)
    }

    fn decode(
        &mut self,
        encoded: Resource<DynInputStream>,
        coding: invocation::ContentCoding,
    ) -> wasmtime::Result<Resource<DynInputStream>> {
        let coding = match coding {
            invocation::ContentCoding::Gzip => Coding::Gzip,
            invocation::ContentCoding::Deflate => Coding::Deflate,
            invocation::ContentCoding::Brotli => Coding::Brotli,
        };
        let encoded = self.table.delete(encoded)?;
        let chain = self.caller().chain().clone();
        let decoded = Decoded::new(encoded, coding, self.decoders(), &chain);
        let decoded: DynInputStream = Box::new(decoded);
        Ok(self.table.push(decoded)?)
    }

    fn connection(&mut self) -> wasmtime::Result<invocation::ConnectionInfo> {
        Ok(invocation::ConnectionInfo {
            colo: self.worker().runtime.0.config.colo.clone(),
            http_protocol: format!("{:?}", self.shared.client.http_version),
        })
    }

    fn fail(&mut self, failure: invocation::Failure) -> wasmtime::Result<()> {
        self.shared.report().fail(Failure {
            name: failure.name,
            message: failure.message,
            stack: failure.stack,
        });
        Ok(())
    }
}

impl invocation::HostBodyWriter for HostState {
    fn stream(
        &mut self,
        this: Resource<BodyWriter>,
    ) -> wasmtime::Result<Resource<DynOutputStream>> {
        let stream: DynOutputStream = Box::new(self.table.get(&this)?.stream());
        Ok(self.table.push(stream)?)
    }

    fn forward(
        &mut self,
        this: Resource<BodyWriter>,
        source: Resource<DynInputStream>,
    ) -> wasmtime::Result<Resource<Forwarding>> {
        let source = self.table.delete(source)?;
        let forwarding = self.table.delete(this)?.forward(source);
        Ok(self.table.push(forwarding)?)
    }

    fn finish(&mut self, this: Resource<BodyWriter>) -> wasmtime::Result<()> {
        self.table.delete(this)?.finish();
        Ok(())
    }

    fn drop(&mut self, this: Resource<BodyWriter>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl invocation::HostForwarding for HostState {
    fn subscribe(&mut self, this: Resource<Forwarding>) -> wasmtime::Result<Resource<DynPollable>> {
        subscribe(&mut self.table, this)
    }

    fn end(&mut self, this: Resource<Forwarding>) -> wasmtime::Result<Result<(), Option<String>>> {
        Ok(self.table.get(&this)?.end())
    }

    fn drop(&mut self, this: Resource<Forwarding>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

fn head(status: u16, lines: &[u8]) -> Result<(StatusCode, HeaderMap), String> {
    let status = match status {
        200..=599 => StatusCode::from_u16(status).map_err(|error| error.to_string())?,
        _ => return Err(format!("status {status} is not in 200 to 599")),
    };
    Ok((status, headers::parse(lines)?))
}
