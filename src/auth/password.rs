//! Passwords: hashed and checked with Argon2id, off the async threads, a bounded number at a time.

use std::sync::{Arc, Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, PasswordHash, Version, password_hash::phc};
use prometheus_client::{metrics::counter::Counter, registry::Registry};
use tokio::sync::Semaphore;

use crate::{blocking, domain::user::Password};

/// Callers that may wait for their turn, for each that has it; more are turned away.
const WAITING_PER_SLOT: usize = 32;

/// A hash of no password, made with the parameters of [`argon2`]: checking against it takes as long as
/// checking against a user's.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$dGllcnBpeCBkZWNveSBzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The memory of one hashing.
type Memory = Vec<Block>;

/// Hashes and checks passwords. Each takes 19 MiB, which the next one uses again: given back to the C library, it would stay
/// with whichever thread had it, and a storm of logins would fill the machine.
#[derive(Clone)]
pub struct Passwords {
    slots: Arc<Semaphore>,
    memories: Arc<Mutex<Vec<Memory>>>,
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
            memories: Arc::default(),
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
        self.run(move |memory| {
            let (argon2, salt) = (argon2()?, phc::Salt::generate());
            let length = Params::DEFAULT_OUTPUT_LEN;
            let hash = phc::PasswordHash {
                algorithm: Algorithm::Argon2id.ident(),
                version: Some(Version::V0x13.into()),
                params: argon2.params().try_into().map_err(failed)?,
                hash: Some(digest(&argon2, password.as_bytes(), &salt, length, memory)?),
                salt: Some(salt),
            };
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
        self.run(move |memory| {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| DECOY.to_owned());
            let hash = PasswordHash::new(&hash).map_err(failed)?;
            let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else {
                return Err(PasswordError::Failed(
                    "a hash without salt or output".into(),
                ));
            };
            let argon2 = as_hashed(&hash)?;
            let output = digest(&argon2, password.as_bytes(), salt, expected.len(), memory)?;
            // Outputs are compared in constant time.
            Ok(output == *expected && known)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = self
            .waiting
            .try_acquire()
            .map_err(|_| PasswordError::Busy)?;
        let slot = self.slots.clone().acquire_owned().await.map_err(failed)?;
        self.hashings.inc();
        let memories = self.memories.clone();
        blocking::run(move || {
            let free = || memories.lock().unwrap_or_else(PoisonError::into_inner);
            let mut memory = free().pop().unwrap_or_default();
            let result = work(&mut memory);
            free().push(memory);
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

/// The parameters that a password was hashed with.
fn as_hashed(hash: &PasswordHash) -> Result<Argon2<'static>, PasswordError> {
    let algorithm = hash.algorithm.as_str().try_into().map_err(failed)?;
    let version = hash.version.map(Version::try_from).transpose();
    let params = Params::try_from(hash).map_err(failed)?;
    Ok(Argon2::new(
        algorithm,
        version.map_err(failed)?.unwrap_or_default(),
        params,
    ))
}

fn digest(
    argon2: &Argon2,
    password: &[u8],
    salt: &[u8],
    length: usize,
    memory: &mut Memory,
) -> Result<phc::Output, PasswordError> {
    memory.resize(
        memory.len().max(argon2.params().block_count()),
        Block::new(),
    );
    let mut output = [0; phc::Output::MAX_LENGTH];
    let output = output
        .get_mut(..length)
        .ok_or_else(|| failed("an output that is too long"))?;
    argon2
        .hash_password_into_with_memory(password, salt, output, memory)
        .map_err(failed)?;
    phc::Output::new(output).map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> PasswordError {
    PasswordError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use argon2::{PasswordHasher, PasswordVerifier};

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

    #[tokio::test]
    async fn other_implementations_read_our_hashes_and_we_read_theirs() {
        let passwords = Passwords::new(1);
        let ours = passwords
            .hash("correct horse".parse().ok().unwrap())
            .await
            .unwrap();
        let parsed = PasswordHash::new(&ours).unwrap();
        let checked = |password: &str| {
            Argon2::default()
                .verify_password(password.as_bytes(), &parsed)
                .is_ok()
        };
        assert!(checked("correct horse") && !checked("correct house"));
        // As another service may have stored it, with parameters and lengths of its own.
        let params = Params::new(64, 3, 2, Some(16)).unwrap();
        let theirs = Argon2::new(Algorithm::Argon2i, Version::V0x10, params);
        let theirs = theirs
            .hash_password_with_salt(b"correct horse", b"eight by")
            .unwrap();
        for (password, right) in [("correct horse", true), ("correct house", false)] {
            let answer = passwords.verify(password, Some(theirs.to_string())).await;
            assert_eq!(answer.unwrap(), right);
        }
    }

    #[tokio::test]
    async fn memory_is_used_again() {
        let passwords = Passwords::new(1);
        for _ in 0..3 {
            assert!(!passwords.verify("", None).await.unwrap());
        }
        let lengths: Vec<_> = passwords
            .memories
            .lock()
            .unwrap()
            .iter()
            .map(Vec::len)
            .collect();
        assert_eq!(lengths, [19 * 1024]);
    }
}
