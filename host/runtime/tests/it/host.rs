//! A runtime around one guest, with in-memory artifacts and a builder that hands out the guest as its engine.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Instant;
use wasmtime::component::ResourceType;

use bytes::Bytes;
use http::uri::Scheme;
use http_body_util::{BodyExt, Empty};
use ouro_core::id::{ExecutionId, OrganizationId, VersionId, WorkerId};
use ouro_core::ports::artifacts::memory::MemoryArtifacts;
use ouro_core::ports::builder::{
    BuilderError, EngineKind, EngineParts, JavascriptWorker, MemoryContents, Unpacked,
    WorkerBuilder,
};
use ouro_core::version::Limits;
use ouro_core::{Auth, Digest, EnvValue, Execution, Trigger, VersionConfig, WorkerVersion};
use ouro_runtime::{
    Bindings, Grants, HostState, Invocation, InvocationError, LoadedWorker, OutboundFuture, Parts,
    ResponseBody, Runtime, RuntimeConfig,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const BASE: &[u8] = b"of the engine";

/// A built worker is the text `js:<engine digest>`.
pub struct Builder {
    skeleton: Bytes,
    pub rebuilds: AtomicUsize,
}

impl Builder {
    fn worker(&self) -> Bytes {
        format!("js:{}", Digest::of(&self.skeleton)).into()
    }
}

impl WorkerBuilder for Builder {
    fn engine(&self, kind: EngineKind) -> EngineParts {
        EngineParts {
            kind,
            digest: Digest::of(&self.skeleton),
            skeleton: self.skeleton.clone(),
        }
    }

    fn unpack(&self, component: &[u8]) -> Result<Unpacked, BuilderError> {
        let Some(digest) = component.strip_prefix(b"js:") else {
            return Ok(Unpacked::Component {
                imports: Vec::new(),
                exports: Vec::new(),
            });
        };
        Ok(Unpacked::Javascript(JavascriptWorker {
            engine_digest: String::from_utf8_lossy(digest).parse().expect("a digest"),
            engine_kind: EngineKind::Worker,
            base: Some(Digest::of(BASE)),
            snapshot: Bytes::from_static(b"of a worker"),
        }))
    }

    fn source_map(&self, _component: &[u8]) -> Result<Option<Bytes>, BuilderError> {
        Ok(Some(Bytes::from_static(b"{}")))
    }

    fn base(&self, _kind: EngineKind) -> Result<Bytes, BuilderError> {
        Ok(Bytes::from_static(BASE))
    }

    fn contents(&self, snapshot: &Bytes) -> Result<MemoryContents, BuilderError> {
        let own: &[u8] = if **snapshot == *BASE { b"jelly" } else { b"he" };
        Ok(MemoryContents {
            // The size of the guests' own memory.
            bytes: 8 * (64 << 10),
            segments: vec![(5000, Bytes::from_static(own))],
        })
    }

    fn rebuild(&self, _component: &[u8], _kind: EngineKind) -> Result<Bytes, BuilderError> {
        self.rebuilds.fetch_add(1, SeqCst);
        Ok(self.worker())
    }
}

struct NoBindings;

impl Bindings for NoBindings {
    fn link(
        &self,
        linker: &mut wasmtime::component::Linker<HostState>,
        _kind: EngineKind,
    ) -> wasmtime::Result<()> {
        // The guest's exports name the type.
        let mut service = linker.instance("ouro:host/service@0.1.0")?;
        service.resource(
            "channel",
            ResourceType::host::<ouro_runtime::Channel>(),
            |_, _| Ok(()),
        )
    }

    fn grants(&self, _version: &WorkerVersion, _env: &[(String, EnvValue)]) -> Grants {
        Arc::new(())
    }

    fn send(
        &self,
        _caller: &ouro_runtime::Caller,
        _service: Option<ouro_runtime::ServiceTarget>,
        _request: http::Request<wasmtime_wasi_http::WasiBody>,
        _options: wasmtime_wasi_http::RequestOptions,
    ) -> OutboundFuture {
        Box::new(async { Err(wasmtime_wasi_http::Error::HttpRequestDenied) })
    }
}

/// One runtime, one worker.
pub struct Host {
    pub runtime: Runtime,
    pub worker: Arc<LoadedWorker>,
    pub builder: Arc<Builder>,
    records: UnboundedReceiver<Execution>,
    _dir: Option<tempfile::TempDir>,
}

/// What differs from test to test.
#[derive(Default)]
pub struct Settings<'a> {
    pub limits: Option<Limits>,
    pub instances_max: Option<u32>,
    pub code_bytes_max: Option<u64>,
    pub cache_dir: Option<&'a Path>,
    /// The stored component, in place of one of the guest's engine.
    pub component: Option<Bytes>,
}

/// A host whose JavaScript engine is this guest.
pub fn host(body: &str) -> Host {
    host_with(super::guest::javascript(body), Settings::default())
}

pub fn host_with(skeleton: Vec<u8>, settings: Settings<'_>) -> Host {
    let builder = Arc::new(Builder {
        skeleton: skeleton.into(),
        rebuilds: AtomicUsize::new(0),
    });
    let artifacts = MemoryArtifacts::default();
    let component = settings.component.unwrap_or_else(|| builder.worker());
    let digest = Digest::of(&component);
    artifacts.put_unchecked(digest, component);
    let dir = settings
        .cache_dir
        .is_none()
        .then(|| tempfile::tempdir().expect("temporary folder"));
    let cache_dir = dir
        .as_ref()
        .map(tempfile::TempDir::path)
        .or(settings.cache_dir)
        .expect("one of them");
    let mut config = RuntimeConfig::new(cache_dir, [7; 32]);
    config.instances_max = settings.instances_max.unwrap_or(16);
    config.code_bytes_max = settings.code_bytes_max.unwrap_or(config.code_bytes_max);
    let (sender, records) = unbounded_channel();
    let parts = Parts {
        builder: builder.clone(),
        artifacts: Arc::new(artifacts),
        bindings: Arc::new(NoBindings),
        sink: Arc::new(move |_, execution| drop(sender.send(execution))),
    };
    let runtime = Runtime::new(config, parts).expect("starts");
    let version = WorkerVersion {
        worker: WorkerId::random(),
        worker_name: "test".into(),
        organization: OrganizationId::from(OrganizationId::DEFAULT),
        auth: Auth::Public,
        version: VersionId::random(),
        component: digest,
        config: VersionConfig {
            limits: settings.limits.unwrap_or_default(),
            ..VersionConfig::default()
        },
    };
    let worker = runtime.load(
        version,
        vec![("GREETING".into(), EnvValue::Text("hello".into()))],
    );
    Host {
        runtime,
        worker,
        builder,
        records,
        _dir: dir,
    }
}

impl Host {
    pub async fn get(&self) -> Result<http::Response<ResponseBody>, InvocationError> {
        self.send(http::Method::GET, Empty::<Bytes>::new()).await
    }

    pub async fn send<B>(
        &self,
        method: http::Method,
        body: B,
    ) -> Result<http::Response<ResponseBody>, InvocationError>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: std::fmt::Display,
    {
        send(&self.worker, method, body).await
    }

    /// The next record.
    pub async fn record(&mut self) -> Execution {
        self.records.recv().await.expect("the runtime lives")
    }

    pub fn has_record(&self) -> bool {
        !self.records.is_empty()
    }
}

pub async fn get(
    worker: &Arc<LoadedWorker>,
) -> Result<http::Response<ResponseBody>, InvocationError> {
    send(worker, http::Method::GET, Empty::<Bytes>::new()).await
}

async fn send<B>(
    worker: &Arc<LoadedWorker>,
    method: http::Method,
    body: B,
) -> Result<http::Response<ResponseBody>, InvocationError>
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: std::fmt::Display,
{
    let request = http::Request::builder()
        .method(method)
        .uri("/path?q=1")
        .body(body)
        .expect("valid");
    worker
        .invoke(Invocation {
            request,
            scheme: Scheme::HTTP,
            authority: "test.localhost:8080".into(),
            id: ExecutionId::random(),
            trigger: Trigger::Http,
            received: Instant::now(),
            client: ouro_runtime::ClientInfo::default(),
            origin: None,
            entrypoint: None,
        })
        .await
}

pub async fn text(response: http::Response<ResponseBody>) -> String {
    let bytes = response
        .into_body()
        .collect()
        .await
        .expect("a whole body")
        .to_bytes();
    String::from_utf8(bytes.to_vec()).expect("text")
}
