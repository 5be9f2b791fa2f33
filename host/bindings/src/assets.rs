//! The static files of the version, answered as the gateway would.

use futures_util::TryStreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use ouro_core::ports::artifacts::{ArtifactError, ByteStream};
use ouro_core::ports::assets::AssetBody;
use ouro_runtime::HostState;
use wasmtime_wasi::p2::DynInputStream;

use crate::generated::ouro::host::assets::{Error, Host, Request, Response};
use crate::grants;
use crate::stream::ArtifactInput;

impl Host for HostState {
    async fn fetch(
        &mut self,
        binding: String,
        request: Request,
    ) -> wasmtime::Result<Result<Response, Error>> {
        let granted = grants::of(self)?;
        let Some(config) = granted.assets(&binding) else {
            return Ok(Err(Error::NotGranted(format!(
                "the version has no assets binding `{binding}`"
            ))));
        };
        let Some(server) = granted.shared.assets.get().cloned() else {
            return Ok(Err(Error::Unavailable(
                "the gateway has not started".into(),
            )));
        };
        if let Err(exceeded) = self.operation() {
            return Ok(Err(Error::Limit(exceeded.to_string())));
        }
        let Some(request) = parse(request) else {
            return Ok(Ok(Response {
                status: 400,
                headers: Vec::new(),
                body: None,
            }));
        };
        match server.respond(&config, request).await {
            Ok(response) => answer(self, response).map(Ok),
            Err(error) => Ok(Err(Error::Unavailable(hide(&error)))),
        }
    }
}

fn answer(
    state: &mut HostState,
    response: http::Response<AssetBody>,
) -> wasmtime::Result<Response> {
    let (head, body) = response.into_parts();
    let body: Option<DynInputStream> = match body {
        AssetBody::Empty => None,
        AssetBody::Whole(bytes) => Some(Box::new(ArtifactInput::whole(bytes))),
        AssetBody::Stream(body) => Some(readable(body)),
    };
    let body = body.map(|body| state.table.push(body));
    Ok(Response {
        status: head.status.as_u16(),
        headers: flatten(&head.headers),
        body: body.transpose()?,
    })
}

/// The body as the guest reads it.
fn readable(body: ByteStream) -> DynInputStream {
    let body = body.map_err(|error| ArtifactError::Unavailable(hide(&error)));
    Box::new(ArtifactInput::new(Box::pin(body)))
}

/// What the guest is told. The error names paths and addresses of the host, which are for its operator alone.
fn hide(error: &ArtifactError) -> String {
    tracing::error!(%error, "an asset could not be read");
    "the asset cannot be read".to_owned()
}

/// `None` where it is no request: a worker's mistake, answered with 400 as HTTP does.
fn parse(request: Request) -> Option<http::Request<()>> {
    let mut parsed = http::Request::new(());
    *parsed.method_mut() = Method::from_bytes(request.method.as_bytes()).ok()?;
    *parsed.uri_mut() = request
        .path
        .starts_with('/')
        .then(|| request.path.parse::<Uri>().ok())
        .flatten()?;
    for line in request
        .headers
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
        parsed.headers_mut().try_append(name, value).ok()?;
    }
    Some(parsed)
}

fn flatten(headers: &HeaderMap) -> Vec<u8> {
    let mut lines = Vec::new();
    for (name, value) in headers {
        lines.extend_from_slice(name.as_str().as_bytes());
        lines.push(b':');
        lines.extend_from_slice(value.as_bytes());
        lines.push(b'\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use wasmtime_wasi::p2::StreamError;

    use super::*;

    fn request(method: &str, path: &str, headers: &str) -> Option<http::Request<()>> {
        parse(Request {
            method: method.into(),
            path: path.into(),
            headers: headers.as_bytes().to_vec(),
        })
    }

    #[test]
    fn a_request_is_read_with_its_query_and_headers() {
        let request = request("GET", "/a%20b?c=1", "if-none-match:\"x\"\n").expect("valid");
        assert_eq!(request.uri().path(), "/a%20b");
        assert_eq!(request.uri().query(), Some("c=1"));
        assert_eq!(flatten(request.headers()), b"if-none-match:\"x\"\n");
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for (method, path, headers) in [
            ("GE T", "/", ""),
            ("GET", "http://other/", ""),
            ("GET", "", ""),
            ("GET", "/ ", ""),
            ("GET", "/", "no colon"),
        ] {
            assert!(
                request(method, path, headers).is_none(),
                "{method} {path} {headers}"
            );
        }
    }

    #[tokio::test]
    async fn a_guest_does_not_learn_where_the_store_is() {
        let error = || ArtifactError::Unavailable("cannot open `/srv/store`".into());
        assert_eq!(hide(&error()), "the asset cannot be read");
        let mut body = readable(Box::pin(stream::iter([Err(error())])));
        body.ready().await;
        let Err(StreamError::LastOperationFailed(told)) = body.read(1) else {
            panic!("the stream fails");
        };
        let told = format!("{told:?}");
        assert!(
            told.contains("the asset cannot be read") && !told.contains("/srv"),
            "{told}"
        );
    }
}
