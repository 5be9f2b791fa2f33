//! Opening handshakes (RFC 6455 4): the one that is the invocation's request, and those with other servers.

use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use ouro_runtime::{Connection, HostState, parse_headers};
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_util::sync::CancellationToken;
use wasmtime_wasi_http::WasiBody;

use super::channel::Channel;
use super::pump::{Holding, Pump};
use super::{Socket, place};
use crate::generated::ouro::host::websocket::Closing;
use crate::grants;
use crate::outbound::Outbound;

/// The beginning of an answer that is no upgrade, which the guest gets.
const REFUSAL_BYTES_MAX: usize = 64 << 10;

/// The connection's own fields, which a worker cannot set (RFC 6455 4.1 and 4.2.2). No extension is spoken.
fn remove_reserved(headers: &mut HeaderMap) {
    for name in [
        CONNECTION,
        UPGRADE,
        SEC_WEBSOCKET_ACCEPT,
        SEC_WEBSOCKET_EXTENSIONS,
        SEC_WEBSOCKET_KEY,
        SEC_WEBSOCKET_VERSION,
        CONTENT_LENGTH,
    ] {
        headers.remove(name);
    }
}

fn add_upgrade(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
}

fn accept_key(key: &HeaderValue) -> Result<HeaderValue, String> {
    HeaderValue::from_str(&derive_accept_key(key.as_bytes())).map_err(|error| error.to_string())
}

/// Answers the invocation's request with status 101 and takes its connection.
pub(super) fn accept(state: &mut HostState, lines: &[u8]) -> Result<Socket, String> {
    let mut headers = parse_headers(lines)?;
    remove_reserved(&mut headers);
    let upgrade = state
        .upgrade()
        .cloned()
        .ok_or("the request is no WebSocket handshake")?;
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept_key(upgrade.key())?);
    add_upgrade(&mut headers);
    let place = place(state)?;
    let connection = upgrade.take().ok_or("the request was answered before")?;
    if !state.switch_protocols(headers) {
        return Err("the request was answered before".to_owned());
    }
    let holding = Holding {
        _clock: Some(state.hold()),
        _place: place,
    };
    let (channel, going_away) = (Channel::default(), state.going_away());
    let theirs = channel.clone();
    state.spawn(async move {
        match connection.await {
            Ok(connection) => run(connection, Role::Server, theirs, going_away, holding).await,
            Err(error) => theirs.end(lost(error.to_string())),
        }
    });
    Ok(Socket::new(channel, Role::Server))
}

async fn run(
    connection: Box<dyn Connection>,
    role: Role,
    channel: Channel,
    going_away: CancellationToken,
    holding: Holding,
) {
    Pump::new(connection, role, channel, going_away, holding)
        .await
        .run()
        .await;
}

fn lost(error: String) -> Closing {
    Closing {
        code: 1006,
        reason: String::new(),
        was_clean: false,
        error: Some(error),
    }
}

/// The answer of another server.
pub(super) enum Answer {
    Upgraded(HeaderMap, Socket),
    Refused(Response<Bytes>),
}

/// The resource `connecting`. The handshake ends with it.
pub struct Connecting {
    receiver: oneshot::Receiver<Result<Answer, String>>,
    answer: Option<Result<Answer, String>>,
}

impl Connecting {
    pub fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.answer.is_none() {
            let answer = ready!(std::pin::Pin::new(&mut self.receiver).poll(cx));
            self.answer =
                Some(answer.unwrap_or_else(|_| Err("the handshake was abandoned".to_owned())));
        }
        Poll::Ready(())
    }

    pub(super) fn take(&mut self) -> Option<Result<Answer, String>> {
        self.answer.take()
    }
}

/// Begins a handshake with another server.
pub(super) fn connect(
    state: &mut HostState,
    url: &str,
    lines: &[u8],
) -> wasmtime::Result<Connecting> {
    let outbound = grants::shared(state)?.outbound.clone();
    let (mut sender, receiver) = oneshot::channel();
    match request(url, lines).and_then(|request| Ok((request, place(state)?))) {
        Err(error) => drop(sender.send(Err(error))),
        Ok((request, place)) => {
            let going_away = state.going_away();
            let (upgraded, connection) = oneshot::channel();
            state.spawn(async move {
                let handshake = handshake(outbound, request, upgraded);
                tokio::select! {
                    answer = handshake => drop(sender.send(answer)),
                    () = sender.closed() => return,
                }
                if let Ok((connection, channel)) = connection.await {
                    let holding = Holding {
                        _clock: None,
                        _place: place,
                    };
                    run(connection, Role::Client, channel, going_away, holding).await;
                }
            });
        }
    }
    Ok(Connecting {
        receiver,
        answer: None,
    })
}

type Handed = (Box<dyn Connection>, Channel);

fn request(url: &str, lines: &[u8]) -> Result<Request<WasiBody>, String> {
    let mut headers = parse_headers(lines)?;
    remove_reserved(&mut headers);
    headers.remove(HOST);
    add_upgrade(&mut headers);
    let key = HeaderValue::from_str(&generate_key()).map_err(|error| error.to_string())?;
    headers.insert(SEC_WEBSOCKET_KEY, key);
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    let body = Empty::new().map_err(|never| match never {}).boxed_unsync();
    let mut request = Request::get(url)
        .body(body)
        .map_err(|error| error.to_string())?;
    *request.headers_mut() = headers;
    Ok(request)
}

/// The connection, where there is one, goes to `upgraded` with the channel that the answer's socket has.
async fn handshake(
    outbound: Outbound,
    request: Request<WasiBody>,
    upgraded: oneshot::Sender<Handed>,
) -> Result<Answer, String> {
    let expected = request.headers().get(SEC_WEBSOCKET_KEY).map(accept_key);
    let mut response = outbound
        .handshake(request)
        .await
        .map_err(|error| format!("{error:?}"))?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Ok(Answer::Refused(beginning(response).await));
    }
    let accepted = response.headers().get(SEC_WEBSOCKET_ACCEPT);
    check(&response, accepted.cloned() == expected.transpose()?)?;
    let connection = hyper::upgrade::on(&mut response)
        .await
        .map_err(|error| error.to_string())?;
    let channel = Channel::default();
    let handed: Handed = (Box::new(TokioIo::new(connection)), channel.clone());
    // Nobody waits for it where the guest is gone.
    drop(upgraded.send(handed));
    let headers = std::mem::take(response.headers_mut());
    Ok(Answer::Upgraded(
        headers,
        Socket::new(channel, Role::Client),
    ))
}

/// RFC 6455 4.1: what the answer to a handshake must say.
fn check(response: &Response<Incoming>, is_accepted: bool) -> Result<(), String> {
    let headers = response.headers();
    let upgrade = headers.get(UPGRADE).and_then(|value| value.to_str().ok());
    if !upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket")) {
        return Err("the server answered without `Upgrade: websocket`".to_owned());
    }
    if !is_accepted {
        return Err("the server answered with a wrong `Sec-WebSocket-Accept`".to_owned());
    }
    if headers.contains_key(SEC_WEBSOCKET_EXTENSIONS) {
        return Err("the server answered with an extension that was not offered".to_owned());
    }
    Ok(())
}

async fn beginning(response: Response<Incoming>) -> Response<Bytes> {
    let (head, body) = response.into_parts();
    let body = Limited::new(body, REFUSAL_BYTES_MAX).collect().await;
    Response::from_parts(head, body.map(|body| body.to_bytes()).unwrap_or_default())
}
