//! Secrets at rest: AES-256-GCM under a key derived from the host key, with a random nonce for each value.
//! A sealed value is base64 of: format (one byte), nonce (12 bytes), ciphertext with tag.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ouro_core::ports::secrets::{SealError, SecretSealer};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

const FORMAT: u8 = 1;

/// A key of its own for each purpose, so that no two uses meet (HMAC-SHA-256 of the purpose under the host key).
pub fn derive_key(host_key: &[u8; 32], purpose: &str) -> [u8; 32] {
    let tag = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, host_key),
        purpose.as_bytes(),
    );
    let mut key = [0; 32];
    key.copy_from_slice(tag.as_ref());
    key
}

/// Seals and opens with the host's key.
pub struct HostSecrets {
    key: LessSafeKey,
    random: SystemRandom,
}

impl HostSecrets {
    pub fn new(host_key: &[u8; 32]) -> Result<Self, SealError> {
        let key = derive_key(host_key, "ouro secrets");
        let key = UnboundKey::new(&AES_256_GCM, &key).map_err(|_| cannot_seal())?;
        Ok(Self {
            key: LessSafeKey::new(key),
            random: SystemRandom::new(),
        })
    }
}

impl SecretSealer for HostSecrets {
    fn seal(&self, plaintext: &str) -> Result<String, SealError> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| cannot_seal())?;
        let mut text = plaintext.as_bytes().to_vec();
        let aad = Aad::from([FORMAT]);
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut text)
            .map_err(|_| cannot_seal())?;
        Ok(STANDARD.encode([&[FORMAT][..], &nonce, &text].concat()))
    }

    fn open(&self, sealed: &str) -> Result<String, SealError> {
        let fail = cannot_open;
        let bytes = STANDARD.decode(sealed).map_err(|_| fail())?;
        let (&format, rest) = bytes.split_first().ok_or_else(fail)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(fail)?;
        if format != FORMAT {
            return Err(fail());
        }
        let mut text = ciphertext.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = self
            .key
            .open_in_place(nonce, Aad::from([FORMAT]), &mut text)
            .map_err(|_| fail())?;
        String::from_utf8(plain.to_vec()).map_err(|_| fail())
    }
}

fn cannot_seal() -> SealError {
    SealError::Seal("no randomness, or too much text".to_owned())
}

fn cannot_open() -> SealError {
    SealError::Open("it was sealed with another host key, or is damaged".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_with_the_same_key_alone() {
        let secrets = HostSecrets::new(&[7; 32]).expect("a key");
        let sealed = secrets.seal("hunter2").expect("a value");
        assert!(!sealed.contains("hunter2"));
        assert_ne!(sealed, secrets.seal("hunter2").expect("a value"));
        assert_eq!(secrets.open(&sealed).as_deref(), Ok("hunter2"));
        let other = HostSecrets::new(&[8; 32]).expect("a key");
        assert_eq!(other.open(&sealed), Err(cannot_open()));
    }

    #[test]
    fn a_changed_value_does_not_open() {
        let secrets = HostSecrets::new(&[7; 32]).expect("a key");
        let sealed = STANDARD
            .decode(secrets.seal("x").expect("a value"))
            .expect("base64");
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert_eq!(secrets.open(&STANDARD.encode(changed)), Err(cannot_open()));
        }
        assert_eq!(secrets.open(""), Err(cannot_open()));
    }
}
