//! Passwords: hashed and checked with Argon2id, off the async threads, a bounded number at a time.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::phc,
};
use prometheus_client::{metrics::counter::Counter, registry::Registry};
use tokio::sync::Semaphore;

use crate::domain::user::Password;

/// Callers that may wait for their turn, for each that has it; more are turned away.
const WAITING_PER_SLOT: usize = 32;

/// A hash of no password, made with the parameters of [`argon2`]: checking against it takes as long as
/// checking against a user's.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$dGllcnBpeCBkZWNveSBzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and checks passwords. Each takes 19 MiB for its time.
#[derive(Clone)]
pub struct Passwords {
    slots: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    hashings: Counter,
}

/// Why a password was neither accepted nor refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PasswordError {
    /// Too many passwords wait to be checked.
    #[error("too many passwords wait to be checked")]
    Busy,
    /// The stored hash cannot be read, or hashing failed.
    #[error("password hashing failed: {0}")]
    Failed(String),
}

impl Passwords {
    /// At most `slots` at a time.
    pub fn new(slots: usize) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(slots)),
            waiting: Arc::new(Semaphore::new(slots * WAITING_PER_SLOT)),
            hashings: Counter::default(),
        }
    }

    /// Adds what hashing is counted by.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "password_hashings",
            "Runs of Argon2id, 19 MiB each",
            self.hashings.clone(),
        );
    }

    /// The PHC string to store for a new password.
    pub async fn hash(&self, password: Password) -> Result<String, PasswordError> {
        self.run(move || {
            let hash: phc::PasswordHash = argon2()?
                .hash_password(password.as_bytes())
                .map_err(failed)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether the password is the one that was hashed. Without a hash the answer is no, after the same time.
    pub async fn verify(
        &self,
        password: &str,
        hash: Option<String>,
    ) -> Result<bool, PasswordError> {
        let password = password.to_owned();
        self.run(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| DECOY.to_owned());
            let hash = PasswordHash::new(&hash).map_err(failed)?;
            let right = argon2()?
                .verify_password(password.as_bytes(), &hash)
                .is_ok();
            Ok(right && known)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = self
            .waiting
            .try_acquire()
            .map_err(|_| PasswordError::Busy)?;
        let slot = self.slots.clone().acquire_owned().await.map_err(failed)?;
        self.hashings.inc();
        tokio::task::spawn_blocking(move || {
            let result = work();
            // Here, so that a caller who has gone does not free the slot while the work goes on.
            drop(slot);
            result
        })
        .await
        .map_err(failed)?
    }
}

/// OWASP's first choice for Argon2id: 19 MiB, two passes, one lane.
fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(error: impl std::fmt::Display) -> PasswordError {
    PasswordError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_its_own_and_no_other() {
        let passwords = Passwords::new(1);
        let hash = passwords
            .hash("correct horse".parse().ok().unwrap())
            .await
            .unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(
            passwords
                .verify("correct horse", Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!passwords.verify("correct house", Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn without_a_hash_no_password_is_right() {
        assert!(!Passwords::new(1).verify("", None).await.unwrap());
    }

    #[test]
    fn the_decoy_costs_what_a_users_hash_costs() {
        let decoy = PasswordHash::new(DECOY).unwrap();
        assert_eq!(Params::try_from(&decoy).unwrap().m_cost(), 19 * 1024);
        assert_eq!(Params::try_from(&decoy).unwrap().t_cost(), 2);
    }
}
