//! Outbound HTTP of workers: one client with pooled connections for the whole process, streaming both ways.
//!
//! Two fences: whom a version asks for is checked for each request (its `allow_net`), and what a name resolves to for each connection.
//! Workers share connections, which is sound since the second fence is the same for all of them.

mod connector;

use std::error::Error as StdError;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Uri};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use ouro_core::egress::{AllowNet, Egress};
use ouro_core::id::WorkerId;
use ouro_runtime::{OutboundEnd, OutboundFuture};
use rustls::RootCertStore;
use tokio::time::{Instant, Sleep, sleep, timeout};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use crate::certificates::{self, CertificateError};
use connector::{Connector, Prohibited, Unresolved};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Where the worker sets no timeout; its own time limit ends it earlier as a rule.
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(600);
const BETWEEN_BYTES_TIMEOUT: Duration = Duration::from_secs(600);
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
const IDLE_PER_HOST_MAX: usize = 32;
/// Fields of a response; their bytes are limited by the client's buffer.
const HEADERS_MAX: usize = 1000;

/// The client. Clones share its connections.
#[derive(Clone)]
pub struct Outbound {
    client: Client<HttpsConnector<Connector>, WasiBody>,
}

impl Outbound {
    /// Trusts the system's certificates; where there are none, those of Mozilla.
    pub fn new(egress: Egress) -> Self {
        Self::with_roots(egress, certificates::public())
    }

    /// Trusts these authorities, as PEM, beside those of [`Outbound::new`].
    ///
    /// # Errors
    /// The text has no certificate, or one that is no authority's.
    pub fn trusting(egress: Egress, pem: &[u8]) -> Result<Self, CertificateError> {
        let mut roots = certificates::public();
        certificates::add(&mut roots, pem)?;
        Ok(Self::with_roots(egress, roots))
    }

    fn with_roots(egress: Egress, roots: RootCertStore) -> Self {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(certificates::client(roots))
            .https_or_http()
            .enable_http1()
            .wrap_connector(Connector::new(egress));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
            .http1_max_headers(HEADERS_MAX)
            .build(connector);
        Self { client }
    }

    /// Every outbound request of every worker comes through here, or through `handshake`.
    pub(crate) fn send(
        &self,
        request: Request<WasiBody>,
        options: RequestOptions,
        allow: &AllowNet,
        worker: &WorkerId,
    ) -> OutboundFuture {
        if let Err(error) = permitted(request.uri(), allow) {
            return Box::new(async move { Err(error) });
        }
        let first_byte = options.connect_timeout.unwrap_or(CONNECT_TIMEOUT)
            + options.first_byte_timeout.unwrap_or(FIRST_BYTE_TIMEOUT);
        let between_bytes = options
            .between_bytes_timeout
            .unwrap_or(BETWEEN_BYTES_TIMEOUT);
        let response = connector::on_behalf_of(worker, self.client.request(request));
        Box::new(async move {
            let response = timeout(first_byte, response)
                .await
                .map_err(|_| Error::ConnectionReadTimeout)?
                .map_err(|error| translate(&error))?;
            let response = response.map(|body| TimedBody::new(body, between_bytes).boxed_unsync());
            let end: OutboundEnd = Box::new(async { Ok(()) });
            Ok((response, end))
        })
    }

    /// Sends a request that asks to leave HTTP. It waits as long as its caller does.
    pub(crate) async fn handshake(
        &self,
        request: Request<WasiBody>,
        allow: &AllowNet,
        worker: &WorkerId,
    ) -> Result<http::Response<Incoming>, Error> {
        permitted(request.uri(), allow)?;
        let response = connector::on_behalf_of(worker, self.client.request(request)).await;
        response.map_err(|error| translate(&error))
    }
}

/// Whether a version may ask for this URL. Where its host's addresses lie is checked when a connection is opened.
fn permitted(uri: &Uri, allow: &AllowNet) -> Result<(), Error> {
    let host = uri.host().filter(|host| !host.is_empty());
    match (uri.scheme_str(), host) {
        (Some("http" | "https"), Some(host)) if allow.permits(host, connector::port(uri)) => Ok(()),
        (Some("http" | "https"), Some(_)) => Err(Error::HttpRequestDenied),
        _ => Err(Error::HttpRequestUriInvalid),
    }
}

/// A response body that fails when nothing comes for too long.
struct TimedBody {
    body: Incoming,
    limit: Duration,
    /// Armed while it waits.
    deadline: Option<Pin<Box<Sleep>>>,
    waits: bool,
}

impl TimedBody {
    fn new(body: Incoming, limit: Duration) -> Self {
        Self {
            body,
            limit,
            deadline: None,
            waits: false,
        }
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let limit = self.limit;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(limit)));
        if !self.waits {
            self.waits = true;
            deadline.as_mut().reset(Instant::now() + limit);
        }
        deadline.as_mut().poll(cx)
    }
}

impl Body for TimedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            self.waits = false;
            return Poll::Ready(frame.map(|frame| frame.map_err(|error| translate(&error))));
        }
        ready!(self.poll_deadline(cx));
        Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The `wasi:http` error that says best what went wrong, by the causes that the client's error carries.
fn translate(error: &(dyn StdError + 'static)) -> Error {
    if let Some(tls) = cause::<rustls::Error>(error) {
        return match tls {
            rustls::Error::InvalidCertificate(_) => Error::TlsCertificateError,
            rustls::Error::AlertReceived(alert) => Error::TlsAlertReceived {
                alert_id: Some(u8::from(*alert)),
                alert_message: Some(format!("{alert:?}")),
            },
            _ => Error::TlsProtocolError,
        };
    }
    if cause::<Prohibited>(error).is_some() {
        return Error::DestinationIpProhibited;
    }
    if cause::<Unresolved>(error).is_some() {
        return Error::DnsError {
            rcode: Some("the name cannot be resolved".into()),
            info_code: None,
        };
    }
    if let Some(http) = cause::<hyper::Error>(error) {
        if http.is_incomplete_message() {
            return Error::ConnectionTerminated;
        }
        if http.is_parse() {
            return Error::HttpProtocolError;
        }
    }
    match cause::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => Error::ConnectionRefused,
        Some(io::ErrorKind::TimedOut) => Error::ConnectionTimeout,
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            Error::DestinationIpUnroutable
        }
        Some(
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof,
        ) => Error::ConnectionTerminated,
        _ => Error::InternalError(Some(
            causes(error)
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(": "),
        )),
    }
}

/// The error and what it stems from. An `io::Error` names the error inside it in `get_ref`, not in `source`.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| {
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(|io| io.get_ref());
        match inner {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => StdError::source(*error),
        }
    })
}

fn cause<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http_body_util::{Empty, Full};
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use tokio::net::TcpListener;

    use super::*;

    async fn get(
        uri: String,
        body: WasiBody,
        options: RequestOptions,
    ) -> Result<http::Response<WasiBody>, Error> {
        let request = Request::post(uri).body(body).expect("valid");
        Pin::from(outbound().send(request, options, &AllowNet::default(), &worker()))
            .await
            .map(|(response, _)| response)
    }

    /// Where the servers of these tests are.
    fn own_machine() -> Egress {
        "127.0.0.0/8, ::1".parse().expect("valid")
    }

    fn outbound() -> Outbound {
        Outbound::new(own_machine())
    }

    fn worker() -> WorkerId {
        WorkerId::from("wrk_1")
    }

    fn empty() -> WasiBody {
        Empty::new().map_err(|never| match never {}).boxed_unsync()
    }

    /// Answers each request with its own body.
    async fn echo() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("bound");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let service = service_fn(|request: Request<Incoming>| async {
                    Ok::<_, hyper::Error>(http::Response::new(request.into_body()))
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        format!("http://{address}/")
    }

    #[tokio::test]
    async fn a_body_goes_there_and_back() {
        let sent = Bytes::from(vec![7; 300_000]);
        let body = Full::new(sent.clone())
            .map_err(|never| match never {})
            .boxed_unsync();
        let response = get(echo().await, body, RequestOptions::default())
            .await
            .expect("answers");
        assert_eq!(
            response
                .into_body()
                .collect()
                .await
                .expect("whole")
                .to_bytes(),
            sent
        );
    }

    #[tokio::test]
    async fn a_closed_port_is_connection_refused() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let uri = format!("http://{}/", listener.local_addr().expect("bound"));
        drop(listener);
        let error = get(uri, empty(), RequestOptions::default())
            .await
            .expect_err("refused");
        assert!(matches!(error, Error::ConnectionRefused), "{error:?}");
    }

    #[tokio::test]
    async fn a_server_that_does_not_answer_is_a_timeout() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let uri = format!("http://{}/", listener.local_addr().expect("bound"));
        let options = RequestOptions {
            connect_timeout: Some(Duration::ZERO),
            first_byte_timeout: Some(Duration::from_millis(20)),
            between_bytes_timeout: None,
        };
        let error = get(uri, empty(), options).await.expect_err("times out");
        assert!(matches!(error, Error::ConnectionReadTimeout), "{error:?}");
    }

    #[tokio::test]
    async fn a_server_without_tls_is_a_tls_error() {
        let uri = echo().await.replace("http:", "https:");
        let error = get(uri, empty(), RequestOptions::default())
            .await
            .expect_err("no TLS");
        assert!(matches!(error, Error::TlsProtocolError), "{error:?}");
    }

    /// Echoes over TLS; the address, and the certificate of its own authority.
    async fn echo_with_tls() -> (String, String) {
        let own = rcgen::generate_simple_self_signed(["localhost".into()]).expect("a certificate");
        let key = rustls::pki_types::PrivateKeyDer::try_from(own.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key.expect("a key"))
            .expect("a configuration");
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let port = listener.local_addr().expect("bound").port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let service = service_fn(|request: Request<Incoming>| async {
                    Ok::<_, hyper::Error>(http::Response::new(request.into_body()))
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        (format!("https://localhost:{port}/"), own.cert.pem())
    }

    #[tokio::test]
    async fn an_authority_is_trusted_once_it_is_named() {
        let (uri, authority) = echo_with_tls().await;
        let ask = async |outbound: Outbound| {
            let request = Request::post(&uri).body(empty()).expect("valid");
            let sent = outbound.send(
                request,
                RequestOptions::default(),
                &AllowNet::default(),
                &worker(),
            );
            Pin::from(sent).await
        };
        let refused = ask(outbound()).await.err().expect("unknown");
        assert!(matches!(refused, Error::TlsCertificateError), "{refused:?}");
        let outbound =
            Outbound::trusting(own_machine(), authority.as_bytes()).expect("a certificate");
        let (response, _) = ask(outbound).await.expect("trusted");
        assert_eq!(response.status(), 200);
    }

    #[tokio::test]
    async fn an_unknown_name_is_a_dns_error() {
        let error = get(
            "http://name.invalid/".into(),
            empty(),
            RequestOptions::default(),
        )
        .await
        .expect_err("no such name");
        assert!(matches!(error, Error::DnsError { .. }), "{error:?}");
    }

    #[test]
    fn other_schemes_are_refused() {
        let allow = AllowNet::default();
        assert!(permitted(&Uri::from_static("ftp://a/"), &allow).is_err());
        assert!(permitted(&Uri::from_static("/path"), &allow).is_err());
        assert!(permitted(&Uri::from_static("https://a/"), &allow).is_ok());
    }

    #[test]
    fn a_version_reaches_the_hosts_of_its_list_alone() {
        let allow: AllowNet = serde_json::from_str(r#"["a.example:443"]"#).expect("valid");
        assert!(permitted(&Uri::from_static("https://a.example/"), &allow).is_ok());
        for denied in [
            "http://a.example/",
            "https://b.example/",
            "https://a.example@b.example/",
        ] {
            let error = permitted(&Uri::from_static(denied), &allow).expect_err(denied);
            assert!(
                matches!(error, Error::HttpRequestDenied),
                "{denied}: {error:?}"
            );
        }
    }

    #[tokio::test]
    async fn addresses_of_private_networks_are_prohibited() {
        for host in [
            "127.0.0.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "0x7f.1",
            "2130706433",
            "localhost",
            "169.254.169.254",
            "0",
        ] {
            let request = Request::get(format!("http://{host}:9/"))
                .body(empty())
                .expect("valid");
            let sent = Outbound::new(Egress::default()).send(
                request,
                RequestOptions::default(),
                &AllowNet::default(),
                &worker(),
            );
            let error = Pin::from(sent).await.map(drop).expect_err("prohibited");
            assert!(
                matches!(error, Error::DestinationIpProhibited),
                "{host}: {error:?}"
            );
        }
    }
}
