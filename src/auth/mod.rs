//! Who is asking.
//!
//! [`identify::require_user`] stands in front of every API path and settles that before anything else. It
//! tries HTTP Basic, an API token and the session cookie, in this order.

pub mod basic;
pub mod cookie;
pub mod csrf;
pub mod identify;
mod login;
pub mod password;
pub mod session;
mod throttle;
pub mod token;

use std::sync::Arc;

use prometheus_client::registry::Registry;
use rand::random;

pub use identify::{CurrentUser, Proof, Staff};
pub use login::LoginError;
pub use throttle::{Network, Throttle};

use crate::{actors::Db, cache::Caches, domain::user::Password, metrics::Logins};
use password::Passwords;

/// What is needed to tell who is asking.
pub struct Auth {
    db: Db,
    passwords: Passwords,
    throttle: Arc<Throttle>,
    seen: login::SeenPasswords,
    logins: Logins,
}

impl Auth {
    /// Nothing seen yet. At most `hashes` passwords are hashed at a time.
    pub fn new(db: Db, throttle: Arc<Throttle>, hashes: usize) -> Self {
        Self {
            db,
            passwords: Passwords::new(hashes),
            throttle,
            seen: login::SeenPasswords::new(random()),
            logins: Logins::default(),
        }
    }

    /// Adds what logins and password hashing are counted by.
    pub fn register(&self, registry: &mut Registry) {
        self.logins.register(registry);
        self.passwords.register(registry);
    }

    /// The PHC string to store for a new password.
    pub async fn hash(&self, password: Password) -> Result<String, password::PasswordError> {
        self.passwords.hash(password).await
    }

    /// Begins a session for a user who has just proven who it is.
    pub async fn begin_session(
        &self,
        user: &crate::domain::user::User,
    ) -> Result<session::SessionId, crate::db::DbError> {
        session::begin(&self.db, user).await
    }

    /// Ends a session, on every node.
    pub async fn end_session(
        &self,
        caches: &Caches,
        id: &session::SessionId,
    ) -> Result<(), crate::db::DbError> {
        session::end(&self.db, caches, id).await
    }
}
