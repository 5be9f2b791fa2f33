//! A standalone component runs where Ouro is not: under wasmtime's own `wasi:http/proxy` linker.

use std::sync::LazyLock;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use ouro_build::BuildOptions;
use tokio::sync::oneshot;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

use crate::project::Project;

struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    hooks: NoNetwork,
}

struct NoNetwork;

type Sending = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for NoNetwork {
    fn send_request(
        &mut self,
        _: Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Sending,
    ) -> Box<dyn Future<Output = Result<(http::Response<WasiBody>, Sending), Error>> + Send> {
        panic!("these workers fetch nothing")
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.hooks,
        }
    }
}

struct Host {
    engine: Engine,
    proxy: ProxyPre<State>,
}

impl Host {
    fn of(code: &str) -> Self {
        let project = Project::of(code);
        let built = ouro_build::build(&BuildOptions {
            standalone: true,
            ..project.options()
        })
        .expect("built");
        let mut config = Config::new();
        config.max_wasm_stack(2 << 20).async_stack_size(3 << 20);
        let engine = Engine::new(&config).expect("wasmtime");
        let component = Component::new(&engine, &built.component).expect("a component");
        let mut linker = Linker::new(&engine);
        wasmtime_wasi_http::p2::add_to_linker_async(&mut linker).expect("linked");
        let proxy = ProxyPre::new(
            linker
                .instantiate_pre(&component)
                .expect("nothing else is imported"),
        )
        .expect("a proxy");
        Self { engine, proxy }
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> (u16, String) {
        let state = State {
            wasi: WasiCtx::builder().build(),
            http: WasiHttpCtx::new(),
            table: ResourceTable::new(),
            hooks: NoNetwork,
        };
        let mut store = Store::new(&self.engine, state);
        let (sender, response) = oneshot::channel();
        let request = request.map(|body| body.map_err(|never| -> Error { match never {} }));
        let request = store
            .data_mut()
            .http()
            .new_incoming_request(Scheme::Http, request)
            .expect("a request");
        let out = store
            .data_mut()
            .http()
            .new_response_outparam(sender)
            .expect("an outparam");
        let proxy = self
            .proxy
            .instantiate_async(&mut store)
            .await
            .expect("an instance");
        let guest = async {
            proxy
                .wasi_http_incoming_handler()
                .call_handle(&mut store, request, out)
                .await
                .expect("handled")
        };
        let answer = async {
            let response = response.await.expect("a response").expect("no error");
            let status = response.status().as_u16();
            let body = response
                .into_body()
                .collect()
                .await
                .expect("a body")
                .to_bytes();
            (status, String::from_utf8_lossy(&body).into_owned())
        };
        tokio::join!(guest, answer).1
    }
}

fn get(path: &str) -> Request<Full<Bytes>> {
    Request::get(format!("http://worker.example{path}"))
        .body(Full::default())
        .expect("a request")
}

/// One worker for all tests: compiling a component with its engine takes seconds.
static HOST: LazyLock<Host> = LazyLock::new(|| Host::of(WORKER));

const WORKER: &str = r#"
let count = 0;

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/count") return new Response(String(++count));
    if (pathname === "/now") {
      const body = await request.text();
      return Response.json({ body, year: new Date().getFullYear(), id: crypto.randomUUID() });
    }
    return new Response(`hello from ${pathname}`, { status: 201 });
  },
};
"#;

#[tokio::test]
async fn a_plain_wasi_http_host_answers_with_the_workers_response() {
    assert_eq!(
        HOST.send(get("/here")).await,
        (201, "hello from /here".into())
    );
    assert_eq!(
        HOST.send(get("/there")).await,
        (201, "hello from /there".into())
    );
}

#[tokio::test]
async fn a_standalone_worker_reads_bodies_clock_and_randomness() {
    let post = || {
        let request = Request::post("http://worker.example/now");
        request.body(Full::from("sent")).expect("a request")
    };
    let ((status, first), (_, second)) = (HOST.send(post()).await, HOST.send(post()).await);
    assert_eq!(status, 200, "{first}");
    let first: serde_json::Value = serde_json::from_str(&first).expect("JSON");
    let second: serde_json::Value = serde_json::from_str(&second).expect("JSON");
    assert_eq!(first["body"], "sent");
    assert!(
        first["year"].as_u64().is_some_and(|year| year >= 2025),
        "{first}"
    );
    assert_ne!(first["id"], second["id"]);
}

#[tokio::test]
async fn every_request_gets_the_state_of_the_build() {
    assert_eq!(HOST.send(get("/count")).await.1, "1");
    assert_eq!(HOST.send(get("/count")).await.1, "1");
}
