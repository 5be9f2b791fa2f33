//! The static files of the version, answered as the gateway would.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use ouro_core::ports::artifacts::ByteStream;
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
        let Some(request) = parse(request) else {
            return Ok(Ok(Response {
                status: 400,
                headers: Vec::new(),
                body: None,
            }));
        };
        match server.respond(&config, request).await {
            Ok(response) => answer(self, response).map(Ok),
            Err(error) => Ok(Err(Error::Unavailable(error.to_string()))),
        }
    }
}

fn answer(
    state: &mut HostState,
    response: http::Response<Option<ByteStream>>,
) -> wasmtime::Result<Response> {
    let (head, body) = response.into_parts();
    let body = body.map(|body| {
        let input: DynInputStream = Box::new(ArtifactInput::new(body));
        state.table.push(input)
    });
    Ok(Response {
        status: head.status.as_u16(),
        headers: flatten(&head.headers),
        body: body.transpose()?,
    })
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
}
