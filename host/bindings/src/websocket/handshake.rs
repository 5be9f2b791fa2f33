//! Opening handshakes (RFC 6455 4): the one that is the invocation's request, and those with other servers.

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use ouro_core::egress::AllowNet;
use ouro_core::id::WorkerId;
use ouro_runtime::{
    Chain, Connection, HostState, Local, LocalBody, Origin, TakenOver, Upgrade, has_token,
    parse_headers,
};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_util::sync::CancellationToken;
use wasmtime_wasi_http::{Error, WasiBody};

use super::channel::Channel;
use super::pump::{Holding, Pump, Waits};
use super::{Socket, take};
use crate::generated::ouro::host::websocket::Closing;
use crate::outbound::Outbound;
use crate::{grants, service};

/// The beginning of an answer that is no upgrade, which the guest gets.
const REFUSAL_BYTES_MAX: usize = 64 << 10;
/// Until the answer to a handshake is there, and the beginning of its body.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);
/// What a connection within this process holds in each direction.
const LOCAL_BYTES: usize = 64 << 10;

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
    let checked = state.check_response_headers(&headers);
    checked.map_err(|exceeded| exceeded.to_string())?;
    let taken = take(state, Role::Server)?;
    let connection = upgrade.take().ok_or("the request was answered before")?;
    if !state.switch_protocols(headers) {
        return Err("the request was answered before".to_owned());
    }
    let holding = Holding {
        _clock: Some(state.hold()),
        _taken: taken,
    };
    let channel = Channel::new(state.caller().chain().clone());
    let going_away = state.going_away();
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
    let waits = Waits::default();
    Pump::new(connection, role, channel, going_away, holding, waits)
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

/// Whoever is asked.
enum Server {
    Remote(Box<Outbound>, AllowNet, WorkerId),
    /// A worker of this node, which is reached without the network: its invocation belongs to the chain of the one that asks.
    Local(Arc<dyn Local>, Origin),
}

fn server(
    state: &HostState,
    request: &Request<WasiBody>,
) -> wasmtime::Result<Result<Server, String>> {
    let shared = grants::shared(state)?;
    let local = shared.local.get();
    Ok(match local.filter(|local| local.serves(request.uri())) {
        None => Ok(Server::Remote(
            Box::new(shared.outbound.clone()),
            grants::allow_net(state)?,
            state.worker().version().worker.clone(),
        )),
        Some(local) => match state.caller().call() {
            Ok(origin) => Ok(Server::Local(local.clone(), origin)),
            Err(error) => Err(error.to_string()),
        },
    })
}

/// Begins a handshake with another server.
pub(super) fn connect(
    state: &mut HostState,
    url: &str,
    lines: &[u8],
) -> wasmtime::Result<Connecting> {
    let (mut sender, receiver) = oneshot::channel();
    let counted = state.caller().subrequest();
    let counted = counted.map_err(|exceeded| exceeded.to_string());
    let begun = match counted.and_then(|()| request(url, lines)) {
        Ok(request) => server(state, &request)?.map(|server| (server, request)),
        Err(error) => Err(error),
    };
    match begun.and_then(|begun| Ok((begun, take(state, Role::Client)?))) {
        Err(error) => drop(sender.send(Err(error))),
        Ok(((server, request), taken)) => {
            let turn = state.caller().turn();
            let chain = state.caller().chain().clone();
            let going_away = state.going_away();
            let (upgraded, connection) = oneshot::channel();
            state.spawn(async move {
                let handshake = async {
                    let _turn = turn.await;
                    handshake(server, request, chain, upgraded).await
                };
                tokio::select! {
                    answer = handshake => drop(sender.send(answer)),
                    () = sender.closed() => return,
                }
                if let Ok((connection, channel)) = connection.await {
                    let holding = Holding {
                        _clock: None,
                        _taken: taken,
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
    server: Server,
    request: Request<WasiBody>,
    chain: Arc<Chain>,
    upgraded: oneshot::Sender<Handed>,
) -> Result<Answer, String> {
    let end = Instant::now() + HANDSHAKE_TIMEOUT;
    let expected = request.headers().get(SEC_WEBSOCKET_KEY).map(accept_key);
    let asked = timeout_at(end, ask(server, request)).await;
    let (response, connection) = asked.map_err(|_| {
        let seconds = HANDSHAKE_TIMEOUT.as_secs();
        format!("the server did not answer the handshake within {seconds} seconds")
    })??;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Ok(Answer::Refused(beginning(response, end).await));
    }
    let (head, _) = response.into_parts();
    let accepted = head.headers.get(SEC_WEBSOCKET_ACCEPT);
    check(&head.headers, accepted.cloned() == expected.transpose()?)?;
    let connection = connection.await.map_err(|error| error.to_string())?;
    let channel = Channel::new(chain);
    // Nobody waits for it where the guest is gone.
    drop(upgraded.send((connection, channel.clone())));
    Ok(Answer::Upgraded(
        head.headers,
        Socket::new(channel, Role::Client),
    ))
}

/// The answer, and the connection that is there once the answer is 101.
async fn ask(
    server: Server,
    mut request: Request<WasiBody>,
) -> Result<(Response<LocalBody>, TakenOver), String> {
    match server {
        Server::Remote(outbound, allow, worker) => {
            let mut response = outbound
                .handshake(request, &allow, &worker)
                .await
                .map_err(|error| told(&error))?;
            let upgrade = hyper::upgrade::on(&mut response);
            let connection: TakenOver = Box::pin(async {
                let upgraded = upgrade.await.map_err(io::Error::other)?;
                Ok(Box::new(TokioIo::new(upgraded)) as Box<dyn Connection>)
            });
            let response = response.map(|body| body.map_err(Into::into).boxed_unsync());
            Ok((response, connection))
        }
        Server::Local(local, origin) => {
            let (ours, theirs) = tokio::io::duplex(LOCAL_BYTES);
            if let Some(key) = request.headers().get(SEC_WEBSOCKET_KEY).cloned() {
                let upgrade = Upgrade::new(key, connected(theirs));
                request.extensions_mut().insert(upgrade);
            }
            let response = local.fetch(request.map(service::inwards), origin).await;
            Ok((response, connected(ours)))
        }
    }
}

/// The fences in the words that `fetch` has for them.
fn told(error: &Error) -> String {
    match error {
        Error::DestinationIpProhibited => {
            "its address is not allowed: beyond public ones, the server's `outbound.allow` opens them"
                .to_owned()
        }
        Error::HttpRequestDenied => "it is not allowed by the worker's `allow_net`".to_owned(),
        error => format!("{error:?}"),
    }
}

fn connected(connection: impl Connection + 'static) -> TakenOver {
    Box::pin(async { Ok(Box::new(connection) as Box<dyn Connection>) })
}

/// RFC 6455 4.1: what the answer to a handshake must say.
fn check(headers: &HeaderMap, is_accepted: bool) -> Result<(), String> {
    if !has_token(headers, &UPGRADE, "websocket") {
        return Err("the server answered without `Upgrade: websocket`".to_owned());
    }
    if !has_token(headers, &CONNECTION, "upgrade") {
        return Err("the server answered without `Connection: Upgrade`".to_owned());
    }
    if !is_accepted {
        return Err("the server answered with a wrong `Sec-WebSocket-Accept`".to_owned());
    }
    if headers.contains_key(SEC_WEBSOCKET_EXTENSIONS) {
        return Err("the server answered with an extension that was not offered".to_owned());
    }
    Ok(())
}

/// The answer with as much of its body as is there in time, up to the limit.
async fn beginning(response: Response<LocalBody>, end: Instant) -> Response<Bytes> {
    let (head, mut body) = response.into_parts();
    let mut bytes = Vec::new();
    let read = async {
        while bytes.len() < REFUSAL_BYTES_MAX
            && let Some(Ok(frame)) = body.frame().await
        {
            bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| &data[..]));
        }
    };
    // What came before the end of the time is kept.
    let _ = timeout_at(end, read).await;
    bytes.truncate(REFUSAL_BYTES_MAX);
    Response::from_parts(head, bytes.into())
}

#[cfg(test)]
mod tests {
    use http_body::Body;
    use http_body_util::Full;

    use super::*;

    fn refusal(
        body: impl Body<Data = Bytes, Error = std::convert::Infallible> + Send + 'static,
    ) -> Response<LocalBody> {
        Response::new(body.map_err(|never| match never {}).boxed_unsync())
    }

    #[tokio::test]
    async fn a_refusal_is_told_up_to_the_limit() {
        let end = Instant::now() + HANDSHAKE_TIMEOUT;
        let long = refusal(Full::from(vec![b'x'; REFUSAL_BYTES_MAX + 1]));
        assert_eq!(beginning(long, end).await.body().len(), REFUSAL_BYTES_MAX);
        let short = refusal(Full::from("not you"));
        assert_eq!(beginning(short, end).await.body(), "not you");
    }

    #[test]
    fn an_answer_has_to_name_the_upgrade_in_both_fields() {
        let mut headers = HeaderMap::new();
        add_upgrade(&mut headers);
        assert_eq!(check(&headers, true), Ok(()));
        assert!(check(&headers, false).is_err());
        headers.insert(CONNECTION, HeaderValue::from_static("keep-alive"));
        assert!(check(&headers, true).is_err());
        headers.insert(CONNECTION, HeaderValue::from_static("keep-alive, upgrade"));
        assert_eq!(check(&headers, true), Ok(()));
        headers.remove(UPGRADE);
        assert!(check(&headers, true).is_err());
    }
}
