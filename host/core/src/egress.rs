//! Which addresses workers may reach: what the operator opens beyond the public internet, and what a version keeps of it.
//!
//! Names say nothing about addresses, so the two are apart: [`AllowNet`] is asked about the host and port of a URL, [`Egress`] about
//! every address that a connection is about to be opened to, after the name was resolved.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};

/// Not the public internet: the blocks of the IANA special-purpose registries (RFC 6890) and multicast (RFC 5771).
const SPECIAL_V4: [(Ipv4Addr, u8); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Of no registry: what Azure tells its machines, certificates among it.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];
/// All that is public lies in here (RFC 4291 2.4) ...
const GLOBAL_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// ... but for these: protocol assignments with Teredo, documentation, and 6to4, which carries IPv4 addresses.
const SPECIAL_V6: [(Ipv6Addr, u8); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];
/// NAT64 (RFC 6052 2.1): the last four bytes are the IPv4 address that is reached.
const NAT64: (Ipv6Addr, u8) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// The address that a connection really goes to: IPv6 may wrap an IPv4 address (RFC 4291 2.5.5.2).
pub fn unwrapped(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if within_v6(NAT64, v6) => {
            let [.., a, b, c, d] = v6.octets();
            Ipv4Addr::new(a, b, c, d).into()
        }
        address => address,
    }
}

fn within_v4((network, prefix): (Ipv4Addr, u8), address: Ipv4Addr) -> bool {
    Ipv4Net::new(network, prefix).is_ok_and(|net| net.contains(&address))
}

fn within_v6((network, prefix): (Ipv6Addr, u8), address: Ipv6Addr) -> bool {
    Ipv6Net::new(network, prefix).is_ok_and(|net| net.contains(&address))
}

/// Whether the address belongs to the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match unwrapped(address) {
        IpAddr::V4(v4) => !SPECIAL_V4.iter().any(|&block| within_v4(block, v4)),
        IpAddr::V6(v6) => {
            within_v6(GLOBAL_V6, v6) && !SPECIAL_V6.iter().any(|&block| within_v6(block, v6))
        }
    }
}

/// What the operator opens to workers beyond the public internet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Egress {
    opened: Vec<(IpNet, Option<u16>)>,
    /// A port of this machine that nothing opens.
    closed: Option<u16>,
}

impl Egress {
    /// Keeps a port of this machine from workers, whatever was opened.
    pub fn close(&mut self, port: u16) {
        self.closed = Some(port);
    }

    pub fn closes(&self, port: u16) -> bool {
        self.closed == Some(port)
    }

    /// Whether the operator opened this address and port.
    pub fn opens(&self, address: SocketAddr) -> bool {
        self.entries_for(address).next().is_some()
    }

    /// Whether the operator opened it by itself, not only a network that it lies in.
    pub fn names(&self, address: SocketAddr) -> bool {
        self.entries_for(address)
            .any(|net| net.prefix_len() == net.max_prefix_len())
    }

    fn entries_for(&self, address: SocketAddr) -> impl Iterator<Item = &IpNet> {
        let ip = unwrapped(address.ip());
        self.opened
            .iter()
            .filter(move |(net, _)| net.contains(&ip))
            .filter(move |(_, port)| port.is_none_or(|port| port == address.port()))
            .map(|(net, _)| net)
    }
}

/// Networks or addresses with commas between them, each with `:port` where only that port is meant: `10.0.0.0/8, 127.0.0.1:5432, [::1]:80`.
impl FromStr for Egress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let items = text.split(',').map(str::trim).filter(|it| !it.is_empty());
        let opened = items.map(opened).collect::<Result<_, _>>()?;
        Ok(Self {
            opened,
            closed: None,
        })
    }
}

fn opened(text: &str) -> Result<(IpNet, Option<u16>), String> {
    // As a whole first: what follows the last colon of an IPv6 address is no port.
    if let Some(net) = network(text) {
        return Ok((net, None));
    }
    let (host, port) = split_port(text);
    let bare = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let net = network(bare.unwrap_or(host)).ok_or_else(|| {
        format!(
            "`{text}` is no network: expected an address such as `10.1.2.3`, a network such as `10.0.0.0/8`, either with `:port`; \
             IPv6 with a port stands in brackets"
        )
    })?;
    Ok((net, port))
}

fn network(text: &str) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    let net: IpNet = text.parse().ok().or_else(address)?;
    // `10.1.2.3/8` may mean the address or the network.
    (net == net.trunc()).then_some(net)
}

/// `host:port`, where what follows the last colon is one.
fn split_port(text: &str) -> (&str, Option<u16>) {
    match text.rsplit_once(':') {
        Some((host, port)) => match port.parse() {
            Ok(port) => (host, Some(port)),
            Err(_) => (text, None),
        },
        None => (text, None),
    }
}

/// Whom a version may ask over the network: everybody that the operator lets it, nobody, or a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AllowNet {
    Any(bool),
    Hosts(Vec<HostPattern>),
}

impl Default for AllowNet {
    fn default() -> Self {
        Self::Any(true)
    }
}

impl AllowNet {
    pub fn permits(&self, host: &str, port: u16) -> bool {
        match self {
            Self::Any(any) => *any,
            Self::Hosts(patterns) => patterns.iter().any(|it| it.matches(host, port)),
        }
    }
}

/// `example.com`, `*.example.com` (its subdomains), an address (IPv6 in brackets); each for all ports, or with `:port` for that one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostPattern {
    /// In lower case, without the dot of the root.
    host: String,
    subdomains: bool,
    port: Option<u16>,
}

impl HostPattern {
    fn matches(&self, host: &str, port: u16) -> bool {
        if self.port.is_some_and(|only| only != port) {
            return false;
        }
        let host = host.strip_suffix('.').unwrap_or(host);
        match host.len().checked_sub(self.host.len()) {
            Some(0) => !self.subdomains && host.eq_ignore_ascii_case(&self.host),
            Some(rest) if self.subdomains => {
                host.is_char_boundary(rest)
                    && host[..rest].ends_with('.')
                    && host[rest..].eq_ignore_ascii_case(&self.host)
            }
            _ => false,
        }
    }
}

impl TryFrom<String> for HostPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (host, port) = match text.strip_suffix(']') {
            Some(_) => (text.as_str(), None),
            None => split_port(&text),
        };
        let host = host.to_ascii_lowercase();
        let (host, subdomains) = match host.strip_prefix("*.") {
            Some(rest) => (rest, true),
            None => (host.as_str(), false),
        };
        let is_address = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .is_some_and(|inner| inner.parse::<Ipv6Addr>().is_ok());
        let is_name = !host.is_empty()
            && host.len() <= 253
            && host
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.'));
        if !is_address && !is_name {
            return Err(format!(
                "`{text}` is no host: expected `example.com`, `*.example.com` or an address (IPv6 in brackets), each with or without `:port`"
            ));
        }
        Ok(Self {
            host: host.strip_suffix('.').unwrap_or(host).to_owned(),
            subdomains,
            port,
        })
    }
}

impl From<HostPattern> for String {
    fn from(pattern: HostPattern) -> Self {
        pattern.to_string()
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.subdomains { "*." } else { "" };
        write!(f, "{star}{}", self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> bool {
        is_public(text.parse().expect("an address"))
    }

    #[test]
    fn addresses_of_the_internet_are_public() {
        for address in [
            "1.1.1.1",
            "93.184.215.14",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "64:ff9b::101:101",
            "::ffff:1.1.1.1",
        ] {
            assert!(public(address), "{address}");
        }
    }

    #[test]
    fn special_addresses_are_not_public_in_any_wrapping() {
        for address in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "192.0.0.192",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "fec0::1",
            "100::1",
        ] {
            assert!(!public(address), "{address}");
        }
    }

    #[test]
    fn the_operator_opens_networks_addresses_and_ports() {
        let egress: Egress = "10.0.0.0/8, 127.0.0.1:5432,[::1]:80, fd00::/8, 192.168.7.7"
            .parse()
            .expect("valid");
        for (address, open) in [
            ("10.200.0.1:1", true),
            ("[::ffff:10.0.0.1]:1", true),
            ("127.0.0.1:5432", true),
            ("127.0.0.1:5433", false),
            ("[::1]:80", true),
            ("[::1]:81", false),
            ("[fd12::1]:9", true),
            ("192.168.7.7:9", true),
            ("192.168.7.8:9", false),
        ] {
            assert_eq!(
                egress.opens(address.parse().expect("an address")),
                open,
                "{address}"
            );
        }
        assert!(!Egress::default().opens("127.0.0.1:80".parse().expect("an address")));
        for (address, named) in [
            ("10.200.0.1:1", false),
            ("192.168.7.7:9", true),
            ("[::1]:80", true),
            ("[::1]:81", false),
        ] {
            let address = address.parse().expect("an address");
            assert_eq!(egress.names(address), named, "{address}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused_by_name() {
        for text in [
            "localhost",
            "10.0.0.0/33",
            "10.1.2.3/8",
            "10.0.0.0/8:x",
            "10.0.0.1:99999",
            "*",
        ] {
            let error = text.parse::<Egress>().expect_err(text);
            assert!(error.contains(&format!("`{text}`")), "{error}");
        }
    }

    fn allow(json: &str) -> AllowNet {
        serde_json::from_str(json).expect("valid")
    }

    #[test]
    fn a_list_of_hosts_permits_what_it_names() {
        let list = allow(r#"["Example.com", "*.example.org:8443", "10.0.0.1:80", "[::1]"]"#);
        for (host, port, permitted) in [
            ("example.com", 1, true),
            ("EXAMPLE.COM.", 443, true),
            ("www.example.com", 443, false),
            ("a.b.example.org", 8443, true),
            ("a.example.org", 443, false),
            ("example.org", 8443, false),
            ("notexample.org", 8443, false),
            ("10.0.0.1", 80, true),
            ("10.0.0.1", 81, false),
            ("[::1]", 5, true),
            ("évil.example.org", 8443, true),
        ] {
            assert_eq!(list.permits(host, port), permitted, "{host}:{port}");
        }
        assert!(allow("true").permits("a", 1) && !allow("false").permits("a", 1));
        assert!(!allow("[]").permits("a", 1));
    }

    #[test]
    fn what_is_no_host_is_refused_by_name() {
        for text in [
            "", "*", "a b", "http://a", "a/b", "*.*.a", "b:65536", "[:::]",
        ] {
            let error = HostPattern::try_from(text.to_owned()).expect_err(text);
            assert!(error.contains(&format!("`{text}`")), "{error}");
        }
    }

    #[test]
    fn a_list_is_stored_as_it_was_given() {
        let json = r#"["example.com","*.example.org:8443","[::1]:80"]"#;
        assert_eq!(serde_json::to_string(&allow(json)).expect("valid"), json);
    }
}
