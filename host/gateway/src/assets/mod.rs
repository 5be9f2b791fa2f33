//! Static files of a version. Serves them before the worker runs, and for the worker's own `env.ASSETS.fetch`.
//! Caching beyond validators and what the worker's own rules say is left to whoever stands in front.

mod path;
mod resolve;
mod rules;
mod small;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    LOCATION,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use ouro_core::conditional::{self, Part};
use ouro_core::ports::artifacts::{ArtifactError, ArtifactStore};
use ouro_core::ports::assets::{AssetBody, AssetServer};
use ouro_core::version::{AssetFile, AssetsConfig, Responder, WorkerFirst};

use resolve::Resolution;
use rules::Redirected;
use small::SmallFiles;

/// An answer and its body; the length stands in `content-length`.
pub type AssetResponse = Response<AssetBody>;

/// Serves files out of the artifact store.
#[derive(Clone)]
pub struct Assets {
    store: Arc<dyn ArtifactStore>,
    small: Arc<SmallFiles>,
}

impl Assets {
    /// Keeps small files in memory, of at most so many bytes together.
    pub fn new(store: Arc<dyn ArtifactStore>, memory_bytes_max: u64) -> Self {
        Self {
            store,
            small: Arc::new(SmallFiles::new(memory_bytes_max)),
        }
    }

    /// Small files that were in memory when they were asked for, and those that were not.
    pub fn hits_and_misses(&self) -> [u64; 2] {
        self.small.hits_and_misses()
    }

    /// What small files take in memory.
    pub fn memory_bytes(&self) -> u64 {
        self.small.bytes()
    }

    /// Answers before the worker: `None` sends the request on to it. As on Cloudflare, the not-found page answers navigations of a
    /// browser only, so that a worker's own routes stay reachable beside a single-page application; where the version names the
    /// paths of the worker, it answers all others.
    pub async fn before_worker(
        &self,
        assets: &AssetsConfig,
        request: &http::request::Parts,
        host: &str,
    ) -> Result<Option<AssetResponse>, ArtifactError> {
        match assets.run_worker_first.responder(request.uri.path()) {
            Responder::Worker => return Ok(None),
            Responder::Assets => return self.always(assets, request, host).await.map(Some),
            Responder::Either => {}
        }
        let navigates = request
            .headers
            .get("sec-fetch-mode")
            .is_some_and(|mode| mode.as_bytes() == b"navigate");
        let names_paths = matches!(assets.run_worker_first, WorkerFirst::Paths(_));
        self.find(assets, request, host, navigates || names_paths)
            .await
    }

    /// Answers where nobody else will.
    async fn always(
        &self,
        assets: &AssetsConfig,
        request: &http::request::Parts,
        host: &str,
    ) -> Result<AssetResponse, ArtifactError> {
        if let Some(response) = self.find(assets, request, host, true).await? {
            return Ok(response);
        }
        if is_read(&request.method) {
            return Ok(empty(StatusCode::NOT_FOUND));
        }
        let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        Ok(response)
    }

    /// `None` where no file, redirect or, if it may be one, not-found page answers.
    async fn find(
        &self,
        assets: &AssetsConfig,
        request: &http::request::Parts,
        host: &str,
        or_not_found: bool,
    ) -> Result<Option<AssetResponse>, ArtifactError> {
        let asked = request.uri.path();
        let mut response = match rules::redirect(assets, asked, request.uri.query()) {
            Some(Redirected::Away(response)) => Some(response),
            Some(Redirected::Inside(path)) => {
                let found = self.file_at(assets, request, path.into(), or_not_found);
                found.await?.or(Some(empty(StatusCode::NOT_FOUND)))
            }
            None => {
                let path = Cow::Borrowed(asked);
                self.file_at(assets, request, path, or_not_found).await?
            }
        };
        if let Some(response) = &mut response {
            rules::apply(assets, host, asked, response.headers_mut());
        }
        Ok(response)
    }

    async fn file_at(
        &self,
        assets: &AssetsConfig,
        request: &http::request::Parts,
        path: Cow<'_, str>,
        or_not_found: bool,
    ) -> Result<Option<AssetResponse>, ArtifactError> {
        if !is_read(&request.method) {
            return Ok(None);
        }
        let path = path::decode(&path);
        let path = path.as_deref();
        if let Some(found) = path.and_then(|path| resolve::resolve(assets, path)) {
            return self.answer(assets, request, found).await.map(Some);
        }
        match resolve::not_found(assets, path.unwrap_or("/")) {
            Some((status, page)) if or_not_found => {
                self.page(assets, request, status, page).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    async fn answer(
        &self,
        assets: &AssetsConfig,
        request: &http::request::Parts,
        resolution: Resolution<'_>,
    ) -> Result<AssetResponse, ArtifactError> {
        match resolution {
            Resolution::Redirect(path) => Ok(redirect(&path, request.uri.query())),
            Resolution::File(name) => match assets.files.get(name) {
                Some(file) => self.file(file, &request.method, &request.headers).await,
                None => Ok(empty(StatusCode::NOT_FOUND)),
            },
        }
    }

    /// The page for what was not found. A 404 is neither validated nor cut into ranges.
    async fn page(
        &self,
        assets: &AssetsConfig,
        request: &http::request::Parts,
        status: u16,
        name: &str,
    ) -> Result<AssetResponse, ArtifactError> {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_FOUND);
        let Some(file) = assets.files.get(name) else {
            return Ok(empty(status));
        };
        if status == StatusCode::OK {
            return self.file(file, &request.method, &request.headers).await;
        }
        let mut response = self.file(file, &request.method, &HeaderMap::new()).await?;
        *response.status_mut() = status;
        response.headers_mut().remove(ETAG);
        response.headers_mut().remove(ACCEPT_RANGES);
        Ok(response)
    }

    async fn file(
        &self,
        file: &AssetFile,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<AssetResponse, ArtifactError> {
        let etag = format!("\"{}\"", file.digest);
        if conditional::not_modified(headers, &etag) {
            let mut response = empty(StatusCode::NOT_MODIFIED);
            response.headers_mut().remove(CONTENT_LENGTH);
            validators(response.headers_mut(), &etag);
            return Ok(response);
        }
        // RFC 9110 14.2: a range has a meaning for GET alone.
        let part = if *method == Method::GET {
            conditional::part(headers, &etag, file.size)
        } else {
            Part::Whole
        };
        let body = match &part {
            Part::Unsatisfiable => return Ok(unsatisfiable(file.size)),
            _ if *method == Method::HEAD => AssetBody::Empty,
            Part::Whole => self.contents(file, None).await?,
            Part::Bytes(range) => self.contents(file, Some(range.clone())).await?,
        };
        let mut response = Response::new(body);
        let fields = response.headers_mut();
        validators(fields, &etag);
        fields.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        fields.insert(CONTENT_TYPE, content_type(&file.content_type));
        let length = match part {
            Part::Bytes(range) => {
                let value = format!("bytes {}-{}/{}", range.start, range.end - 1, file.size);
                insert(fields, CONTENT_RANGE, &value);
                *response.status_mut() = StatusCode::PARTIAL_CONTENT;
                range.end - range.start
            }
            _ => file.size,
        };
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(length));
        Ok(response)
    }

    /// All of the file, or the part.
    async fn contents(
        &self,
        file: &AssetFile,
        part: Option<Range<u64>>,
    ) -> Result<AssetBody, ArtifactError> {
        if SmallFiles::takes(file) {
            let bytes = self.small.get(&*self.store, file).await?;
            return Ok(AssetBody::Whole(match part {
                Some(part) => slice(&bytes, &part),
                None => bytes,
            }));
        }
        let artifact = match part {
            Some(part) => self.store.get_range(file.digest, part).await?,
            None => self.store.get(file.digest).await?,
        };
        Ok(AssetBody::Stream(artifact.body))
    }
}

/// The part lies within the bytes.
fn slice(bytes: &Bytes, part: &Range<u64>) -> Bytes {
    let at = |offset| usize::try_from(offset).map_or(bytes.len(), |at| at.min(bytes.len()));
    bytes.slice(at(part.start)..at(part.end))
}

#[async_trait]
impl AssetServer for Assets {
    async fn respond(
        &self,
        assets: &AssetsConfig,
        request: Request<()>,
    ) -> Result<AssetResponse, ArtifactError> {
        let (request, ()) = request.into_parts();
        // Rules of a host are for requests from outside.
        self.always(assets, &request, "").await
    }
}

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn empty(status: StatusCode) -> AssetResponse {
    let mut response = Response::new(AssetBody::Empty);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    response
}

fn redirect(path: &str, query: Option<&str>) -> AssetResponse {
    let mut location = path::encode(path);
    if let Some(query) = query {
        location.push('?');
        location.push_str(query);
    }
    let mut response = empty(StatusCode::TEMPORARY_REDIRECT);
    insert(response.headers_mut(), LOCATION, &location);
    response
}

fn unsatisfiable(size: u64) -> AssetResponse {
    let mut response = empty(StatusCode::RANGE_NOT_SATISFIABLE);
    insert(
        response.headers_mut(),
        CONTENT_RANGE,
        &format!("bytes */{size}"),
    );
    response
}

/// RFC 9110 15.4.5: a 304 carries these as the 200 would.
fn validators(fields: &mut HeaderMap, etag: &str) {
    insert(fields, ETAG, etag);
    fields.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=0, must-revalidate"),
    );
}

/// The type is the customer's text: one that no field can carry becomes the type of unknown bytes (RFC 9110 8.3).
fn content_type(text: &str) -> HeaderValue {
    match HeaderValue::from_str(text) {
        Ok(value) if !value.is_empty() => value,
        _ => HeaderValue::from_static("application/octet-stream"),
    }
}

fn insert(fields: &mut HeaderMap, name: http::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        fields.insert(name, value);
    }
}
