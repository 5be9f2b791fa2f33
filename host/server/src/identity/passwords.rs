//! argon2id (RFC 9106) with the parameters that OWASP's Password Storage Cheat Sheet names first.

use std::sync::Arc;

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{Error, PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use ouro_core::ports::identity::IdentityError;
use tokio::sync::Semaphore;

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A longer one costs the host more than it protects its owner.
const PASSWORD_BYTES_MAX: usize = 1024;

/// Each takes 19 MiB and tens of milliseconds of a core.
const AT_ONCE: usize = 2;

pub struct Passwords {
    places: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Passwords {
    pub async fn hash(&self, password: String) -> Result<String, IdentityError> {
        self.run(password, |argon2, password| {
            let salt = SaltString::generate(&mut OsRng);
            let hash = argon2.hash_password(password, &salt);
            hash.map(|hash| hash.to_string()).map_err(invalid)
        })
        .await
    }

    pub async fn verify(&self, password: String, hash: String) -> Result<bool, IdentityError> {
        self.run(password, move |argon2, password| {
            let hash = PasswordHash::new(&hash).map_err(invalid)?;
            match argon2.verify_password(password, &hash) {
                Ok(()) => Ok(true),
                Err(Error::Password) => Ok(false),
                Err(error) => Err(invalid(error)),
            }
        })
        .await
    }

    /// Beside the threads that serve, few at once.
    async fn run<T: Send + 'static>(
        &self,
        password: String,
        work: impl FnOnce(&Argon2<'_>, &[u8]) -> Result<T, IdentityError> + Send + 'static,
    ) -> Result<T, IdentityError> {
        if password.len() > PASSWORD_BYTES_MAX {
            let text = format!("the password is longer than {PASSWORD_BYTES_MAX} bytes");
            return Err(IdentityError::Invalid(text));
        }
        let place = self.places.clone().acquire_owned();
        let place = place.await.map_err(unavailable)?;
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(unavailable)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let hashing = tokio::task::spawn_blocking(move || {
            // It goes on where nobody waits any more, and so does its hold on the place.
            let _place = place;
            work(&argon2, password.as_bytes())
        });
        hashing.await.map_err(unavailable)?
    }
}

fn invalid(error: Error) -> IdentityError {
    IdentityError::Invalid(format!("the password's hash: {error}"))
}

fn unavailable(error: impl std::fmt::Display) -> IdentityError {
    IdentityError::Unavailable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_against_its_hash_alone() {
        let passwords = Passwords::default();
        let hash = passwords
            .hash("correct horse".into())
            .await
            .expect("a hash");
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let verify = |password: &str| passwords.verify(password.into(), hash.clone());
        assert_eq!(verify("correct horse").await, Ok(true));
        assert_eq!(verify("correct horse ").await, Ok(false));
        let other = passwords
            .hash("correct horse".into())
            .await
            .expect("a hash");
        assert_ne!(hash, other, "each has a salt of its own");
    }

    #[tokio::test]
    async fn a_hash_that_nobody_waits_for_keeps_its_place_until_it_is_done() {
        let passwords = Passwords::default();
        let (begun, beginning) = std::sync::mpsc::channel();
        let (end, ending) = std::sync::mpsc::channel::<()>();
        let given_up = passwords.run("x".into(), move |_, _| {
            begun.send(()).expect("told");
            ending.recv().expect("the end");
            Ok(())
        });
        let mut given_up = Box::pin(given_up);
        let polled = std::future::poll_fn(|cx| {
            std::task::Poll::Ready(given_up.as_mut().poll(cx).is_pending())
        });
        assert!(polled.await);
        beginning.recv().expect("it has begun");
        drop(given_up);
        assert_eq!(passwords.places.available_permits(), AT_ONCE - 1);
        end.send(()).expect("told");
        let all = passwords.places.acquire_many(AT_ONCE as u32).await;
        drop(all.expect("all places"));
    }

    #[tokio::test]
    async fn what_is_no_hash_or_too_long_is_refused() {
        let passwords = Passwords::default();
        for hash in ["", "plain", "$argon2id$"] {
            assert!(
                passwords.verify("x".into(), hash.into()).await.is_err(),
                "{hash}"
            );
        }
        assert!(passwords.hash("x".repeat(1025)).await.is_err());
    }
}
