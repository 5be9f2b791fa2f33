//! Hosts (URL Standard 3): domains, IPv4 and IPv6 addresses, opaque hosts. A host is kept as it is serialized.

use super::percent::{self, Set};

/// The host parser (3.5); none for failure.
pub fn parse(input: &str, special: bool) -> Option<String> {
    if let Some(rest) = input.strip_prefix('[') {
        return Some(serialize_ipv6(parse_ipv6(rest.strip_suffix(']')?)?));
    }
    if !special {
        return parse_opaque(input);
    }
    let bytes = percent::decode(input);
    // UTS 46 as "domain to ASCII" (3.3) sets it up, the forbidden domain code points included.
    let domain = idna::domain_to_ascii_cow(&bytes, idna::AsciiDenyList::URL).ok()?;
    if domain.is_empty() {
        return None;
    }
    if !ends_in_a_number(&domain) {
        return Some(domain.into_owned());
    }
    let [a, b, c, d] = parse_ipv4(&domain)?.to_be_bytes();
    Some(format!("{a}.{b}.{c}.{d}"))
}

fn parse_opaque(input: &str) -> Option<String> {
    let is_forbidden = |byte: u8| b"\0\t\n\r #/:<>?@[\\]^|".contains(&byte);
    if input.bytes().any(is_forbidden) {
        return None;
    }
    Some(percent::encode(input, Set::C0_CONTROL))
}

fn ends_in_a_number(domain: &str) -> bool {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let last = domain.rsplit('.').next().unwrap_or(domain);
    let all_digits = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    all_digits || parse_ipv4_number(last).is_some()
}

fn parse_ipv4(domain: &str) -> Option<u32> {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let numbers: Vec<u64> = domain
        .split('.')
        .map(parse_ipv4_number)
        .collect::<Option<_>>()?;
    let (last, others) = numbers.split_last()?;
    // The last number fills what the others leave of the four bytes.
    if others.len() > 3 || others.iter().any(|number| *number > 255) {
        return None;
    }
    if *last >= 1 << (8 * (4 - others.len())) {
        return None;
    }
    let high = others.iter().zip([24, 16, 8]);
    let address = high.fold(*last, |address, (number, shift)| {
        address + (number << shift)
    });
    u32::try_from(address).ok()
}

/// Decimal, octal after `0`, hexadecimal after `0x`. A number that is too large for any address stands as the largest there is.
fn parse_ipv4_number(text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    let lower = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let (digits, radix) = match (lower, text.strip_prefix('0')) {
        (Some(digits), _) => (digits, 16),
        (None, Some(digits)) if !digits.is_empty() => (digits, 8),
        _ => (text, 10),
    };
    let mut number: u64 = 0;
    for character in digits.chars() {
        let digit = character.to_digit(radix)?;
        number = number
            .saturating_mul(u64::from(radix))
            .saturating_add(u64::from(digit));
    }
    Some(number)
}

type Ipv6 = [u16; 8];

fn parse_ipv6(text: &str) -> Option<Ipv6> {
    let (head, tail) = match text.split_once("::") {
        Some((head, tail)) => (head, Some(tail)),
        None => (text, None),
    };
    let Some(tail) = tail else {
        return ipv6_pieces(head, true)?.try_into().ok();
    };
    let head = if head.is_empty() {
        Vec::new()
    } else {
        ipv6_pieces(head, false)?
    };
    let tail = if tail.is_empty() {
        Vec::new()
    } else {
        ipv6_pieces(tail, true)?
    };
    // `::` stands for one piece at least.
    if head.len() + tail.len() > 7 {
        return None;
    }
    let mut address = [0; 8];
    address[..head.len()].copy_from_slice(&head);
    address[8 - tail.len()..].copy_from_slice(&tail);
    Some(address)
}

/// Pieces between colons; the last may be an IPv4 address.
fn ipv6_pieces(text: &str, ipv4_allowed: bool) -> Option<Vec<u16>> {
    let mut pieces = Vec::with_capacity(8);
    let mut parts = text.split(':').peekable();
    while let Some(part) = parts.next() {
        if pieces.len() == 8 {
            return None;
        }
        if ipv4_allowed && parts.peek().is_none() && part.contains('.') {
            pieces.extend(ipv4_pieces(part)?);
        } else {
            pieces.push(ipv6_piece(part)?);
        }
    }
    Some(pieces)
}

fn ipv6_piece(part: &str) -> Option<u16> {
    let is_hex = part.bytes().all(|byte| byte.is_ascii_hexdigit());
    // `from_str_radix` would take a sign.
    if part.is_empty() || part.len() > 4 || !is_hex {
        return None;
    }
    u16::from_str_radix(part, 16).ok()
}

/// Four decimal numbers without leading zeros.
fn ipv4_pieces(text: &str) -> Option<[u16; 2]> {
    let address: std::net::Ipv4Addr = text.parse().ok()?;
    let [a, b, c, d] = address.octets();
    Some([u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])])
}

/// The IPv6 serializer (3.6), in brackets: the first longest run of two or more zeros is `::`.
fn serialize_ipv6(address: Ipv6) -> String {
    let (start, length) = longest_zeros(&address);
    let mut out = String::from("[");
    let mut at = 0;
    while at < 8 {
        if length > 1 && at == start {
            out.push_str(if at == 0 { "::" } else { ":" });
            at += length;
            continue;
        }
        out.push_str(&format!("{:x}", address[at]));
        if at < 7 {
            out.push(':');
        }
        at += 1;
    }
    out.push(']');
    out
}

fn longest_zeros(address: &Ipv6) -> (usize, usize) {
    let mut longest = (0, 0);
    let mut run = 0;
    for (index, piece) in address.iter().enumerate() {
        run = if *piece == 0 { run + 1 } else { 0 };
        if run > longest.1 {
            longest = (index + 1 - run, run);
        }
    }
    longest
}
