//! `websockets/handlers/*_wsh.py`: WebSocket servers, one behaviour for each path.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use http::header::{HeaderMap, REFERER, SEC_WEBSOCKET_PROTOCOL};
use http::{HeaderValue, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::sleep;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::accept_hdr_async_with_config;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};

use super::asked::unescape;

/// Takes one connection to its end.
pub async fn serve<S>(stream: S) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut asked = None;
    // The type of the refusal is the library's.
    #[allow(clippy::result_large_err)]
    let note = |request: &Request, response: Response| {
        let answered = answer(request, response);
        if answered.is_ok() {
            asked = Some(request.clone());
        }
        answered
    };
    // Tests send frames of 20 MB.
    let config = WebSocketConfig::default().max_frame_size(None);
    let socket = accept_hdr_async_with_config(stream, note, Some(config)).await?;
    let Some(request) = asked else { return Ok(()) };
    if request.uri().path() == "/handshake_sleep_2" {
        // The response is out, which is too late for what this handler tests; no client can tell.
        sleep(Duration::from_secs(2)).await;
    }
    converse(socket, &request).await
}

/// The answer to the handshake.
#[expect(
    clippy::result_large_err,
    reason = "the callback's type is the crate's"
)]
fn answer(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let wanted = protocols(request.headers());
    let chosen = match request.uri().path() {
        "/echo" => wanted.iter().find(|protocol| *protocol == "echo").cloned(),
        "/protocol" => (!wanted.is_empty()).then(|| wanted.join(", ")),
        "/protocol_array" => wanted.first().cloned(),
        path if KNOWN.contains(&path.trim_start_matches('/')) => None,
        _ => {
            let mut refusal = ErrorResponse::new(None);
            *refusal.status_mut() = StatusCode::NOT_FOUND;
            return Err(refusal);
        }
    };
    if let Some(protocol) = chosen.and_then(|text| HeaderValue::from_str(&text).ok()) {
        response
            .headers_mut()
            .insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    Ok(response)
}

const KNOWN: [&str; 14] = [
    "delayed-passive-close",
    "echo-query",
    "echo_exit",
    "empty-message",
    "handshake_no_extensions",
    "handshake_no_protocol",
    "handshake_sleep_2",
    "passive-close-abort",
    "receive-backpressure",
    "receive-many-with-backpressure",
    "referrer",
    "remote-close",
    "send-backpressure",
    "",
];

fn protocols(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|protocol| protocol.trim().to_owned())
        .collect()
}

async fn converse<S>(mut socket: WebSocketStream<S>, request: &Request) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match request.uri().path() {
        "/protocol" | "/protocol_array" => {
            let wanted = protocols(request.headers());
            socket
                .send(Message::text(wanted.first().cloned().unwrap_or_default()))
                .await?;
        }
        "/echo-query" => {
            let query = request.uri().query().unwrap_or_default().to_owned();
            socket.send(Message::text(query)).await?;
        }
        "/referrer" => {
            let referrer = request.headers().get(REFERER);
            let referrer = referrer.and_then(|value| value.to_str().ok());
            let text = referrer.unwrap_or("MISSING AS PER FETCH").to_owned();
            socket.send(Message::text(text)).await?;
        }
        "/remote-close" => return remote_close(socket, request).await,
        "/passive-close-abort" => {
            while let Some(Ok(message)) = socket.next().await {
                if message.is_close() {
                    // Without the answer that the handshake owes.
                    return Ok(());
                }
            }
            return Ok(());
        }
        "/receive-backpressure" => {
            sleep(Duration::from_secs(2)).await;
            socket.next().await;
        }
        "/send-backpressure" => {
            send_slowly(&mut socket).await?;
            socket.next().await;
        }
        "/delayed-passive-close" => return delayed_close(socket).await,
        path => return echo(socket, path).await,
    }
    socket.close(None).await?;
    finish(socket).await
}

async fn echo<S>(mut socket: WebSocketStream<S>, path: &str) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        let message = message?;
        match path {
            "/receive-many-with-backpressure" if message.is_text() || message.is_binary() => {
                sleep(Duration::from_millis(100)).await;
                socket
                    .send(Message::text(message.len().to_string()))
                    .await?;
            }
            "/empty-message" if message.is_text() => {
                let verdict = if message.is_empty() { "pass" } else { "fail" };
                socket.send(Message::text(verdict)).await?;
            }
            "/echo_exit" if message == Message::text("Goodbye") => {
                return Ok(socket.close(None).await?);
            }
            "/echo_exit" if message.is_text() => {}
            _ if message.is_text() || message.is_binary() => {
                let is_goodbye = message.is_text() && message.to_text()? == "Goodbye";
                socket.send(message).await?;
                if is_goodbye {
                    socket.close(None).await?;
                }
            }
            // Pings and closes are answered by the crate.
            _ => {}
        }
    }
    Ok(())
}

/// Sends much, then how long that took in seconds.
async fn send_slowly<S>(socket: &mut WebSocketStream<S>) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    const MESSAGE_BYTES: usize = 1 << 20;
    const MESSAGES: usize = 16;
    // Fills the queue of the readable stream.
    socket.send(Message::binary(vec![b' '])).await?;
    let begun = Instant::now();
    for _ in 0..MESSAGES {
        let message = Message::binary(vec![b' '; MESSAGE_BYTES]);
        socket.send(message).await?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    Ok(socket.send(Message::text(seconds.to_string())).await?)
}

async fn remote_close<S>(mut socket: WebSocketStream<S>, request: &Request) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let query = request.uri().query().unwrap_or_default();
    let value = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(other, _)| *other == name)
            .map(|(_, value)| value.to_owned())
    };
    if value("abrupt").is_some() {
        return Ok(socket.send(Message::Ping("ping".into())).await?);
    }
    let frame = value("code")
        .and_then(|code| code.parse::<u16>().ok())
        .map(|code| CloseFrame {
            code: code.into(),
            reason: text(&value("reason").unwrap_or_default()).into(),
        });
    socket.close(frame).await?;
    finish(socket).await
}

/// Percent-decoded.
fn text(value: &str) -> String {
    String::from_utf8_lossy(&unescape(value)).into_owned()
}

/// Lets a second pass before it answers the client's close.
async fn delayed_close<S>(mut socket: WebSocketStream<S>) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // The crate queues the answer with the close frame and sends it with the next read.
    while let Some(message) = socket.next().await {
        if message?.is_close() {
            sleep(Duration::from_secs(1)).await;
        }
    }
    Ok(())
}

/// Reads to the end of the closing handshake.
async fn finish<S>(mut socket: WebSocketStream<S>) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        message?;
    }
    Ok(())
}
