//! Which version of a split answers a request: the same for the same version key, for as long as the split stays.

use std::sync::Arc;

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};
use ouro_core::Digest;
use ouro_core::ports::metadata::routing::WHOLE;

use crate::routes::{Live, Route};

/// Name of the cookie that holds a version key.
pub const VERSION_KEY: &str = "ouro_version_key";

/// Fields that hold a version key, the stronger first.
const KEY_FIELDS: [&str; 2] = ["ouro-version-key", "cloudflare-workers-version-key"];

/// Tells which version has answered, where that is not plain from the host.
const VERSION: HeaderName = HeaderName::from_static("x-ouro-version");

/// How long a client keeps the key that it was given: longer than a gradual deployment takes.
const KEY_DAYS: u32 = 30;

/// Versions of one worker that are live together.
pub struct Split {
    /// Route and hundredths of one percent, the newest version first.
    shares: Vec<(Arc<Route>, u32)>,
    is_sticky: bool,
}

impl Split {
    /// `None` where there is no share.
    pub fn new(shares: Vec<(Arc<Route>, u32)>, is_sticky: bool) -> Option<Self> {
        (!shares.is_empty()).then_some(Self { shares, is_sticky })
    }

    pub fn is_sticky(&self) -> bool {
        self.is_sticky
    }

    pub fn routes(&self) -> impl Iterator<Item = &Arc<Route>> {
        self.shares.iter().map(|(route, _)| route)
    }

    /// Points of the newest version come first, so that it keeps those whom it had when it gets more.
    fn at(&self, point: u32) -> &Arc<Route> {
        let index = share_at(self.shares.iter().map(|(_, share)| *share), point);
        &self.shares[index].0
    }
}

impl Live {
    /// A version of those that are live, by chance where there are several: for what no request has begun.
    pub fn by_chance(self) -> Arc<Route> {
        Chosen::of(self, &HeaderMap::new()).route
    }
}

/// The share that a point falls into; the last one has what is left.
fn share_at(shares: impl ExactSizeIterator<Item = u32>, point: u32) -> usize {
    let last = shares.len() - 1;
    let mut end = 0;
    let ends = shares.map(|share| {
        end += share;
        end
    });
    ends.take(last).position(|end| point < end).unwrap_or(last)
}

/// A version that answers, and what the client is told of it.
pub(crate) struct Chosen {
    pub(crate) route: Arc<Route>,
    note: Note,
}

enum Note {
    None,
    Version,
    /// The version, and the key by which it was chosen.
    Key(String),
}

impl Chosen {
    /// One that the host has named.
    pub(crate) fn named(route: Arc<Route>) -> Self {
        let note = Note::Version;
        Self { route, note }
    }

    /// One of those that are live, by what the request says.
    pub(crate) fn of(live: Live, headers: &HeaderMap) -> Self {
        match live {
            Live::Whole(route) => Self {
                route,
                note: Note::None,
            },
            Live::Split(split) => Self::of_split(&split, headers),
        }
    }

    fn of_split(split: &Split, headers: &HeaderMap) -> Self {
        let (point, note) = match key(headers) {
            Some(key) => (point(key), Note::Version),
            None if split.is_sticky => {
                let key = hex::encode(rand::random::<[u8; 16]>());
                (point(key.as_bytes()), Note::Key(key))
            }
            None => (rand::random_range(0..WHOLE), Note::Version),
        };
        let route = split.at(point).clone();
        Self { route, note }
    }

    /// Adds what the client is told.
    pub(crate) fn tell(&self, headers: &mut HeaderMap, is_https: bool) {
        if matches!(self.note, Note::None) {
            return;
        }
        if let Ok(version) = HeaderValue::from_str(self.route.version.version.as_str()) {
            headers.insert(VERSION, version);
        }
        if let Note::Key(key) = &self.note
            && let Ok(cookie) = HeaderValue::try_from(cookie(key, is_https))
        {
            headers.append(SET_COOKIE, cookie);
        }
    }
}

fn cookie(key: &str, is_https: bool) -> String {
    let seconds = KEY_DAYS * 24 * 60 * 60;
    let secure = if is_https { "; Secure" } else { "" };
    format!("{VERSION_KEY}={key}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

/// The request's version key: of a field, else of the cookie.
fn key(headers: &HeaderMap) -> Option<&[u8]> {
    let fields = KEY_FIELDS.iter().filter_map(|name| headers.get(*name));
    let mut keys = fields.map(HeaderValue::as_bytes).chain(cookies(headers));
    keys.find(|key| !key.is_empty())
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let fields = headers.get_all(COOKIE).into_iter();
    let pairs = fields.flat_map(|field| field.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(|pair| {
        let rest = pair.trim_ascii().strip_prefix(VERSION_KEY.as_bytes())?;
        rest.strip_prefix(b"=")
    })
}

/// Where a key lies among all requests: the first 64 bits of its SHA-256, modulo the whole.
fn point(key: &[u8]) -> u32 {
    let digest = Digest::of(key);
    let first = digest.as_bytes().first_chunk().copied();
    let number = first.map_or(0, u64::from_be_bytes);
    // Below the whole, which fits.
    (number % u64::from(WHOLE)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_field_is_stronger_than_a_cookie_and_an_empty_one_is_none() {
        let cookie = ("cookie", "a=b; ouro_version_key=of-cookie;c=d");
        let cloudflare = ("cloudflare-workers-version-key", "of-cloudflare");
        assert_eq!(key(&headers(&[cookie])), Some(&b"of-cookie"[..]));
        let two = headers(&[cookie, cloudflare]);
        assert_eq!(key(&two), Some(&b"of-cloudflare"[..]));
        let three = headers(&[cookie, cloudflare, ("ouro-version-key", "own")]);
        assert_eq!(key(&three), Some(&b"own"[..]));
        let empty = headers(&[("ouro-version-key", ""), cookie]);
        assert_eq!(key(&empty), Some(&b"of-cookie"[..]));
    }

    #[test]
    fn other_cookies_are_no_key() {
        for cookie in [
            "x_ouro_version_key=1",
            "ouro_version_key2=1",
            "ouro_version_key",
            "ouro_version_key=",
            "a=ouro_version_key=1",
            "",
        ] {
            assert_eq!(key(&headers(&[("cookie", cookie)])), None, "{cookie}");
        }
        let later = headers(&[("cookie", "a=b"), ("cookie", "ouro_version_key=k")]);
        assert_eq!(key(&later), Some(&b"k"[..]));
    }

    #[test]
    fn a_key_has_one_point_and_many_keys_are_spread_evenly() {
        assert_eq!(point(b"key"), point(b"key"));
        let keys = (0..10_000).map(|n| format!("user-{n}"));
        let below = keys.filter(|key| point(key.as_bytes()) < 1_000).count();
        assert_eq!(below, 980, "the keys are always the same");
    }

    #[test]
    fn shares_are_as_large_as_they_say() {
        let of = |shares: &[u32], point| share_at(shares.iter().copied(), point);
        let shares = [1, 999, 9_000];
        assert_eq!(
            [0, 1, 999, 1_000, 9_999].map(|p| of(&shares, p)),
            [0, 1, 1, 2, 2]
        );
        for point in 0..WHOLE {
            let before = of(&[1_000, 9_000], point);
            let after = of(&[5_000, 5_000], point);
            assert!(before != 0 || after == 0, "who had the newest keeps it");
        }
    }

    #[test]
    fn the_cookie_is_secure_behind_https() {
        let plain = "ouro_version_key=k; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax";
        assert_eq!(cookie("k", false), plain);
        assert_eq!(cookie("k", true), format!("{plain}; Secure"));
    }
}
