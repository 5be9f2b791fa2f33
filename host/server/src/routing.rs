//! Decides what the gateway serves: loads versions with their environment in the clear, checks their health, and keeps the
//! routing table as the metadata store says, also when another process changes it.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use http::uri::Scheme;
use http_body_util::{BodyExt, Empty};
use ouro_core::id::{DatabaseId, ExecutionId, VersionId, WorkerId};
use ouro_core::name::MANAGEMENT;
use ouro_core::ports::metadata::{MANAGEMENT_DATABASE_BINDING, MetadataError, MetadataStore};
use ouro_core::ports::routing::{RoutingControl, RoutingError};
use ouro_core::ports::secrets::SecretSealer;
use ouro_core::version::Limits;
use ouro_core::{Principal, Trigger, WorkerVersion};
use ouro_gateway::{PRINCIPAL, Route, Routes};
use ouro_runtime::{ClientInfo, Invocation, LoadedWorker, Runtime};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::environment::{self, ManagementEnv};

mod live;
mod named;

use live::Known;

const WATCH_EVERY: Duration = Duration::from_secs(1);

/// What it takes to load a version.
pub struct Router {
    pub metadata: Arc<dyn MetadataStore>,
    pub secrets: Arc<dyn SecretSealer>,
    pub routes: Arc<Routes>,
    pub base_domain: String,
    pub management: ManagementEnv,
    /// Of what a version's limits grant.
    pub ceilings: Limits,
    pub runtime: Runtime,
    /// One reload at a time, so that an older answer of the store never replaces a newer one.
    pub reloading: Mutex<()>,
}

impl Router {
    /// Loads what is live. A version that cannot be loaded is left out and logged; the others serve.
    pub async fn load_all(&self) -> Result<(), RoutingError> {
        let _turn = self.reloading.lock().await;
        let versions = self.metadata.live_versions().await.map_err(unavailable)?;
        let splits = self.metadata.splits(None).await.map_err(unavailable)?;
        let domains = self.metadata.domains(None).await.map_err(unavailable)?;
        let known = Known::of(self.routes.all());
        let mut splits: HashMap<_, _> = splits
            .into_iter()
            .map(|split| (split.worker.clone(), split))
            .collect();
        let mut live = Vec::with_capacity(versions.len());
        for version in versions {
            let split = splits.remove(&version.worker);
            let Some(route) = self.route_or_log(version, &known) else {
                continue;
            };
            live.push(self.live(route, split, &known).await);
        }
        let domains = domains
            .into_iter()
            .map(|domain| (domain.name, domain.worker));
        self.routes.replace(live, domains);
        Ok(())
    }

    async fn load_one(&self, worker: &WorkerId) -> Result<(), RoutingError> {
        let _turn = self.reloading.lock().await;
        let metadata = &self.metadata;
        let version = metadata.live_version(worker).await.map_err(unavailable)?;
        let split = metadata.splits(Some(worker)).await.map_err(unavailable)?;
        let domains = metadata.domains(Some(worker)).await.map_err(unavailable)?;
        let known = Known::of(self.routes.by_id(worker));
        let live = match version {
            Some(version) => {
                let route = self.route(version, &known)?;
                Some(self.live(route, split.into_iter().next(), &known).await)
            }
            None => None,
        };
        let domains: Vec<_> = domains.into_iter().map(|domain| domain.name).collect();
        self.routes.set(worker, live, &domains);
        Ok(())
    }

    /// What has not changed keeps its loaded state.
    fn route(&self, version: WorkerVersion, known: &Known) -> Result<Arc<Route>, RoutingError> {
        if let Some(same) = known.same(&version) {
            return Ok(same);
        }
        let worker = self.load(&version)?;
        Ok(Arc::new(Route {
            version: Arc::new(version),
            worker,
        }))
    }

    fn route_or_log(&self, version: WorkerVersion, known: &Known) -> Option<Arc<Route>> {
        let (worker, id) = (version.worker_name.clone(), version.version.clone());
        self.route(version, known)
            .inspect_err(|error| tracing::error!(worker, version = %id, %error, "a live version cannot be served"))
            .ok()
    }

    fn load(&self, version: &WorkerVersion) -> Result<Arc<LoadedWorker>, RoutingError> {
        let mut version = version.clone();
        let limits = &mut version.config.limits;
        *limits = limits.at_most(&self.ceilings);
        if version.is_management() {
            // It takes uploads, whose own limits stand in its bindings.
            version.config.limits.request_body_bytes = u64::MAX;
        }
        grant_platform_database(&mut version)?;
        let env = environment::of(&version, &*self.secrets, &self.management)
            .map_err(|error| RoutingError::Unhealthy(error.to_string()))?;
        Ok(self.runtime.load(version, env))
    }

    /// Asks a version that is not routed yet for its health.
    async fn health(&self, worker: &Arc<LoadedWorker>, path: &str) -> Result<(), RoutingError> {
        let request = http::Request::get(path);
        let reason = match self.ask(worker, request, Trigger::HealthCheck).await {
            Ok((http::StatusCode::OK, _)) => return Ok(()),
            Ok((status, _)) => format!("status {}, expected 200", status.as_u16()),
            Err(reason) => reason,
        };
        let text = format!("health check `GET {path}`: {reason}");
        Err(RoutingError::Unhealthy(text))
    }

    /// The management API's answer to the host itself, which asks as the operator.
    pub async fn ask_management(
        &self,
        request: http::request::Builder,
    ) -> Result<(http::StatusCode, Bytes), String> {
        let live = self.routes.get(MANAGEMENT);
        let live = live.ok_or_else(|| "the management API is down".to_owned())?;
        let route = live.by_chance();
        let request = request.header(PRINCIPAL, Principal::OPERATOR.to_header());
        self.ask(&route.worker, request, Trigger::Cron).await
    }

    /// With its whole body: a version whose answer breaks off is not healthy.
    async fn ask(
        &self,
        worker: &Arc<LoadedWorker>,
        request: http::request::Builder,
        trigger: Trigger,
    ) -> Result<(http::StatusCode, Bytes), String> {
        let request = request
            .header(http::header::HOST, &self.base_domain)
            .body(Empty::<Bytes>::new())
            .map_err(|error| error.to_string())?;
        let invocation = Invocation {
            request,
            scheme: Scheme::HTTP,
            authority: self.base_domain.clone(),
            id: ExecutionId::random(),
            trigger,
            received: Instant::now(),
            client: ClientInfo::default(),
            origin: None,
            entrypoint: None,
        };
        let response = worker.invoke(invocation).await;
        let response = response.map_err(|error| error.to_string())?;
        let status = response.status();
        let body = response.into_body().collect().await;
        let body = body.map_err(|error| error.to_string())?;
        Ok((status, body.to_bytes()))
    }

    /// Follows changes that other processes make (`ouro admin`, other nodes), until it is stopped.
    pub async fn watch(self: Arc<Self>, stop: CancellationToken) {
        let mut seen = None;
        let mut ticks = tokio::time::interval(WATCH_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = stop.cancelled() => return,
            }
            if let Err(error) = self.follow(&mut seen).await {
                tracing::error!(%error, "what is live could not be read; serving what was live before");
            }
        }
    }

    async fn follow(&self, seen: &mut Option<i64>) -> Result<(), RoutingError> {
        let revision = self.metadata.revision().await.map_err(unavailable)?;
        if *seen != Some(revision) {
            self.load_all().await?;
            // Only now: a reload that failed is tried again.
            *seen = Some(revision);
        }
        Ok(())
    }

    /// Loads a stored version and, where a path is given, expects status 200 from `GET` on it.
    pub async fn check(
        &self,
        version: &VersionId,
        health_path: Option<&str>,
    ) -> Result<(), RoutingError> {
        let version = self
            .metadata
            .version(version)
            .await
            .map_err(|error| match error {
                MetadataError::NoVersion(_) => RoutingError::NotFound(error.to_string()),
                MetadataError::InvalidConfig { .. } => RoutingError::Unhealthy(error.to_string()),
                error => unavailable(error),
            })?;
        let worker = self.load(&version)?;
        worker
            .prepare()
            .await
            .map_err(|error| RoutingError::Unhealthy(error.to_string()))?;
        match health_path {
            Some(path) => self.health(&worker, path).await,
            None => Ok(()),
        }
    }
}

/// The router as the bindings reach it. The runtime owns the bindings and the router the runtime, so this does not own the router.
pub struct Control(pub Weak<Router>);

impl Control {
    fn router(&self) -> Result<Arc<Router>, RoutingError> {
        self.0
            .upgrade()
            .ok_or_else(|| RoutingError::Unavailable("the host is shutting down".to_owned()))
    }
}

#[async_trait]
impl RoutingControl for Control {
    async fn check(
        &self,
        version: &VersionId,
        health_path: Option<&str>,
    ) -> Result<(), RoutingError> {
        self.router()?.check(version, health_path).await
    }

    async fn reload(&self, worker: Option<&WorkerId>) -> Result<(), RoutingError> {
        let router = self.router()?;
        match worker {
            Some(worker) => router.load_one(worker).await,
            None => router.load_all().await,
        }
    }
}

/// The management worker has the platform's database under one name, and nobody else has it under any.
fn grant_platform_database(version: &mut WorkerVersion) -> Result<(), RoutingError> {
    let platform = DatabaseId::from(DatabaseId::PLATFORM);
    let granted = version
        .config
        .databases
        .iter()
        .find(|(_, id)| **id == platform);
    if let Some((name, _)) = granted
        && !version.is_management()
    {
        return Err(RoutingError::Unhealthy(format!(
            "binding `{name}`: no worker but management gets the database `platform`"
        )));
    }
    if version.is_management() {
        version
            .config
            .databases
            .insert(MANAGEMENT_DATABASE_BINDING.to_owned(), platform);
    }
    Ok(())
}

fn unavailable(error: MetadataError) -> RoutingError {
    RoutingError::Unavailable(error.to_string())
}
