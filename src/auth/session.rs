//! Sessions: a random id in a cookie, its digest in the database.

use std::sync::Arc;

use actix_web::{HttpRequest, cookie::Cookie};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use super::cookie::{self, CookieScope};
use crate::{
    actors::Db,
    cache::Caches,
    db::{
        DbError,
        sessions::{DeleteSession, InsertSession, Session, SessionDigest, TouchSession},
    },
    domain::user::User,
};

/// The cookie's name. Over https it has the prefix by which a browser takes it from this very host over https only
/// (draft-ietf-httpbis-rfc6265bis, section 4.1.3): no neighbouring host can put its own session in its place. Below a path
/// the prefix can promise no more than https.
fn cookie_name(scope: &CookieScope) -> &'static str {
    match (scope.secure, scope.below.is_empty()) {
        (true, true) => "__Host-sessionid",
        (true, false) => "__Secure-sessionid",
        (false, _) => "sessionid",
    }
}

/// A session ends this long after its last use. `sql/queries/sessions/insert.sql` sweeps by the same times.
const IDLE: Duration = Duration::days(14);
/// A session ends this long after the login, however much it is used.
const LIFETIME: Duration = Duration::days(90);
/// How old the noted last use may grow before it is noted again: a write now and then, not one a request.
const TOUCH_AFTER: Duration = Duration::hours(1);

/// The secret in the cookie: 256 random bits.
pub struct SessionId(String);

impl SessionId {
    fn random() -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
    }

    /// What a client sent as its cookie.
    pub fn sent_by(request: &HttpRequest, scope: &CookieScope) -> Option<Self> {
        cookie::value(request.headers(), cookie_name(scope)).map(Self)
    }

    fn digest(&self) -> SessionDigest {
        Sha256::digest(&self.0).into()
    }

    /// The cookie that a client is to keep for a session of this age.
    pub fn cookie(&self, age: Duration, scope: &CookieScope) -> Cookie<'static> {
        let left = IDLE.min(LIFETIME - age);
        scope.cookie(cookie_name(scope), self.0.clone(), "", left)
    }

    /// The cookie that makes a client forget its session.
    pub fn removal(scope: &CookieScope) -> Cookie<'static> {
        scope.cookie(cookie_name(scope), String::new(), "", Duration::ZERO)
    }
}

/// A session that is alive.
pub struct LiveSession {
    /// Whose it is.
    pub user: Arc<User>,
    /// Its age, if its last use has just been noted and the client's cookie is to be renewed.
    pub renewed: Option<Duration>,
}

pub(super) async fn begin(db: &Db, user: &User) -> Result<SessionId, DbError> {
    let id = SessionId::random();
    db.run(InsertSession {
        digest: id.digest(),
        user: user.id,
        credentials_version: user.credentials_version,
    })
    .await?;
    Ok(id)
}

pub(super) async fn end(db: &Db, caches: &Caches, id: &SessionId) -> Result<(), DbError> {
    let digest = id.digest();
    db.run(DeleteSession(digest)).await?;
    caches.forget_session(&digest).await;
    Ok(())
}

/// The session of this id, if it is alive and its user active.
pub(super) async fn resume(
    db: &Db,
    caches: &Caches,
    id: &SessionId,
) -> Result<Option<LiveSession>, DbError> {
    let digest = id.digest();
    let Some(session) = caches.session(digest).await? else {
        return Ok(None);
    };
    let now = OffsetDateTime::now_utc();
    if has_ended(&session, now) {
        return Ok(None);
    }
    let Some(user) = caches.user(session.user).await? else {
        return Ok(None);
    };
    if !user.is_active || user.credentials_version != session.credentials_version {
        return Ok(None);
    }
    let renewed = if now - session.last_used_at > TOUCH_AFTER {
        db.run(TouchSession(digest)).await?;
        caches.forget_session(&digest).await;
        Some(now - session.created_at)
    } else {
        None
    };
    Ok(Some(LiveSession { user, renewed }))
}

fn has_ended(session: &Session, now: OffsetDateTime) -> bool {
    now - session.last_used_at >= IDLE || now - session.created_at >= LIFETIME
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::user::UserId;

    #[test]
    fn a_session_ends_14_days_after_its_last_use_and_90_after_login() {
        let login = OffsetDateTime::UNIX_EPOCH;
        let session = |used: Duration| Session {
            user: UserId(1),
            credentials_version: 1,
            created_at: login,
            last_used_at: login + used,
        };
        let ended = |used, at| has_ended(&session(used), login + at);
        assert!(!ended(
            Duration::ZERO,
            Duration::days(14) - Duration::SECOND
        ));
        assert!(ended(Duration::ZERO, Duration::days(14)));
        assert!(!ended(
            Duration::days(80),
            Duration::days(90) - Duration::SECOND
        ));
        assert!(ended(Duration::days(89), Duration::days(90)));
    }

    #[test]
    fn a_cookie_never_outlives_its_session() {
        let scope = CookieScope {
            secure: true,
            below: String::new(),
        };
        let age = |age| SessionId::random().cookie(age, &scope).max_age();
        assert_eq!(age(Duration::ZERO), Some(IDLE));
        assert_eq!(age(Duration::days(89)), Some(Duration::DAY));
    }

    #[test]
    fn two_sessions_never_share_an_id() {
        assert_ne!(SessionId::random().digest(), SessionId::random().digest());
    }
}
