//! `?pipe=…`: what a test asks to be done to a response, such as `header(Name,value)|status(404)|trickle(d1:r2)`.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::BodyExt;
use tokio::time::sleep;

use super::asked::Asked;
use super::handlers::chunked;
use super::{Body, Site, full};

pub async fn apply(site: &Site, asked: &Asked, mut response: Response<Body>) -> Response<Body> {
    let Some(pipe) = asked.first("pipe") else {
        return response;
    };
    for (name, arguments) in parse(pipe) {
        response = match name.as_str() {
            "header" => header(response, &arguments),
            "status" => status(response, &arguments),
            "sub" => substitute(site, response).await,
            "slice" => slice(response, &arguments).await,
            "gzip" => gzip(response).await,
            "trickle" => trickle(response, &arguments).await,
            _ => response,
        };
    }
    response
}

/// Functions with their arguments; a backslash keeps the next character from its meaning.
fn parse(pipe: &[u8]) -> Vec<(String, Vec<Vec<u8>>)> {
    let mut pipes = Vec::new();
    let (mut name, mut arguments, mut inside) = (Vec::new(), vec![Vec::new()], false);
    let mut bytes = pipe.iter().copied();
    while let Some(byte) = bytes.next() {
        match (byte, inside) {
            (b'(', false) => inside = true,
            (b')', true) => {
                let name = String::from_utf8_lossy(&std::mem::take(&mut name))
                    .trim()
                    .to_owned();
                pipes.push((name, std::mem::replace(&mut arguments, vec![Vec::new()])));
                inside = false;
            }
            (b',', true) => arguments.push(Vec::new()),
            (b'|', false) if !name.is_empty() => {
                let name = String::from_utf8_lossy(&std::mem::take(&mut name)).into_owned();
                pipes.push((name, Vec::new()));
            }
            (b'|', false) => {}
            (b'\\', true) => arguments
                .last_mut()
                .into_iter()
                .for_each(|last| last.extend(bytes.next())),
            (byte, true) => arguments
                .last_mut()
                .into_iter()
                .for_each(|last| last.push(byte)),
            (byte, false) => name.push(byte),
        }
    }
    if !name.is_empty() {
        pipes.push((String::from_utf8_lossy(&name).into_owned(), Vec::new()));
    }
    pipes
}

fn header(mut response: Response<Body>, arguments: &[Vec<u8>]) -> Response<Body> {
    let [name, value, rest @ ..] = arguments else {
        return response;
    };
    let (name, value) = (
        HeaderName::from_bytes(name),
        HeaderValue::from_bytes(value.trim_ascii()),
    );
    if let (Ok(name), Ok(value)) = (name, value) {
        let appends = rest
            .first()
            .is_some_and(|last| last != b"0" && last != b"False");
        let headers = response.headers_mut();
        if appends {
            headers.append(name, value);
        } else {
            headers.insert(name, value);
        }
    }
    response
}

fn status(mut response: Response<Body>, arguments: &[Vec<u8>]) -> Response<Body> {
    let code = arguments.first().map(|code| StatusCode::from_bytes(code));
    if let Some(Ok(code)) = code {
        *response.status_mut() = code;
    }
    response
}

async fn substitute(site: &Site, response: Response<Body>) -> Response<Body> {
    let (head, body) = whole(response).await;
    let text = site.fill(&String::from_utf8_lossy(&body));
    Response::from_parts(head, full(StatusCode::OK, text).into_body())
}

async fn slice(response: Response<Body>, arguments: &[Vec<u8>]) -> Response<Body> {
    let (head, body) = whole(response).await;
    let bound = |index: usize, default: usize| {
        let text = arguments
            .get(index)
            .map(|text| String::from_utf8_lossy(text));
        text.and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let end = bound(1, body.len()).min(body.len());
    let part = body.slice(bound(0, 0).min(end)..end);
    Response::from_parts(head, full(StatusCode::OK, part).into_body())
}

async fn gzip(response: Response<Body>) -> Response<Body> {
    let (mut head, body) = whole(response).await;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let encoded = encoder.write_all(&body).and_then(|()| encoder.finish());
    head.headers
        .insert("content-encoding", HeaderValue::from_static("gzip"));
    Response::from_parts(
        head,
        full(StatusCode::OK, encoded.unwrap_or_default()).into_body(),
    )
}

/// `d1` waits a second, a number sends as many bytes, `r2` repeats the last two until all is sent.
async fn trickle(response: Response<Body>, arguments: &[Vec<u8>]) -> Response<Body> {
    let script = String::from_utf8_lossy(&arguments.concat()).into_owned();
    let steps: Vec<String> = script.split(':').map(str::to_owned).collect();
    // What stands before the first bytes delays the head.
    let leading = steps
        .iter()
        .take_while(|step| step.starts_with('d'))
        .count();
    for step in &steps[..leading] {
        sleep(delay(step)).await;
    }
    let (head, mut body) = whole(response).await;
    let body = chunked(move |out| async move {
        let (mut at, mut last) = (leading, 0);
        while !body.is_empty() {
            let Some(step) = steps.get(at) else { break };
            match step.strip_prefix('r') {
                Some(count) => {
                    at = last.max(at.saturating_sub(count.parse().unwrap_or(1)));
                    last = at;
                    if !steps[at..].iter().any(|step| step.parse::<usize>().is_ok()) {
                        break;
                    }
                    continue;
                }
                None if step.starts_with('d') => sleep(delay(step)).await,
                None => {
                    let size = step.parse().unwrap_or(body.len()).min(body.len());
                    if out.send(Ok(body.split_to(size))).await.is_err() {
                        return;
                    }
                }
            }
            at += 1;
        }
        if !body.is_empty() {
            let _ = out.send(Ok(body)).await;
        }
    });
    Response::from_parts(head, body)
}

fn delay(step: &str) -> Duration {
    let seconds = step.trim_start_matches('d').parse().unwrap_or(0.0);
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

async fn whole(response: Response<Body>) -> (http::response::Parts, bytes::Bytes) {
    let (mut head, body) = response.into_parts();
    head.headers.remove("content-length");
    let body = body.collect().await;
    (head, body.map(|body| body.to_bytes()).unwrap_or_default())
}
