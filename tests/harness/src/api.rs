//! The management API, as a client calls it.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http_body_util::Full;
use ouro_core::Digest;
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::event::eventually;
use crate::source::Component;

/// The bare base domain.
const HOST: &str = "localhost";

/// What a version has beside its code.
#[derive(Clone, Debug, Default)]
pub struct Deploy {
    /// More fields of the version, such as `vars`.
    pub fields: BTreeMap<String, Value>,
    /// Path and contents.
    pub files: BTreeMap<String, (String, Bytes)>,
    /// Fields of `assets` beside the files.
    pub assets: BTreeMap<String, Value>,
}

impl Deploy {
    pub fn field(mut self, name: &str, value: Value) -> Self {
        self.fields.insert(name.to_owned(), value);
        self
    }

    pub fn file(mut self, path: &str, content_type: &str, contents: impl Into<Bytes>) -> Self {
        self.files
            .insert(path.to_owned(), (content_type.to_owned(), contents.into()));
        self
    }

    pub fn assets(mut self, name: &str, value: Value) -> Self {
        self.assets.insert(name.to_owned(), value);
        self
    }
}

#[derive(Clone)]
pub struct Api {
    client: Client,
    token: String,
}

impl Api {
    pub fn new(client: Client, token: &str) -> Self {
        Self {
            client,
            token: token.to_owned(),
        }
    }

    pub fn with_token(&self, token: &str) -> Self {
        Self::new(self.client.clone(), token)
    }

    /// Calls a path below `/api/v1`. `null` sends no body.
    pub async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        let bytes = if body.is_null() {
            Bytes::new()
        } else {
            Bytes::from(body.to_string())
        };
        self.send(method, path, "application/json", bytes).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, Value::Null).await
    }

    /// The same with any body.
    pub async fn send(&self, method: &str, path: &str, content_type: &str, body: Bytes) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .header(CONTENT_TYPE, content_type)
            .body(Full::new(body));
        self.client
            .call(HOST, request.expect("a valid request"))
            .await
    }

    pub async fn upload(&self, digest: Digest, bytes: Bytes) -> Answer {
        self.send(
            "PUT",
            &format!("/artifacts/{digest}"),
            "application/octet-stream",
            bytes,
        )
        .await
    }

    /// Creates the worker where there is none of this name, uploads component and files, and makes the new version live.
    /// The answer is that of the version's creation.
    pub async fn deploy(&self, name: &str, component: &Component, deploy: Deploy) -> Answer {
        let created = self.call("POST", "/workers", json!({ "name": name })).await;
        assert!(
            matches!(created.status.as_u16(), 201 | 409),
            "{}",
            created.text()
        );
        self.upload(component.digest, component.bytes.clone())
            .await
            .expect(200);
        self.create_version(name, component.digest, deploy).await
    }

    /// Makes a version of a component that is uploaded already.
    pub async fn create_version(&self, name: &str, component: Digest, deploy: Deploy) -> Answer {
        let mut version = json!({ "component": component, "activate": true });
        if !deploy.files.is_empty() {
            let mut files = BTreeMap::new();
            for (path, (content_type, contents)) in deploy.files {
                let (digest, size) = (Digest::of(&contents), contents.len());
                self.upload(digest, contents).await.expect(200);
                files.insert(
                    path,
                    json!({ "digest": digest, "size": size, "content_type": content_type }),
                );
            }
            let mut assets = json!({ "files": files });
            merge(&mut assets, deploy.assets);
            version["assets"] = assets;
        }
        merge(&mut version, deploy.fields);
        self.call("POST", &format!("/workers/{name}/versions"), version)
            .await
    }

    /// Waits until a worker has at least so many execution records, and answers with them in full, the newest first.
    pub async fn executions(&self, worker: &str, count: usize) -> Vec<Value> {
        let path = format!("/workers/{worker}/executions");
        let items = eventually("execution records", || async {
            let page = self.get(&path).await.expect(200).json();
            let items = page["items"].as_array().expect("items").clone();
            (items.len() >= count).then_some(items)
        });
        let mut whole = Vec::new();
        for item in items.await {
            let id = item["id"].as_str().expect("an id");
            whole.push(self.get(&format!("{path}/{id}")).await.expect(200).json());
        }
        whole
    }
}

fn merge(into: &mut Value, fields: BTreeMap<String, Value>) {
    for (name, value) in fields {
        into[name] = value;
    }
}
