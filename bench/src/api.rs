//! A small client of the management API, for setting scenarios up.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};

/// One kept-alive connection to the API of a server under test.
pub struct Api {
    runtime: tokio::runtime::Runtime,
    sender: SendRequest<Full<Bytes>>,
    token: String,
}

impl Api {
    pub fn connect(address: SocketAddr, token: &str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let sender = runtime.block_on(async {
            let stream = tokio::net::TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            anyhow::Ok(sender)
        })?;
        Ok(Self {
            runtime,
            sender,
            token: token.to_owned(),
        })
    }

    pub fn upload(&mut self, component: &[u8]) -> Result<String> {
        let digest = ouro_core::Digest::of(component).to_string();
        self.send(
            Method::PUT,
            &format!("/api/v1/artifacts/{digest}"),
            Bytes::copy_from_slice(component),
        )?;
        Ok(digest)
    }

    pub fn create(&mut self, name: &str) -> Result<Value> {
        self.json(Method::POST, "/api/v1/workers", &json!({ "name": name }))
    }

    /// Stores a version with these fields, such as `component` and `activate`.
    pub fn version(&mut self, name: &str, fields: &Value) -> Result<Value> {
        self.json(
            Method::POST,
            &format!("/api/v1/workers/{name}/versions"),
            fields,
        )
    }

    pub fn database(&mut self, name: &str) -> Result<Value> {
        self.json(Method::POST, "/api/v1/databases", &json!({ "name": name }))
    }

    fn json(&mut self, method: Method, path: &str, body: &Value) -> Result<Value> {
        self.send(method, path, serde_json::to_vec(body)?.into())
    }

    fn send(&mut self, method: Method, path: &str, body: Bytes) -> Result<Value> {
        let request = Request::builder()
            .method(&method)
            .uri(path)
            .header("host", "localhost")
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .body(Full::new(body))?;
        self.runtime.block_on(async {
            self.sender.ready().await?;
            let response = self.sender.send_request(request).await?;
            let status = response.status();
            let bytes = response.into_body().collect().await?.to_bytes();
            ensure!(
                status.is_success(),
                "{method} {path}: {status}: {}",
                String::from_utf8_lossy(&bytes)
            );
            serde_json::from_slice(&bytes).with_context(|| format!("the answer to {method} {path}"))
        })
    }
}
