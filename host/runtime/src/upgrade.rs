//! A request that asks to leave HTTP (RFC 9110 7.8): the connection below it, until a guest takes it over.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderValue;
use tokio::io::{AsyncRead, AsyncWrite};

/// Bytes in both directions.
pub trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// Gives the connection once the response with status 101 is out.
pub type TakenOver = Pin<Box<dyn Future<Output = io::Result<Box<dyn Connection>>> + Send>>;

/// An extension of a request that is a WebSocket handshake (RFC 6455 4.2.1). The connection can be taken once.
#[derive(Clone)]
pub struct Upgrade {
    key: HeaderValue,
    connection: Arc<Mutex<Option<TakenOver>>>,
}

impl Upgrade {
    /// `key` is the field `Sec-WebSocket-Key`.
    pub fn new(key: HeaderValue, connection: TakenOver) -> Self {
        Self {
            key,
            connection: Arc::new(Mutex::new(Some(connection))),
        }
    }

    pub fn key(&self) -> &HeaderValue {
        &self.key
    }

    pub fn take(&self) -> Option<TakenOver> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}
