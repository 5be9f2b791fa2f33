//! A version on this node: what is the same for all its invocations, and the start of one.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, Response};
use ouro_core::Trigger;
use ouro_core::id::ExecutionId;
use ouro_core::ports::artifacts::{ArtifactError, read_all};
use ouro_core::ports::builder::EngineKind;
use ouro_core::{EnvValue, WorkerVersion};
use tokio::sync::{Mutex, OnceCell};

use crate::body::{self, ResponseBody};
use crate::channel::{self, Channel};
use crate::compile::{Code, blocking};
use crate::driver::Driver;
use crate::engine::Runtime;
use crate::error::{InvocationError, LoadError};
use crate::exceeded::{Exceeded, Excess};
use crate::gates::Gate;
use crate::guest::{Entry, EventOutcome, Value};
use crate::invocation::{Entrypoint, EventInvocation, Invocation};
use crate::limits::Stop;
use crate::origin::{ClientInfo, Origin};
use crate::places::{Entered, MANAGEMENT_INSTANCES};
use crate::residents::Place;
use crate::{headers, run};

/// A version that can be invoked.
pub struct LoadedWorker {
    pub(crate) runtime: Runtime,
    version: WorkerVersion,
    env: Vec<(String, EnvValue)>,
    /// `env` as the JavaScript engine takes it.
    pub(crate) entries: Vec<Entry>,
    grants: Arc<dyn Any + Send + Sync>,
    gate: Arc<Gate>,
    place: Arc<Place>,
    /// Held by the one that makes the code ready, while others wait for it.
    loading: Mutex<()>,
    source_map: OnceCell<Option<Bytes>>,
}

impl LoadedWorker {
    pub(crate) fn new(
        runtime: Runtime,
        version: WorkerVersion,
        mut env: Vec<(String, EnvValue)>,
    ) -> Self {
        env.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self {
            grants: runtime.bindings().grants(&version, &env),
            gate: runtime.0.gates.of(version.worker.as_str()),
            entries: env.iter().map(entry).collect(),
            runtime,
            version,
            env,
            place: Arc::default(),
            loading: Mutex::default(),
            source_map: OnceCell::new(),
        }
    }

    pub fn version(&self) -> &WorkerVersion {
        &self.version
    }

    /// Vars, secrets and bindings, in the order of names.
    pub fn env(&self) -> &[(String, EnvValue)] {
        &self.env
    }

    /// What the version was granted, where the bindings gave it as a `T`.
    pub fn grants<T: 'static>(&self) -> Option<&T> {
        self.grants.downcast_ref()
    }

    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Reads or makes the native code, so that the first request does not wait for it. A failure is tried again by the next call.
    ///
    /// # Errors
    /// Where the version cannot run on this host.
    pub async fn prepare(&self) -> Result<(), LoadError> {
        self.ready().await.map(drop)
    }

    /// Whether a request of this header section may come in. It is asked before the host adds fields of its own.
    ///
    /// # Errors
    /// The section is over a limit of the version.
    pub fn admit(&self, headers: &HeaderMap) -> Result<(), InvocationError> {
        let limits = &self.version.config.limits;
        Ok(headers::check(headers, limits, Excess::RequestHeaders)?)
    }

    /// Runs one invocation until its response head is there.
    ///
    /// # Errors
    /// Where there is no response: [`InvocationError::status_code`] is the status for the client.
    pub async fn invoke<B>(
        self: &Arc<Self>,
        invocation: Invocation<B>,
    ) -> Result<Response<ResponseBody>, InvocationError>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: fmt::Display,
    {
        let limit = self.version.config.limits.request_body_bytes;
        if invocation.request.body().size_hint().lower() > limit {
            return Err(Exceeded::request_body(limit).into());
        }
        let resident = self.ready().await?;
        let Invocation {
            request,
            scheme,
            authority,
            id,
            trigger,
            received,
            client,
            origin,
            entrypoint,
        } = invocation;
        let mut driver = Driver::new(
            self,
            id,
            trigger,
            received,
            *request.method() == http::Method::HEAD,
            client,
            origin,
        );
        let request = request.map(|body| body::boxed(body, &driver.shared()));
        let guest = run::guest(
            self.clone(),
            resident,
            driver.shared(),
            request,
            scheme,
            authority,
            entrypoint,
        );
        driver.start(Box::pin(guest));
        driver.head().await
    }

    /// Runs the handler of an event, and its `waitUntil`, to the end. A failed handler may leave an outcome too: what a queue's
    /// consumer acknowledged before it threw stays acknowledged.
    ///
    /// # Errors
    /// Where no instance could be started.
    pub async fn run(self: &Arc<Self>, invocation: EventInvocation) -> Result<Ran, LoadError> {
        let resident = self.ready().await?;
        let EventInvocation {
            event,
            id,
            trigger,
            received,
        } = invocation;
        let client = ClientInfo::default();
        let mut driver = Driver::new(self, id, trigger, received, false, client, None);
        let guest = run::event(self.clone(), resident, driver.shared(), event);
        driver.start(Box::pin(guest));
        let (outcome, error) = driver.end().await;
        Ok(Ran { outcome, error })
    }

    /// Starts an instance that serves another worker's calls, and answers with the caller's side of the conversation.
    pub fn serve(self: &Arc<Self>, entrypoint: Entrypoint, origin: Origin) -> Channel {
        let (theirs, ours) = channel::channel(&origin.chain);
        let closer = theirs.closer();
        let worker = self.clone();
        self.runtime.0.tracker.spawn(async move {
            let resident = match worker.ready().await {
                Ok(resident) => resident,
                Err(error) => {
                    tracing::error!(worker = worker.version.worker_name, %error, "a worker could not be loaded");
                    return closer.close("the worker that is called cannot be loaded");
                }
            };
            let (id, received) = (ExecutionId::random(), Instant::now());
            let client = ClientInfo::default();
            let trigger = Trigger::Service;
            let mut driver =
                Driver::new(&worker, id, trigger, received, false, client, Some(origin));
            let guest = run::serve(worker.clone(), resident, driver.shared(), entrypoint, ours);
            driver.start(Box::pin(guest));
            // What it threw itself it has told through the conversation.
            if let (_, Some(error)) = driver.end().await {
                closer.close(&error.for_callers());
            }
        });
        theirs
    }

    /// Source map of the bundle (ECMA-426), where the build kept one. It is read from the artifact at the first call.
    pub async fn source_map(&self) -> Result<Option<Bytes>, LoadError> {
        let map = self.source_map.get_or_try_init(|| async {
            let bytes = self.artifact().await?;
            let builder = self.runtime.0.parts.builder.clone();
            blocking(move || Ok(builder.source_map(&bytes)?)).await
        });
        map.await.cloned()
    }

    /// A place for one more instance. Where the node has none the worker is told at once: another node may have one.
    pub(crate) async fn enter(&self) -> Result<Entered, Stop> {
        let passed = match self.invocations_max() {
            Some(limit) => Some(self.gate.pass(limit).await.ok_or(Stop::Crowded(limit))?),
            None => None,
        };
        let instance = self.runtime.0.places.instance(self.kind());
        Ok(Entered {
            _instance: instance.ok_or(Stop::Overloaded)?,
            _passed: passed,
        })
    }

    /// `None` where the node's own limit is reached first.
    fn invocations_max(&self) -> Option<u64> {
        let all = u64::from(self.runtime.0.config.instances_max);
        let half = (all / 2).max(1);
        if self.version.is_management() {
            // Anybody can ask it, if only for an answer of 401: beyond its own instances it has no more than others.
            return Some(half + u64::from(MANAGEMENT_INSTANCES));
        }
        let own = self.version.config.limits.invocations_at_once;
        let limit = own.unwrap_or(half);
        (limit < all).then_some(limit)
    }

    async fn ready(&self) -> Result<Arc<Code>, LoadError> {
        let residents = &self.runtime.0.residents;
        if let Some(resident) = residents.get(&self.place) {
            return Ok(resident);
        }
        let _loading = self.loading.lock().await;
        match residents.get(&self.place) {
            Some(resident) => Ok(resident),
            None => {
                let ready = self.make_ready().await;
                let ready = ready.inspect_err(|_| self.runtime.0.metrics.load_failed());
                Ok(residents.keep(&self.place, ready?))
            }
        }
    }

    async fn make_ready(&self) -> Result<Code, LoadError> {
        let (runtime, component, kind) =
            (self.runtime.clone(), self.version.component, self.kind());
        if let Some(code) = blocking(move || runtime.ready_from_disk(component, kind)).await? {
            return Ok(code);
        }
        let (runtime, bytes) = (self.runtime.clone(), self.artifact().await?);
        blocking(move || runtime.ready_from_bytes(component, kind, &bytes)).await
    }

    async fn artifact(&self) -> Result<Bytes, ArtifactError> {
        read_all(&*self.runtime.0.parts.artifacts, self.version.component).await
    }

    pub(crate) fn kind(&self) -> EngineKind {
        if self.version.is_management() {
            EngineKind::Management
        } else {
            EngineKind::Worker
        }
    }
}

/// How an event's handler ended.
#[derive(Debug)]
pub struct Ran {
    /// `None` where the instance ended before it could tell.
    pub outcome: Option<EventOutcome>,
    pub error: Option<InvocationError>,
}

impl fmt::Debug for LoadedWorker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadedWorker")
            .field("worker", &self.version.worker_name)
            .field("version", &self.version.version)
            .finish_non_exhaustive()
    }
}

fn entry((name, value): &(String, EnvValue)) -> Entry {
    let value = match value.clone() {
        EnvValue::Text(text) => Value::Text(text),
        EnvValue::Json(json) => Value::Json(json),
        EnvValue::Secret(secret) => Value::Secret(secret),
        EnvValue::Binding(kind) => Value::Binding(kind.to_owned()),
    };
    Entry {
        name: name.clone(),
        value,
    }
}
