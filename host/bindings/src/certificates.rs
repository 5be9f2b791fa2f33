//! Whom outbound TLS trusts.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls::{ClientConfig, RootCertStore};

/// Why a text does not name authorities.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    #[error("it is not PEM: {0}")]
    Pem(pem::Error),
    #[error("there is no certificate in it")]
    Empty,
    #[error("its certificate {number} cannot be used: {reason}")]
    Unusable {
        /// From 1.
        number: usize,
        reason: rustls::Error,
    },
}

/// The system's authorities; where there are none, those of Mozilla.
pub(crate) fn public() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(system.certs);
    if roots.is_empty() {
        tracing::info!(errors = ?system.errors, "no system certificates; outbound TLS trusts the built-in ones");
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

/// Adds every certificate of a PEM text.
pub(crate) fn add(roots: &mut RootCertStore, text: &[u8]) -> Result<(), CertificateError> {
    let certificates = CertificateDer::pem_slice_iter(text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(CertificateError::Pem)?;
    if certificates.is_empty() {
        return Err(CertificateError::Empty);
    }
    for (index, certificate) in certificates.into_iter().enumerate() {
        let number = index + 1;
        let added = roots.add(certificate);
        added.map_err(|reason| CertificateError::Unusable { number, reason })?;
    }
    Ok(())
}

pub(crate) fn client(roots: RootCertStore) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    match ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions() {
        Ok(builder) => builder.with_root_certificates(roots).with_no_client_auth(),
        // ring offers the default protocol versions.
        Err(error) => unreachable!("TLS cannot be configured: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        let error = add(&mut RootCertStore::empty(), text.as_bytes()).expect_err("refused");
        assert!(error.to_string().contains(expected), "{error}");
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        refused("", "there is no certificate");
        refused("no PEM at all", "there is no certificate");
        refused("-----BEGIN CERTIFICATE-----\nAAAA", "it is not PEM");
        refused(
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "its certificate 1 cannot be used",
        );
    }
}
