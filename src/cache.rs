//! What is remembered of the database, so that most requests need not ask it.
//!
//! Every node hears from the database what changed (see [`crate::db::listen`]) and drops just that. While it
//! hears nothing, it asks the database each time. Only when that does not answer, pictures and links that were known go
//! on for some minutes; who is asking is never taken from memory then.

mod pictures;
mod read_through;

use std::sync::Arc;

use prometheus_client::{
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};
use uuid::Uuid;

use self::{
    pictures::Pictures,
    read_through::{Hearing, Lookup, ReadThrough},
};
use crate::{
    actors::Db,
    db::{
        DbError,
        api_tokens::{ApiToken, FindToken, TokenDigest},
        images::{GetImage, Image},
        links::{GetLink, Link},
        listen::Notice,
        sessions::{GetSession, Session, SessionDigest},
        tiers::GetTier,
        users::GetUser,
    },
    domain::{
        image::ImageId,
        link::LinkId,
        tier::{Tier, TierId},
        user::{User, UserId},
    },
};

/// The caches in front of the `DbActor`.
pub struct Caches {
    db: Db,
    tiers: ReadThrough<TierId, Tier>,
    users: ReadThrough<UserId, User>,
    sessions: ReadThrough<SessionDigest, Session>,
    images: ReadThrough<ImageId, Image>,
    links: ReadThrough<LinkId, Link>,
    tokens: ReadThrough<TokenDigest, ApiToken>,
    /// Small pictures in memory.
    pub pictures: Pictures,
    lookups: Family<Lookup, Counter>,
}

impl Caches {
    /// Empty caches, which remember nothing of the database until [`Notice::Listening`]; pictures up to so many bytes.
    pub fn new(db: Db, picture_bytes: u64) -> Self {
        let lookups = Family::default();
        Self {
            db,
            tiers: ReadThrough::new("tiers", 1_000, &lookups).outliving_outages(),
            users: ReadThrough::new("users", 20_000, &lookups).outliving_outages(),
            sessions: ReadThrough::new("sessions", 20_000, &lookups),
            images: ReadThrough::new("images", 50_000, &lookups).outliving_outages(),
            links: ReadThrough::new("links", 20_000, &lookups).outliving_outages(),
            tokens: ReadThrough::new("tokens", 20_000, &lookups),
            pictures: Pictures::new(picture_bytes, &lookups),
            lookups,
        }
    }

    /// Adds what lookups are counted by.
    pub fn register(&self, registry: &mut Registry) {
        let help = "Lookups in the caches in front of the database";
        registry.register("cache_lookups", help, self.lookups.clone());
    }

    /// The tier of this id.
    pub async fn tier(&self, id: TierId) -> Result<Option<Arc<Tier>>, DbError> {
        self.tiers.get(id, self.db.run(GetTier(id))).await
    }

    /// The user of this id.
    pub async fn user(&self, id: UserId) -> Result<Option<Arc<User>>, DbError> {
        self.users.get(id, self.db.run(GetUser(id))).await
    }

    /// The session of this digest.
    pub async fn session(&self, digest: SessionDigest) -> Result<Option<Arc<Session>>, DbError> {
        self.sessions
            .get(digest, self.db.run(GetSession(digest)))
            .await
    }

    /// The image of this id.
    pub async fn image(&self, id: ImageId) -> Result<Option<Arc<Image>>, DbError> {
        self.images.get(id, self.db.run(GetImage(id))).await
    }

    /// Whether the image of this id is remembered.
    pub fn has_image(&self, id: ImageId) -> bool {
        self.images.has(&id)
    }

    /// The link of this id.
    pub async fn link(&self, id: LinkId) -> Result<Option<Arc<Link>>, DbError> {
        self.links.get(id, self.db.run(GetLink(id))).await
    }

    /// The API token of this digest.
    pub async fn token(&self, digest: TokenDigest) -> Result<Option<Arc<ApiToken>>, DbError> {
        self.tokens
            .get(digest, self.db.run(FindToken(digest)))
            .await
    }

    /// Forgets a tier, without waiting for the notice.
    pub async fn forget_tier(&self, id: TierId) {
        self.tiers.forget(&id).await;
    }

    /// Forgets a user, without waiting for the notice.
    pub async fn forget_user(&self, id: UserId) {
        self.users.forget(&id).await;
    }

    /// Forgets a token, without waiting for the notice.
    pub async fn forget_token(&self, digest: &TokenDigest) {
        self.tokens.forget(digest).await;
    }

    /// Forgets a link, without waiting for the notice.
    pub async fn forget_link(&self, id: LinkId) {
        self.links.forget(&id).await;
    }

    /// Forgets a session, without waiting for the notice.
    pub async fn forget_session(&self, digest: &SessionDigest) {
        self.sessions.forget(digest).await;
    }

    /// Forgets an image, without waiting for the notice.
    pub async fn forget_image(&self, id: ImageId) {
        self.images.forget(&id).await;
    }

    /// Follows what the database tells.
    pub async fn hear(&self, notice: &Notice) {
        match notice {
            Notice::Listening => self.set(Hearing::Yes),
            Notice::Lost => self.set(Hearing::No),
            Notice::Unreachable => self.set(Hearing::Unreachable),
            Notice::Changed { kind, id } => {
                if self.forget(kind, id).await.is_none() {
                    tracing::debug!(kind, id, "a notice that no cache is for");
                }
            }
        }
    }

    fn set(&self, hearing: Hearing) {
        self.tiers.set(hearing);
        self.users.set(hearing);
        self.sessions.set(hearing);
        self.images.set(hearing);
        self.links.set(hearing);
        self.tokens.set(hearing);
    }

    async fn forget(&self, kind: &str, id: &str) -> Option<()> {
        match kind {
            "tier" => self.tiers.forget(&TierId(id.parse().ok()?)).await,
            "user" => self.users.forget(&UserId(id.parse().ok()?)).await,
            "session" => self.sessions.forget(&digest(id)?).await,
            "token" => self.tokens.forget(&digest(id)?).await,
            "image" => {
                self.images
                    .forget(&ImageId(Uuid::try_parse(id).ok()?))
                    .await
            }
            "link" => self.links.forget(&LinkId(Uuid::try_parse(id).ok()?)).await,
            _ => return None,
        }
        Some(())
    }
}

/// Reads `bytea` as PostgreSQL writes it: `\x` and hexadecimal digits.
fn digest(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix("\\x")?;
    let mut digest = [0; 32];
    if digits.len() != 2 * digest.len() {
        return None;
    }
    for (index, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_digest_is_read_as_postgresql_writes_bytea() {
        let text = format!("\\x{}", "0f".repeat(32));
        assert_eq!(digest(&text), Some([0x0F; 32]));
        assert_eq!(digest("\\x0f"), None);
        assert_eq!(digest(&"0f".repeat(33)), None);
    }
}
