//! Cryptography for the JavaScript engine. It needs no grant: it reaches nothing but the bytes that it is given.
//!
//! What may take more than a millisecond is slow work.

use std::sync::{Arc, Weak};
use std::time::Duration;

use ouro_crypto as crypto;
use ouro_runtime::{HostState, thread_cpu_ns};

use crate::generated::ouro::host::crypto::{
    Cipher, Error, Format, Group, Hash, Host, Key, Kind, Padding, Pair, Scheme,
};
use crate::slow;

type Answer<T> = wasmtime::Result<Result<T, Error>>;

/// Runs work over that many bytes of input beside the connections' threads.
async fn slowly<T: Send + 'static>(
    state: &mut HostState,
    bytes: usize,
    work: impl FnOnce() -> crypto::Result<T> + Send + 'static,
) -> wasmtime::Result<crypto::Result<T>> {
    let answer = slow::run(state, bytes, work).await?;
    Ok(answer.unwrap_or_else(|refused| Err(crypto::Error::Operation(refused))))
}

/// The same, where a key or the data makes it slow.
async fn with_key<T: Send + 'static>(
    state: &mut HostState,
    key_bytes: usize,
    bytes: usize,
    work: impl FnOnce() -> crypto::Result<T> + Send + 'static,
) -> wasmtime::Result<crypto::Result<T>> {
    if crypto::is_slow(key_bytes, bytes) {
        slowly(state, key_bytes + bytes, work).await
    } else {
        Ok(work())
    }
}

/// After how long work that takes longer waits for another turn, so that others have theirs: about as long as the longest RSA key takes. A
/// search ends its turn between two numbers, one of which takes 5 s more where it is prime.
const TURN: Duration = Duration::from_secs(3);

/// Until when work goes on, in CPU time of its thread.
struct Allowed {
    turn_ends_ns: u64,
    /// Where the invocation has used up its time, whatever is lost.
    ends_ns: u64,
    /// Alive as long as somebody waits for the answer.
    caller: Weak<()>,
}

impl Allowed {
    fn new(now_ns: u64, left: Duration, caller: Weak<()>) -> Self {
        let after = |time: Duration| {
            now_ns.saturating_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
        };
        Self {
            turn_ends_ns: after(TURN),
            ends_ns: after(left),
            caller,
        }
    }

    fn goes_on(&self, step: crypto::Step, now_ns: u64) -> bool {
        let is_in_turn = step == crypto::Step::Within || now_ns < self.turn_ends_ns;
        is_in_turn && now_ns < self.ends_ns && self.caller.strong_count() > 0
    }
}

/// Work whose end nobody knows before: in turns, until the invocation's CPU time is used up or nobody waits any longer.
async fn in_turns<T, W>(state: &mut HostState, bytes: usize, mut work: W) -> Answer<T>
where
    T: Send + 'static,
    W: FnMut(crypto::GoesOn<'_>) -> crypto::Result<T> + Send + 'static,
{
    let caller = Arc::new(());
    loop {
        let (left, caller) = (state.cpu_left(), Arc::downgrade(&caller));
        let turn = move || {
            let allowed = Allowed::new(thread_cpu_ns(), left, caller);
            let answer = work(&mut |step| allowed.goes_on(step, thread_cpu_ns()));
            Ok((answer, work))
        };
        match slowly(state, bytes, turn).await? {
            Ok((Err(crypto::Error::Stopped), again)) if !state.cpu_left().is_zero() => work = again,
            Ok((answer, _)) => return Ok(answer.map_err(Into::into)),
            Err(refused) => return Ok(Err(refused.into())),
        }
    }
}

impl Group {
    fn bytes(&self) -> usize {
        self.prime.len() + self.generator.len()
    }
}

/// A vector is as long as a block of a cipher, so that it counts for nothing among what waits.
fn is_no_vector(vector: &[u8]) -> bool {
    !matches!(vector.len(), 8 | 16)
}

fn other_vector() -> Error {
    Error::Data("a vector of another length".to_owned())
}

impl Host for HostState {
    async fn generate(
        &mut self,
        kind: Kind,
        modulus_bits: u32,
        public_exponent: Vec<u8>,
    ) -> Answer<Pair> {
        let bytes = public_exponent.len();
        let make = move || crypto::generate(kind.into(), modulus_bits, &public_exponent);
        let pair = match kind {
            Kind::Rsa => slowly(self, bytes, make).await?,
            _ => make(),
        };
        Ok(pair
            .map(|crypto::Pair { private, public }| Pair { private, public })
            .map_err(Into::into))
    }

    async fn import_key(
        &mut self,
        format: Format,
        kind: Option<Kind>,
        parts: Vec<Vec<u8>>,
    ) -> Answer<Key> {
        let bytes = parts.iter().map(Vec::len).sum();
        let import = move || crypto::import(format.into(), kind.map(Into::into), &parts);
        let key = with_key(self, bytes, 0, import).await?;
        Ok(key.map(Into::into).map_err(Into::into))
    }

    async fn export_key(&mut self, format: Format, key: Key) -> Answer<Vec<Vec<u8>>> {
        let export = move |key: Key| crypto::export(format.into(), &key.into());
        let parts = with_key(self, key.der.len(), 0, move || export(key)).await?;
        Ok(parts.map_err(Into::into))
    }

    async fn sign(&mut self, scheme: Scheme, key: Vec<u8>, data: Vec<u8>) -> Answer<Vec<u8>> {
        let (key_bytes, bytes) = (key.len(), data.len());
        let sign = move || crypto::sign(scheme.into(), &key, &data);
        let signature = with_key(self, key_bytes, bytes, sign).await?;
        Ok(signature.map_err(Into::into))
    }

    async fn verify(
        &mut self,
        scheme: Scheme,
        key: Vec<u8>,
        data: Vec<u8>,
        signature: Vec<u8>,
    ) -> Answer<bool> {
        let (key_bytes, bytes) = (key.len(), data.len() + signature.len());
        let verify = move || crypto::verify(scheme.into(), &key, &data, &signature);
        let right = with_key(self, key_bytes, bytes, verify).await?;
        Ok(right.map_err(Into::into))
    }

    async fn encrypt(&mut self, padding: Padding, key: Vec<u8>, data: Vec<u8>) -> Answer<Vec<u8>> {
        let padding = crypto::Padding::from(padding);
        let (key_bytes, bytes) = (key.len(), data.len() + padding.label_bytes());
        let encrypt = move || crypto::encrypt(&padding, &key, &data);
        let sealed = with_key(self, key_bytes, bytes, encrypt).await?;
        Ok(sealed.map_err(Into::into))
    }

    async fn decrypt(&mut self, padding: Padding, key: Vec<u8>, data: Vec<u8>) -> Answer<Vec<u8>> {
        let padding = crypto::Padding::from(padding);
        let (key_bytes, bytes) = (key.len(), data.len() + padding.label_bytes());
        let decrypt = move || crypto::decrypt(&padding, &key, &data);
        let text = with_key(self, key_bytes, bytes, decrypt).await?;
        Ok(text.map_err(Into::into))
    }

    async fn derive(&mut self, private: Vec<u8>, public: Vec<u8>) -> Answer<Vec<u8>> {
        // A key of another kind is read before it is refused.
        let bytes = private.len().max(public.len());
        let derive = move || crypto::shared_secret(&private, &public);
        let secret = with_key(self, bytes, 0, derive).await?;
        Ok(secret.map_err(Into::into))
    }

    async fn lock_key(
        &mut self,
        cipher: Cipher,
        vector: Option<Vec<u8>>,
        passphrase: Vec<u8>,
        der: Vec<u8>,
    ) -> Answer<Vec<u8>> {
        if vector.as_deref().is_some_and(is_no_vector) {
            return Ok(Err(other_vector()));
        }
        let cipher = cipher.into();
        let bytes = passphrase.len() + der.len();
        let lock = move || match vector {
            Some(vector) => crypto::lock_pem(cipher, &vector, &passphrase, &der),
            None => crypto::lock(cipher, &passphrase, &der),
        };
        Ok(slowly(self, bytes, lock).await?.map_err(Into::into))
    }

    async fn unlock_key(
        &mut self,
        pem: Option<(Cipher, Vec<u8>)>,
        passphrase: Vec<u8>,
        der: Vec<u8>,
    ) -> Answer<Vec<u8>> {
        if pem.as_ref().is_some_and(|(_, it)| is_no_vector(it)) {
            return Ok(Err(other_vector()));
        }
        let bytes = passphrase.len() + der.len();
        let unlock = move || match pem {
            Some((cipher, vector)) => crypto::unlock_pem(cipher.into(), &vector, &passphrase, &der),
            None => crypto::unlock(&passphrase, &der),
        };
        Ok(slowly(self, bytes, unlock).await?.map_err(Into::into))
    }

    async fn generate_prime(
        &mut self,
        bits: u32,
        is_safe: bool,
        residue: Option<(u32, u32)>,
    ) -> Answer<Vec<u8>> {
        let prime = crypto::Prime {
            bits,
            is_safe,
            residue,
        };
        let search = move |goes_on: crypto::GoesOn<'_>| crypto::generate_prime(prime, goes_on);
        in_turns(self, 0, search).await
    }

    async fn is_prime(&mut self, candidate: Vec<u8>, checks: u32) -> Answer<bool> {
        let mut check = match crypto::PrimeCheck::new(&candidate, checks) {
            Ok(check) => check,
            Err(error) => return Ok(Err(error.into())),
        };
        let bytes = candidate.len();
        in_turns(self, bytes, move |goes_on| check.run(goes_on)).await
    }

    fn group_prime(&mut self, bits: u32) -> Answer<Vec<u8>> {
        Ok(crypto::group_prime(bits).map_err(Into::into))
    }

    async fn generate_group_prime(&mut self, bits: u32, generator: u32) -> Answer<Vec<u8>> {
        let search = move |goes_on: crypto::GoesOn<'_>| {
            crypto::generate_group_prime(bits, generator, goes_on)
        };
        in_turns(self, 0, search).await
    }

    async fn check_group(&mut self, group: Group) -> Answer<u32> {
        let bytes = group.bytes();
        let mut check = match crypto::GroupCheck::new(&group.into()) {
            Ok(check) => check,
            Err(error) => return Ok(Err(error.into())),
        };
        in_turns(self, bytes, move |goes_on| check.run(goes_on)).await
    }

    async fn generate_numbers(&mut self, group: Group, private: Option<Vec<u8>>) -> Answer<Pair> {
        let bytes = group.bytes() + private.as_ref().map_or(0, Vec::len);
        let make = move || crypto::generate_numbers(&group.into(), private.as_deref());
        let numbers = slowly(self, bytes, make).await?;
        Ok(numbers
            .map(|crypto::Numbers { private, public }| Pair { private, public })
            .map_err(Into::into))
    }

    async fn group_secret(
        &mut self,
        group: Group,
        private: Vec<u8>,
        public: Vec<u8>,
    ) -> Answer<Vec<u8>> {
        let bytes = group.bytes() + private.len() + public.len();
        let derive = move || crypto::group_secret(&group.into(), &private, &public);
        Ok(slowly(self, bytes, derive).await?.map_err(Into::into))
    }

    async fn pbkdf2(
        &mut self,
        hash: Hash,
        password: Vec<u8>,
        salt: Vec<u8>,
        iterations: u32,
        length: u32,
    ) -> Answer<Vec<u8>> {
        let bytes = password.len() + salt.len();
        let derive =
            move || crypto::pbkdf2(hash.into(), &password, &salt, iterations, length as usize);
        Ok(slowly(self, bytes, derive).await?.map_err(Into::into))
    }

    async fn scrypt(
        &mut self,
        password: Vec<u8>,
        salt: Vec<u8>,
        n: u64,
        r: u32,
        p: u32,
        length: u32,
    ) -> Answer<Vec<u8>> {
        let bytes = password.len() + salt.len();
        let derive = move || crypto::scrypt(&password, &salt, n, r, p, length as usize);
        Ok(slowly(self, bytes, derive).await?.map_err(Into::into))
    }
}

impl From<crypto::Error> for Error {
    fn from(error: crypto::Error) -> Self {
        match error {
            crypto::Error::Stopped => Self::Unsupported(error.to_string()),
            crypto::Error::Data(text) => Self::Data(text),
            crypto::Error::Operation(text) => Self::Operation(text),
            crypto::Error::Unsupported(text) => Self::Unsupported(text),
        }
    }
}

impl From<Kind> for crypto::Kind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Rsa => Self::Rsa,
            Kind::P256 => Self::P256,
            Kind::P384 => Self::P384,
            Kind::P521 => Self::P521,
            Kind::Ed25519 => Self::Ed25519,
            Kind::X25519 => Self::X25519,
            Kind::Ed448 => Self::Ed448,
            Kind::X448 => Self::X448,
        }
    }
}

impl From<crypto::Kind> for Kind {
    fn from(kind: crypto::Kind) -> Self {
        match kind {
            crypto::Kind::Rsa => Self::Rsa,
            crypto::Kind::P256 => Self::P256,
            crypto::Kind::P384 => Self::P384,
            crypto::Kind::P521 => Self::P521,
            crypto::Kind::Ed25519 => Self::Ed25519,
            crypto::Kind::X25519 => Self::X25519,
            crypto::Kind::Ed448 => Self::Ed448,
            crypto::Kind::X448 => Self::X448,
        }
    }
}

impl From<Hash> for crypto::Hash {
    fn from(hash: Hash) -> Self {
        match hash {
            Hash::Md5 => Self::Md5,
            Hash::Ripemd160 => Self::Ripemd160,
            Hash::Sha1 => Self::Sha1,
            Hash::Sha224 => Self::Sha224,
            Hash::Sha256 => Self::Sha256,
            Hash::Sha384 => Self::Sha384,
            Hash::Sha512 => Self::Sha512,
            Hash::Sha3N256 => Self::Sha3_256,
            Hash::Sha3N384 => Self::Sha3_384,
            Hash::Sha3N512 => Self::Sha3_512,
        }
    }
}

impl From<Cipher> for crypto::Cipher {
    fn from(cipher: Cipher) -> Self {
        match cipher {
            Cipher::Aes128 => Self::Aes128,
            Cipher::Aes192 => Self::Aes192,
            Cipher::Aes256 => Self::Aes256,
            Cipher::Des => Self::Des,
            Cipher::TripleDes => Self::TripleDes,
        }
    }
}

impl From<Group> for crypto::Group {
    fn from(group: Group) -> Self {
        Self {
            prime: group.prime,
            generator: group.generator,
        }
    }
}

impl From<Format> for crypto::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Pkcs8 => Self::Pkcs8,
            Format::Spki => Self::Spki,
            Format::Sec1 => Self::Sec1,
            Format::Pkcs1 => Self::Pkcs1,
            Format::Pkcs1Public => Self::Pkcs1Public,
            Format::X509 => Self::X509,
            Format::Raw => Self::Raw,
            Format::RawCompressed => Self::RawCompressed,
            Format::RawPrivate => Self::RawPrivate,
            Format::Parts => Self::Parts,
        }
    }
}

impl From<Key> for crypto::Key {
    fn from(key: Key) -> Self {
        Self {
            kind: key.kind.into(),
            is_private: key.is_private,
            der: key.der,
        }
    }
}

impl From<crypto::Key> for Key {
    fn from(key: crypto::Key) -> Self {
        Self {
            kind: key.kind.into(),
            is_private: key.is_private,
            der: key.der,
        }
    }
}

impl From<Scheme> for crypto::Scheme {
    fn from(scheme: Scheme) -> Self {
        match scheme {
            Scheme::RsaPkcs1(hash) => Self::RsaPkcs1(hash.into()),
            Scheme::RsaPss((hash, salt)) => Self::RsaPss(hash.into(), salt),
            Scheme::Ecdsa => Self::Ecdsa,
            Scheme::EcdsaDer => Self::EcdsaDer,
            Scheme::Ed25519 => Self::Ed25519,
            Scheme::Ed448 => Self::Ed448,
        }
    }
}

impl From<Padding> for crypto::Padding {
    fn from(padding: Padding) -> Self {
        match padding {
            Padding::Oaep(oaep) => Self::Oaep(oaep.hash.into(), oaep.label),
            Padding::Pkcs1 => Self::Pkcs1,
            Padding::None => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: Duration = Duration::from_secs(5);
    const TURN_NS: u64 = 3_000_000_000;
    const LEFT_NS: u64 = 5_000_000_000;

    #[test]
    fn a_turn_ends_where_nothing_is_lost_and_the_time_anywhere() {
        let caller = Arc::new(());
        let allowed = Allowed::new(7, LEFT, Arc::downgrade(&caller));
        for (step, end_ns) in [
            (crypto::Step::Between, TURN_NS),
            (crypto::Step::Within, LEFT_NS),
        ] {
            assert!(allowed.goes_on(step, 6 + end_ns), "{step:?}");
            assert!(!allowed.goes_on(step, 7 + end_ns), "{step:?}");
        }
    }

    #[test]
    fn work_that_nobody_waits_for_ends() {
        let caller = Arc::new(());
        let allowed = Allowed::new(0, LEFT, Arc::downgrade(&caller));
        assert!(allowed.goes_on(crypto::Step::Within, 0));
        drop(caller);
        assert!(!allowed.goes_on(crypto::Step::Within, 0));
    }

    #[test]
    fn a_vector_has_the_length_of_a_block() {
        for length in 0..40 {
            assert_eq!(is_no_vector(&vec![0; length]), length != 8 && length != 16);
        }
    }
}
