//! Cryptography for the JavaScript engine. It needs no grant: it reaches nothing but the bytes that it is given.
//!
//! What may take more than a millisecond is slow work.

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

/// How long one turn of a search takes of a thread, about as long as the longest RSA key does.
const TURN: Duration = Duration::from_secs(3);

/// Work whose end nobody knows before: it stops after that much CPU time.
async fn timed<T: Send + 'static>(
    state: &mut HostState,
    bytes: usize,
    most: Duration,
    work: impl FnOnce(crypto::GoesOn<'_>) -> crypto::Result<T> + Send + 'static,
) -> wasmtime::Result<crypto::Result<T>> {
    let most_ns = u64::try_from(most.as_nanos()).unwrap_or(u64::MAX);
    slowly(state, bytes, move || {
        let end_ns = thread_cpu_ns().saturating_add(most_ns);
        work(&mut || thread_cpu_ns() < end_ns)
    })
    .await
}

/// A search for a random number. It waits for another turn after each, so that others have theirs, and ends where the invocation's CPU time
/// does.
async fn search<T: Send + 'static>(
    state: &mut HostState,
    find: impl FnOnce(crypto::GoesOn<'_>) -> crypto::Result<T> + Copy + Send + 'static,
) -> Answer<T> {
    loop {
        let left = state.cpu_left();
        match timed(state, 0, left.min(TURN), find).await? {
            Err(crypto::Error::Stopped) if left > TURN => {}
            found => return Ok(found.map_err(Into::into)),
        }
    }
}

impl Group {
    fn bytes(&self) -> usize {
        self.prime.len() + self.generator.len()
    }
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
        search(self, move |goes_on| crypto::generate_prime(prime, goes_on)).await
    }

    async fn is_prime(&mut self, candidate: Vec<u8>, checks: u32) -> Answer<bool> {
        let (bytes, left) = (candidate.len(), self.cpu_left());
        let check =
            move |goes_on: crypto::GoesOn<'_>| crypto::is_prime(&candidate, checks, goes_on);
        let is_prime = timed(self, bytes, left, check).await?;
        Ok(is_prime.map_err(Into::into))
    }

    fn group_prime(&mut self, bits: u32) -> Answer<Vec<u8>> {
        Ok(crypto::group_prime(bits).map_err(Into::into))
    }

    async fn generate_group_prime(&mut self, bits: u32, generator: u32) -> Answer<Vec<u8>> {
        search(self, move |goes_on| {
            crypto::generate_group_prime(bits, generator, goes_on)
        })
        .await
    }

    async fn check_group(&mut self, group: Group) -> Answer<u32> {
        let (bytes, left) = (group.bytes(), self.cpu_left());
        let check = move |goes_on: crypto::GoesOn<'_>| crypto::check_group(&group.into(), goes_on);
        let flags = timed(self, bytes, left, check).await?;
        Ok(flags.map_err(Into::into))
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
