//! WebSocket handshakes (RFC 6455 4.2.1). The gateway only recognises them: the worker decides whether it takes the connection.

use std::io;

use http::header::{CONNECTION, HeaderMap, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderValue, Method, Request};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use ouro_runtime::{Connection, Upgrade, has_token};

/// The length of a `Sec-WebSocket-Key`: 16 bytes in Base64.
const KEY_LENGTH: usize = 24;

/// Lets the worker take the connection over, where the request is a handshake. Any other request passes as it is.
pub(crate) fn offer(request: &mut Request<Incoming>) {
    let Some(key) = handshake_key(request.method(), request.headers()) else {
        return;
    };
    let upgrade = hyper::upgrade::on(&mut *request);
    let connection = Box::pin(async {
        let upgraded = upgrade.await.map_err(io::Error::other)?;
        let connection: Box<dyn Connection> = Box::new(TokioIo::new(upgraded));
        Ok::<_, io::Error>(connection)
    });
    request
        .extensions_mut()
        .insert(Upgrade::new(key, connection));
}

fn handshake_key(method: &Method, headers: &HeaderMap) -> Option<HeaderValue> {
    let is_handshake = *method == Method::GET
        && has_token(headers, &UPGRADE, "websocket")
        && has_token(headers, &CONNECTION, "upgrade")
        && headers
            .get(SEC_WEBSOCKET_VERSION)
            .map(HeaderValue::as_bytes)
            == Some(b"13");
    let key = headers.get(SEC_WEBSOCKET_KEY).filter(|_| is_handshake)?;
    (key.len() == KEY_LENGTH && key.as_bytes().ends_with(b"==")).then(|| key.clone())
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        fields
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    const HANDSHAKE: [(&str, &str); 4] = [
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "WebSocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];

    #[test]
    fn a_handshake_is_recognised() {
        let key = handshake_key(&Method::GET, &headers(&HANDSHAKE)).expect("a handshake");
        assert_eq!(key, "dGhlIHNhbXBsZSBub25jZQ==");
    }

    #[test]
    fn whatever_lacks_a_part_is_none() {
        assert_eq!(handshake_key(&Method::POST, &headers(&HANDSHAKE)), None);
        for missing in 0..HANDSHAKE.len() {
            let mut fields = HANDSHAKE.to_vec();
            fields.remove(missing);
            assert_eq!(handshake_key(&Method::GET, &headers(&fields)), None);
        }
        let mut fields = HANDSHAKE;
        fields[2].1 = "8";
        assert_eq!(handshake_key(&Method::GET, &headers(&fields)), None);
        fields = HANDSHAKE;
        fields[3].1 = "short==";
        assert_eq!(handshake_key(&Method::GET, &headers(&fields)), None);
    }
}
