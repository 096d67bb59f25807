//! API tokens: a random key that is shown once, its digest in the database.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::{
    actors::Db,
    cache::Caches,
    db::{
        DbError,
        api_tokens::{TokenDigest, TouchToken},
    },
    domain::{token::Scopes, user::User},
};

/// How old the noted last use may grow before it is noted again: a write now and then, not one a request.
const TOUCH_AFTER: Duration = Duration::minutes(10);

/// What stands before the random part, so that a key that got lost is recognised for what it is.
const PREFIX: &str = "tpx_";

/// A token's key: 256 random bits.
pub struct TokenKey(String);

impl TokenKey {
    /// A new key.
    pub fn random() -> Self {
        let random = BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        Self(format!("{PREFIX}{random}"))
    }

    /// The text that is shown once.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn digest(&self) -> TokenDigest {
        digest(&self.0)
    }
}

fn digest(key: &str) -> TokenDigest {
    Sha256::digest(key).into()
}

/// Whom a token speaks for, and what it is good for.
pub(super) struct LiveToken {
    pub user: Arc<User>,
    pub scopes: Scopes,
}

/// The token of this key, if it is alive and its user active.
pub(super) async fn find(
    db: &Db,
    caches: &Caches,
    key: &str,
) -> Result<Option<LiveToken>, DbError> {
    let digest = digest(key);
    let Some(token) = caches.token(digest).await? else {
        return Ok(None);
    };
    let now = OffsetDateTime::now_utc();
    if token.expires_at.is_some_and(|end| end <= now) {
        return Ok(None);
    }
    let user = caches.user(token.user).await?.filter(|user| user.is_active);
    if token
        .last_used_at
        .is_none_or(|last| now - last > TOUCH_AFTER)
    {
        db.run(TouchToken(token.id)).await?;
        caches.forget_token(&digest).await;
    }
    Ok(user.map(|user| LiveToken {
        user,
        scopes: token.scopes.clone(),
    }))
}
