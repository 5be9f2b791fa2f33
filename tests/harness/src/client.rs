//! An HTTP client that names any host while it connects to one address.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client as HyperClient, Error};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

type Body = UnsyncBoxBody<Bytes, std::io::Error>;

/// Speaks to one server.
#[derive(Clone)]
pub struct Client {
    address: SocketAddr,
    http: HyperClient<HttpConnector, Body>,
}

/// A response that was read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            http: HyperClient::builder(TokioExecutor::new()).build_http(),
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends a request whose URI is path and query. Answers with the head; the body streams.
    pub async fn send<B>(
        &self,
        host: &str,
        request: Request<B>,
    ) -> Result<Response<Incoming>, Error>
    where
        B: http_body_util::BodyExt<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (mut head, body) = request.into_parts();
        head.uri = format!("http://{}{}", self.address, head.uri)
            .parse()
            .expect("a valid URI");
        head.headers
            .entry(HOST)
            .or_insert(host.parse().expect("a valid host"));
        let body = body.map_err(std::io::Error::other).boxed_unsync();
        self.http.request(Request::from_parts(head, body)).await
    }

    /// Sends a request and reads the answer to its end.
    pub async fn call<B>(&self, host: &str, request: Request<B>) -> Answer
    where
        B: http_body_util::BodyExt<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let response = self.send(host, request).await.expect("a response");
        Answer::read(response).await.expect("a whole body")
    }

    pub async fn get(&self, host: &str, path: &str) -> Answer {
        self.call(host, request(Method::GET, path, "")).await
    }

    pub async fn post(&self, host: &str, path: &str, body: impl Into<Bytes>) -> Answer {
        self.call(host, request(Method::POST, path, body)).await
    }
}

fn request(method: Method, path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    Request::builder()
        .method(method)
        .uri(path)
        .body(Full::new(body.into()))
        .expect("a valid request")
}

impl Answer {
    /// # Errors
    /// Where the body breaks off.
    pub async fn read(response: Response<Incoming>) -> Result<Self, hyper::Error> {
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Self {
            status: head.status,
            headers: head.headers,
            body,
        })
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body in UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("a JSON body, not `{}`: {error}", self.text()))
    }

    /// A header's text; empty where it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("a header in ASCII"))
    }

    /// The answer itself, where it has the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        self
    }
}
