//! The management API over HTTP/1.1: JSON calls, lists page by page, and files streamed up.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::Frame;
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, USER_AGENT};
use hyper::{Method, Request, StatusCode};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::client::legacy::{Client as HyperClient, Error as HyperError};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio_util::io::ReaderStream;

use crate::failure::{Exit, Failure, Result, ours, user};
use crate::settings::{Server, is_localhost};

type Body = BoxBody<Bytes, std::io::Error>;

/// A deploy prepares a component before it answers; a query may run long.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longer answers are refused instead of filling the memory.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Names the organization of a request, by id or name.
const ORGANIZATION: &str = "x-ouro-organization";

pub struct Client {
    server: Server,
    http: HyperClient<HttpsConnector<HttpConnector<Resolver>>, Body>,
}

/// An answer that is not a success.
#[derive(Debug)]
pub struct ApiError {
    pub status: StatusCode,
    /// Such as `not_found`; empty where the answer is none of the API's.
    pub code: String,
    pub message: String,
}

impl Client {
    pub fn new(server: Server) -> Result<Self> {
        let mut connector = HttpConnector::new_with_resolver(Resolver(GaiResolver::new()));
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .map_err(|e| ours(format!("TLS: {e}")))?
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let http = HyperClient::builder(TokioExecutor::new()).build(connector);
        Ok(Self { server, http })
    }

    pub async fn get(&self, path: &str) -> Result<Value> {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Result<Value> {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Result<()> {
        self.call(Method::DELETE, path, None).await.map(drop)
    }

    /// `None` where there is no such thing.
    pub async fn find(&self, path: &str) -> Result<Option<Value>> {
        match self.send(Method::GET, path, None).await? {
            Err(error) if error.code == "not_found" => Ok(None),
            answer => answer.map(Some).map_err(|e| self.refused(e)),
        }
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        self.send(method, path, body)
            .await?
            .map_err(|e| self.refused(e))
    }

    /// The newest `limit` items of a list.
    pub async fn list(&self, path: &str, limit: usize) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        while items.len() < limit {
            let page = (limit - items.len()).min(100);
            let join = if path.contains('?') { '&' } else { '?' };
            let mut target = format!("{path}{join}limit={page}");
            if let Some(cursor) = &cursor {
                target.push_str(&format!("&cursor={}", encode(cursor)));
            }
            let mut answer = self.get(&target).await?;
            let Value::Array(new) = answer["items"].take() else {
                return Err(ours(format!("the answer to `GET {path}` has no `items`")));
            };
            let ended = new.is_empty();
            items.extend(new);
            cursor = answer["next"].as_str().map(str::to_owned);
            if ended || cursor.is_none() {
                break;
            }
        }
        Ok(items)
    }

    /// Calls the API with JSON.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Result<Value, ApiError>> {
        let mut request = self.request(method, path)?;
        let body = match body {
            Some(body) => {
                request = request.header(CONTENT_TYPE, "application/json");
                Full::new(Bytes::from(body.to_string()))
                    .map_err(|e| match e {})
                    .boxed()
            }
            None => Empty::new().map_err(|e| match e {}).boxed(),
        };
        self.exchange(request, body).await
    }

    /// Streams a file; it must have `size` bytes.
    pub async fn put_file(&self, path: &str, file: &Path, size: u64) -> Result<Value> {
        let unreadable = |e| user(format!("cannot read `{}`: {e}", file.display()));
        let reader = tokio::fs::File::open(file).await.map_err(unreadable)?;
        let stream = ReaderStream::with_capacity(reader, 64 * 1024).map_ok(Frame::data);
        self.put(path, StreamBody::new(stream).boxed(), size).await
    }

    pub async fn put_bytes(&self, path: &str, bytes: Bytes) -> Result<Value> {
        let size = bytes.len() as u64;
        self.put(path, Full::new(bytes).map_err(|e| match e {}).boxed(), size)
            .await
    }

    async fn put(&self, path: &str, body: Body, size: u64) -> Result<Value> {
        let request = self
            .request(Method::PUT, path)?
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_LENGTH, size);
        self.exchange(request, body)
            .await?
            .map_err(|e| self.refused(e))
    }

    fn request(&self, method: Method, path: &str) -> Result<http::request::Builder> {
        let url = self
            .server
            .url
            .join(path)
            .map_err(|e| ours(format!("`{path}`: {e}")))?;
        let mut request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .header(AUTHORIZATION, format!("Bearer {}", self.server.token))
            .header(USER_AGENT, concat!("ouro/", env!("CARGO_PKG_VERSION")));
        if let Some(organization) = &self.server.organization {
            request = request.header(ORGANIZATION, organization);
        }
        Ok(request)
    }

    async fn exchange(
        &self,
        request: http::request::Builder,
        body: Body,
    ) -> Result<Result<Value, ApiError>> {
        let request = request
            .body(body)
            .map_err(|e| ours(format!("request: {e}")))?;
        let exchange = async {
            let answer = self
                .http
                .request(request)
                .await
                .map_err(|e| self.unreachable(&e))?;
            let status = answer.status();
            let body = http_body_util::Limited::new(answer.into_body(), ANSWER_BYTES_MAX)
                .collect()
                .await
                .map_err(|e| ours(format!("`{}` broke off its answer: {e}", self.server.url)))?;
            self.read_answer(status, &body.to_bytes())
        };
        tokio::time::timeout(ANSWER_TIMEOUT, exchange)
            .await
            .unwrap_or_else(|_| {
                let seconds = ANSWER_TIMEOUT.as_secs();
                Err(ours(format!(
                    "`{}` did not answer within {seconds} s",
                    self.server.url
                )))
            })
    }

    fn read_answer(&self, status: StatusCode, body: &[u8]) -> Result<Result<Value, ApiError>> {
        let json: Option<Value> = if body.is_empty() {
            Some(Value::Null)
        } else {
            serde_json::from_slice(body).ok()
        };
        match (status.is_success(), json) {
            (true, Some(value)) => Ok(Ok(value)),
            (true, None) => Err(user(format!(
                "`{}` is not the management API of an Ouro server: its answer is not JSON",
                self.server.url
            ))
            .hint(
                "if it should be: `ouro admin rollback management` brings back the version before",
            )),
            (false, json) => Ok(Err(ApiError {
                status,
                code: json
                    .as_ref()
                    .and_then(|j| j["code"].as_str())
                    .unwrap_or_default()
                    .to_owned(),
                message: error_text(status, json.as_ref()),
            })),
        }
    }

    pub fn refused(&self, error: ApiError) -> Failure {
        // `unhealthy` says that the new version of a worker does not work, not that the server does not.
        let exit = if error.status.is_server_error() && error.code != "unhealthy" {
            Exit::Ours
        } else {
            Exit::User
        };
        let hint = match error.code.as_str() {
            "unauthorized" => Some(format!(
                "the token is not that of `{}`; see `ouro admin token path`",
                self.server.url
            )),
            "unknown_host" => {
                Some("--url takes the server's base domain, as in http://localhost:8080".to_owned())
            }
            _ => None,
        };
        Failure {
            exit,
            message: error.message,
            hint,
        }
    }

    /// A server that does not run, or another address, is for the user to mend.
    fn unreachable(&self, error: &HyperError) -> Failure {
        let mut cause: &dyn std::error::Error = error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        let failure = user(format!("cannot reach `{}`: {cause}", self.server.url));
        if error.is_connect() {
            failure.hint("is `ouro serve` running there? --url or OURO_URL names another server")
        } else {
            failure
        }
    }
}

/// The API's message with the fields it complains about and the id to look for in the server's log.
fn error_text(status: StatusCode, json: Option<&Value>) -> String {
    let Some(message) = json.and_then(|j| j["message"].as_str()) else {
        return format!("the server answered {status}");
    };
    let json = json.unwrap_or(&Value::Null);
    let mut text = message.to_owned();
    for issue in json["issues"].as_array().into_iter().flatten() {
        let part = |key: &str| issue[key].as_str().unwrap_or_default().to_owned();
        text.push_str(&format!("\n  `{}`: {}", part("path"), part("message")));
    }
    if let (true, Some(id)) = (status.is_server_error(), json["request_id"].as_str()) {
        text.push_str(&format!(" (request {id})"));
    }
    text.lines()
        .map(crate::output::plain)
        .collect::<Vec<_>>()
        .join("\n")
}

/// One path segment or query value, percent-encoded.
pub fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

/// Names below `localhost` are this machine, whether or not its resolver says so (RFC 6761 6.3).
#[derive(Clone)]
struct Resolver(GaiResolver);

impl tower_service::Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        if is_localhost(name.as_str()) {
            let here = [
                IpAddr::V4(Ipv4Addr::LOCALHOST),
                IpAddr::V6(Ipv6Addr::LOCALHOST),
            ];
            let addresses: Vec<_> = here.map(|ip| SocketAddr::new(ip, 0)).into();
            return Box::pin(std::future::ready(Ok(addresses.into_iter())));
        }
        let found = self.0.call(name);
        Box::pin(async move { Ok(found.await?.collect::<Vec<_>>().into_iter()) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_error_text_names_the_fields_and_the_request() {
        let body = json!({
            "message": "invalid request", "request_id": "r1",
            "issues": [{"path": "name", "message": "too long"}],
        });
        assert_eq!(
            error_text(StatusCode::BAD_REQUEST, Some(&body)),
            "invalid request\n  `name`: too long"
        );
        assert_eq!(
            error_text(StatusCode::BAD_GATEWAY, None),
            "the server answered 502 Bad Gateway"
        );
    }

    #[test]
    fn a_name_is_one_path_segment() {
        assert_eq!(encode("a/b c?"), "a%2Fb%20c%3F");
    }
}
