//! Proofs of domains by TXT records.

use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use ouro_core::ports::domains::{CHALLENGE, DomainError, DomainProofs};

/// Of one try, of which there are two for each server.
const TRY_TIMEOUT: Duration = Duration::from_secs(2);
const RETRIES: usize = 1;

/// For all of it, however many servers there are: a request waits.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Asks a DNS server.
pub struct DnsProofs {
    /// Or why there is none. The system's settings may be of no use on a node that needs none.
    resolver: Result<TokioResolver, String>,
}

impl DnsProofs {
    /// Asks this server, or those that the system names.
    pub fn new(server: Option<SocketAddr>) -> Self {
        Self {
            resolver: resolver(server).map_err(|error| error.to_string()),
        }
    }
}

fn resolver(server: Option<SocketAddr>) -> Result<TokioResolver, NetError> {
    let mut builder = match server {
        Some(server) => {
            let provider = TokioRuntimeProvider::default();
            TokioResolver::builder_with_config(config(server), provider)
        }
        None => TokioResolver::builder_tokio()?,
    };
    let options = builder.options_mut();
    options.timeout = TRY_TIMEOUT;
    options.attempts = RETRIES;
    options.cache_size = 0;
    builder.build()
}

fn config(server: SocketAddr) -> ResolverConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = server.port();
        connection
    });
    let server = NameServerConfig::new(server.ip(), true, connections.into());
    ResolverConfig::from_name_servers(vec![server])
}

#[async_trait]
impl DomainProofs for DnsProofs {
    fn required(&self) -> bool {
        true
    }

    async fn check(&self, name: &str, token: &str) -> Result<(), DomainError> {
        let resolver = self.resolver.as_ref().map_err(|error| {
            DomainError::Unavailable(format!("the system names no DNS server: {error}"))
        })?;
        let record = format!("{CHALLENGE}.{name}");
        // With a dot at its end it is whole: no search domain of this machine is added.
        let looked_up = tokio::time::timeout(TIMEOUT, resolver.txt_lookup(format!("{record}.")));
        let answer = match looked_up.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) if error.is_no_records_found() => {
                return Err(DomainError::Unproven(format!(
                    "there is no TXT record `{record}`"
                )));
            }
            Ok(Err(error)) => return Err(unavailable(&record, &error.to_string())),
            Err(_) => return Err(unavailable(&record, "no answer in time")),
        };
        let texts = answer
            .answers()
            .iter()
            .filter_map(|record| text(&record.data));
        let mut found = 0;
        for text in texts {
            if text == token.as_bytes() {
                return Ok(());
            }
            found += 1;
        }
        Err(DomainError::Unproven(format!(
            "none of the {found} TXT records `{record}` is the token"
        )))
    }
}

/// The strings of a record are one text (RFC 7208 3.3).
fn text(data: &RData) -> Option<Vec<u8>> {
    match data {
        RData::TXT(txt) => Some(txt.txt_data.concat()),
        _ => None,
    }
}

fn unavailable(record: &str, why: &str) -> DomainError {
    DomainError::Unavailable(format!("looking for the TXT record `{record}`: {why}"))
}
