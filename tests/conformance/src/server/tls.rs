//! TLS of the server: an authority of its own, made anew for each run, which the host is told to trust.

use std::sync::Arc;

use anyhow::Result;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

pub struct Tls {
    pub acceptor: TlsAcceptor,
    /// The certificate, as PEM.
    pub authority: String,
}

impl Tls {
    /// For these names and addresses.
    pub fn of(names: &[&str]) -> Result<Self> {
        let names: Vec<String> = names.iter().map(|name| (*name).into()).collect();
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names)?;
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key.into())?;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            authority: cert.pem(),
        })
    }
}
