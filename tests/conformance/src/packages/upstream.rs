//! A stand-in for the services that clients among the packages speak to: server-sent events in the shape of two model APIs, and a few
//! resources as JSON, a set of keys among them.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

const OPENAI: &str = r#"data: {"id":"1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"}}]}

data: {"id":"1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" there"},"finish_reason":"stop"}]}

data: [DONE]

"#;

/// Public halves of two RSA keys.
const KEYS: &str = include_str!("jwks.json");

const ANTHROPIC: &str = r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" there"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}}

event: message_stop
data: {"type":"message_stop"}

"#;

/// Starts the server and answers with its origin.
pub async fn start() -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let serve =
                http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer));
            // A client that goes away is the package's affair.
            tokio::spawn(async { drop(serve.await) });
        }
    });
    Ok(origin)
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let (kind, body) = match path.as_str() {
        "/openai/chat/completions" => ("text/event-stream", OPENAI.into()),
        "/anthropic/v1/messages" => ("text/event-stream", ANTHROPIC.into()),
        "/supabase/rest/v1/rows" => ("application/json", r#"[{"id":1}]"#.into()),
        "/v1/customers/cus_1" => (
            "application/json",
            r#"{"id":"cus_1","object":"customer"}"#.into(),
        ),
        "/github/repos/o/r" => ("application/json", r#"{"full_name":"o/r"}"#.into()),
        "/jwks" => ("application/json", KEYS.into()),
        "/echo" => {
            let body = request.into_body().collect().await;
            (
                "application/json",
                body.map(|body| body.to_bytes()).unwrap_or_default(),
            )
        }
        _ => ("text/plain", Bytes::from(format!("nothing at `{path}`"))),
    };
    let mut response = Response::new(Full::new(body));
    let kind = http::HeaderValue::from_static(kind);
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, kind);
    Ok(response)
}
