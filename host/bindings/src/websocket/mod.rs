//! WebSockets of the JavaScript engine (`wit/websocket.wit`): to the client of the invocation, and to other servers.
//!
//! The guest has a resource, a task beside it speaks the protocol (`pump`), and a bounded channel stands between the two.

mod channel;
mod handshake;
mod metered;
mod pump;

use std::future::poll_fn;
use std::sync::Arc;

use ouro_runtime::{HostState, SocketPlace, flatten_headers};
use tokio_tungstenite::tungstenite::protocol::Role;
use wasmtime::component::Resource;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};

use crate::generated::ouro::host::websocket::{
    Event, Host, HostConnecting, HostSocket, Message, Response,
};
use channel::Channel;
use handshake::Answer;
pub use handshake::Connecting;

/// Sockets of an invocation that are open, or on their way to it: one reference each, beside this one.
#[derive(Default)]
struct Open(Arc<()>);

/// What an open socket takes until it is dropped. The one to the client has its place in the node since the handshake came.
#[derive(Default)]
struct Taken {
    _of_invocation: Arc<()>,
    _of_node: Option<SocketPlace>,
}

fn take(state: &mut HostState, role: Role) -> Result<Taken, String> {
    let max = state.websockets_max();
    let open = state.extension::<Open>().0.clone();
    // Beside this one and that of the invocation.
    if Arc::strong_count(&open) as u64 - 2 >= max {
        return Err(format!(
            "the invocation has {max} WebSockets open, which is its limit (`limits.websockets`)"
        ));
    }
    let of_node = match role {
        Role::Server => None,
        Role::Client => Some(state.outbound_socket().map_err(|max| {
            format!("{max} WebSockets to other servers are open, which is the limit of the node or of the worker on it")
        })?),
    };
    Ok(Taken {
        _of_invocation: open,
        _of_node: of_node,
    })
}

/// The resource `socket`.
pub struct Socket {
    channel: Channel,
    role: Role,
}

impl Socket {
    fn new(channel: Channel, role: Role) -> Self {
        Self { channel, role }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // RFC 6455 7.4.1: a client goes away; a server that leaves its client without a word has met a condition it did not expect.
        self.channel.abandon(match self.role {
            Role::Client => 1001,
            Role::Server => 1011,
        });
    }
}

/// Waits for room to send; the socket itself waits for events.
struct Room(Channel);

#[async_trait]
impl Pollable for Socket {
    async fn ready(&mut self) {
        poll_fn(|cx| self.channel.poll_receive(cx)).await;
    }
}

#[async_trait]
impl Pollable for Room {
    async fn ready(&mut self) {
        poll_fn(|cx| self.0.poll_fits(cx)).await;
    }
}

#[async_trait]
impl Pollable for Connecting {
    async fn ready(&mut self) {
        poll_fn(|cx| self.poll_ready(cx)).await;
    }
}

impl Host for HostState {}

impl HostSocket for HostState {
    fn accept(&mut self, headers: Vec<u8>) -> wasmtime::Result<Result<Resource<Socket>, String>> {
        Ok(match handshake::accept(self, &headers) {
            Ok(socket) => Ok(self.table.push(socket)?),
            Err(error) => Err(error),
        })
    }

    fn receive(&mut self, this: Resource<Socket>) -> wasmtime::Result<Option<Event>> {
        Ok(self.table.get(&this)?.channel.receive())
    }

    fn subscribe(&mut self, this: Resource<Socket>) -> wasmtime::Result<Resource<DynPollable>> {
        subscribe(&mut self.table, this)
    }

    fn check_send(&mut self, this: Resource<Socket>) -> wasmtime::Result<bool> {
        Ok(self.table.get(&this)?.channel.fits())
    }

    fn subscribe_send(
        &mut self,
        this: Resource<Socket>,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        let room = Room(self.table.get(&this)?.channel.clone());
        let room = self.table.push(room)?;
        subscribe(&mut self.table, room)
    }

    fn send(&mut self, this: Resource<Socket>, message: Message) -> wasmtime::Result<()> {
        if self.table.get(&this)?.channel.send(message) {
            return Ok(());
        }
        Err(wasmtime::format_err!(
            "sent more to a WebSocket than `check-send` permits"
        ))
    }

    fn buffered(&mut self, this: Resource<Socket>) -> wasmtime::Result<u64> {
        Ok(self.table.get(&this)?.channel.buffered() as u64)
    }

    fn close(
        &mut self,
        this: Resource<Socket>,
        code: Option<u16>,
        reason: String,
    ) -> wasmtime::Result<()> {
        let channel = &self.table.get(&this)?.channel;
        channel.close(code.map(|code| (code, reason)));
        Ok(())
    }

    fn drop(&mut self, this: Resource<Socket>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl HostConnecting for HostState {
    fn start(&mut self, url: String, headers: Vec<u8>) -> wasmtime::Result<Resource<Connecting>> {
        let connecting = handshake::connect(self, &url, &headers)?;
        Ok(self.table.push(connecting)?)
    }

    fn subscribe(&mut self, this: Resource<Connecting>) -> wasmtime::Result<Resource<DynPollable>> {
        subscribe(&mut self.table, this)
    }

    fn take(&mut self, this: Resource<Connecting>) -> wasmtime::Result<Result<Response, String>> {
        let answer = self.table.get_mut(&this)?.take();
        let answer = answer.ok_or_else(|| {
            wasmtime::format_err!("the answer to a handshake was taken before it was there")
        })?;
        Ok(match answer {
            Ok(Answer::Upgraded(headers, socket)) => Ok(Response {
                status: 101,
                headers: flatten_headers(&headers),
                socket: Some(self.table.push(socket)?),
                body: Vec::new(),
            }),
            Ok(Answer::Refused(response)) => Ok(Response {
                status: response.status().as_u16(),
                headers: flatten_headers(response.headers()),
                socket: None,
                body: response.into_body().into(),
            }),
            Err(error) => Err(error),
        })
    }

    fn drop(&mut self, this: Resource<Connecting>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}
