//! From a name and a password to a user.

use std::{sync::Arc, time::Duration};

use hmac::{Hmac, KeyInit, Mac};
use moka::future::Cache;
use sha2::Sha256;

use super::{Auth, password::PasswordError, throttle::Network};
use crate::{
    cache::Caches,
    db::{
        DbError,
        listen::TellOfFailedLogin,
        users::{Credentials, FindCredentials},
    },
    domain::user::{User, UserId, Username},
    error::ApiError,
};

/// Why nobody was logged in.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LoginError {
    /// The password is wrong, there is no such user, or the user is inactive: nobody is told which.
    #[error("wrong credentials")]
    Wrong,
    /// Too many failures; the time to wait.
    #[error("too many failed logins")]
    Throttled(Duration),
    /// The password could not be checked.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The database could not be asked.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<LoginError> for ApiError {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Wrong => Self::authentication_failed("Invalid username/password."),
            // Rounded up: who waits as told gets in.
            LoginError::Throttled(wait) => Self::throttled(wait.as_secs() + 1),
            LoginError::Password(error) => error.into(),
            LoginError::Db(error) => error.into(),
        }
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::overloaded(),
            PasswordError::Failed(_) => Self::internal(error),
        }
    }
}

impl Auth {
    /// The active user of this name, if the password is right. Takes the time of one hash whatever is wrong.
    pub async fn log_in(
        &self,
        username: &str,
        password: &str,
        network: Network,
    ) -> Result<User, LoginError> {
        // Whoever varies the spelling of a name tries the same account.
        let username = &Username::as_meant(username);
        let result = self.attempt(username, password, network).await;
        self.logins.count(&result);
        result
    }

    async fn attempt(
        &self,
        username: &str,
        password: &str,
        network: Network,
    ) -> Result<User, LoginError> {
        let attempt = self
            .throttle
            .begin(username, network)
            .map_err(LoginError::Throttled)?;
        let result = self.check(username, password).await;
        match result {
            Err(LoginError::Wrong) => self.tell_of_failure(username, network).await,
            _ => attempt.forgive(),
        }
        result
    }

    /// Lets the other nodes count it too, before the next attempt can reach one of them.
    async fn tell_of_failure(&self, username: &str, network: Network) {
        let notice = self.throttle.notice(username, network);
        if let Err(error) = self.db.run(TellOfFailedLogin(notice)).await {
            tracing::warn!(%error, "cannot tell other nodes of a failed login");
        }
    }

    async fn check(&self, username: &str, password: &str) -> Result<User, LoginError> {
        let credentials = match username.parse::<Username>() {
            Ok(username) => self.db.run(FindCredentials(username)).await?,
            Err(_) => None,
        };
        let (user, hash) = match credentials {
            Some(Credentials {
                user,
                password_hash,
            }) => (Some(user), Some(password_hash)),
            None => (None, None),
        };
        let right = self.passwords.verify(password, hash).await?;
        user.filter(|user| right && user.is_active)
            .ok_or(LoginError::Wrong)
    }

    /// As [`Auth::log_in`], but a right password that was seen in the last minutes is not hashed again.
    pub async fn log_in_again(
        &self,
        caches: &Caches,
        username: &str,
        password: &str,
        network: Network,
    ) -> Result<Arc<User>, LoginError> {
        let username = &Username::as_meant(username);
        // Before the memory is asked: else a closed account could be tried on without end.
        if let Some(wait) = self.throttle.closed_for(username, network) {
            return Err(LoginError::Throttled(wait));
        }
        let digest = self.seen.digest(username, password);
        for _ in 0..2 {
            let seen = self
                .seen
                .proofs
                .try_get_with(digest, async {
                    let user = self.log_in(username, password, network).await?;
                    Ok(SeenPassword {
                        user: user.id,
                        credentials_version: user.credentials_version,
                    })
                })
                .await
                .map_err(|error: Arc<LoginError>| LoginError::clone(&error))?;
            match caches.user(seen.user).await? {
                Some(user)
                    if user.is_active && user.credentials_version == seen.credentials_version =>
                {
                    return Ok(user);
                }
                // Seen under an earlier number: forget it and look once more.
                _ => self.seen.proofs.invalidate(&digest).await,
            }
        }
        Err(LoginError::Wrong)
    }
}

/// Passwords that were right a moment ago, by a digest under a key that this process alone has.
pub(super) struct SeenPasswords {
    key: [u8; 32],
    proofs: Cache<[u8; 32], SeenPassword>,
}

#[derive(Clone, Copy)]
struct SeenPassword {
    user: UserId,
    credentials_version: i64,
}

impl SeenPasswords {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self {
            key,
            proofs: Cache::builder()
                .max_capacity(10_000)
                .time_to_live(Duration::from_secs(5 * 60))
                .build(),
        }
    }

    fn digest(&self, username: &str, password: &str) -> [u8; 32] {
        #[expect(
            clippy::expect_used,
            reason = "HMAC takes a key of any length (RFC 2104, section 2)"
        )]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes any key");
        mac.update(&(username.len() as u64).to_be_bytes());
        mac.update(username.as_bytes());
        mac.update(password.as_bytes());
        mac.finalize().into_bytes().into()
    }
}
